#include "config/describe.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/alteration.h"
#include "config/layers.h"
#include "config/node_alteration.h"
#include "config/node_config.h"
#include "config/quota_rules.h"
#include "config/topic_rules.h"

namespace ottla::config {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

struct Node {
  NodeLayers layers{.fixed = {{"process.roles", "broker,controller"},
                              {"node.id", "1"},
                              {"controller.quorum.voters", "1@localhost:9093"},
                              {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
                              {"controller.listener.names", "CONTROLLER"}},
                    .cluster = {},
                    .broker = {}};

  NodeConfig config() const {
    std::vector<Problem> problems;
    return NodeConfig::read(layers.effective(), problems);
  }
  Described key(std::string_view name) const {
    const auto all = describe_node(layers, config());
    return *std::ranges::find(all, name, &Described::name);
  }
  Described topic_key(const Texts& own, std::string_view name) const {
    const auto all = describe_topic(own, layers, config());
    return *std::ranges::find(all, name, &Described::name);
  }
  std::string alter(Level level, const Texts& altered) const {
    const auto checked = check_node_alteration(layers, level, altered);
    return checked.ok() ? "" : std::string(checked.error().text());
  }
};

std::vector<std::string> shown(const std::vector<DescribedSynonym>& synonyms) {
  std::vector<std::string> all;
  for (const DescribedSynonym& each : synonyms) {
    all.push_back(each.name + "=" + each.value.value_or("?") + "@" +
                  std::to_string(static_cast<int>(each.source)));
  }
  return all;
}

TEST(Descriptions, ListTheStrongestSourceFirst) {
  Node node;
  node.layers.fixed["compression.type"] = "gzip";
  node.layers.cluster["compression.type"] = "lz4";
  node.layers.broker["compression.type"] = "zstd";
  const Described entry = node.key("compression.type");
  EXPECT_EQ(entry.value, "zstd");
  EXPECT_EQ(entry.source, Source::dynamic_broker);
  EXPECT_FALSE(entry.read_only);
  EXPECT_THAT(shown(entry.synonyms), ElementsAre("compression.type=zstd@2", "compression.type=lz4@3",
                                                 "compression.type=gzip@4", "compression.type=producer@5"));
}

TEST(Descriptions, OfATopicFallBackOnTheNode) {
  Node node;
  node.layers.fixed["log.retention.minutes"] = "5";
  EXPECT_EQ(node.topic_key({}, "retention.ms").value, "300000");
  EXPECT_EQ(node.topic_key({{"retention.ms", "7"}}, "retention.ms").source, Source::topic);
  EXPECT_THAT(node.topic_key({}, "flush.ms").synonyms, IsEmpty());
}

TEST(Descriptions, HideSecretsAndStrangers) {
  Node node;
  node.layers.fixed["ssl.key.password"] = "secret";
  node.layers.fixed["my.own"] = "secret";
  for (const std::string_view name : {"ssl.key.password", "my.own"}) {
    const Described entry = node.key(name);
    EXPECT_TRUE(entry.sensitive);
    EXPECT_EQ(entry.value, std::nullopt);
    for (const DescribedSynonym& each : entry.synonyms) EXPECT_EQ(each.value, std::nullopt);
  }
}

TEST(Descriptions, LeaveInternalKeysOutUntilSomebodySetsThem) {
  Node node;
  const auto names = [&] {
    std::vector<std::string> all;
    for (const Described& each : describe_node(node.layers, node.config())) all.push_back(each.name);
    return all;
  };
  EXPECT_THAT(names(), testing::Not(testing::Contains("log.initial.task.delay.ms")));
  node.layers.fixed["log.initial.task.delay.ms"] = "1";
  EXPECT_THAT(names(), testing::Contains("log.initial.task.delay.ms"));
}

TEST(Layers, LetAnAlteredKeyOutweighItsSynonymsBelow) {
  Node node;
  node.layers.fixed["log.retention.minutes"] = "5";
  node.layers.broker["log.retention.ms"] = "9";
  EXPECT_THAT(node.layers.effective(),
              testing::Not(testing::Contains(testing::Key("log.retention.minutes"))));
}

TEST(NodeAlterations, AreRefusedForWhatIsFixed) {
  const Node node;
  EXPECT_EQ(node.alter(Level::broker, {{"broker.rack", "a"}}),
            "Cannot update these configs dynamically: [broker.rack]");
  EXPECT_THAT(node.alter(Level::broker, {{"ssl.keystore.type", "PEM"}}), HasSubstr("only per-listener"));
  EXPECT_THAT(node.alter(Level::cluster, {{"ssl.protocol", "TLSv1.3"}}),
              HasSubstr("broker id must be specified"));
  EXPECT_THAT(node.alter(Level::broker, {{"compression.type", "x"}}), HasSubstr("String must be one of"));
  EXPECT_THAT(node.alter(Level::broker, {{"log.roll.ms", "0"}}),
              HasSubstr("requirement failed: log.roll.ms"));
}

TEST(NodeAlterations, GoInSteps) {
  const Node node;
  EXPECT_EQ(node.alter(Level::broker, {{"num.io.threads", "16"}}), "");
  EXPECT_THAT(node.alter(Level::broker, {{"num.io.threads", "17"}}), HasSubstr("double the current value 8"));
  EXPECT_EQ(node.alter(Level::broker, {{"unknown.key", "x"}}), "");
}

TEST(Alterations, ChangeLists) {
  const auto after = [](Operation operation, std::string value, std::optional<std::string_view> now) {
    const auto text = altered(
        Scope::topic, {.key = "cleanup.policy", .operation = operation, .value = std::move(value)}, now);
    return text.ok() ? text->value_or("gone") : std::string(text.error().text());
  };
  EXPECT_EQ(after(Operation::append, "compact,delete", std::nullopt), "delete,compact");
  EXPECT_EQ(after(Operation::subtract, "delete", "delete,compact"), "compact");
  EXPECT_EQ(after(Operation::subtract, "x", "compact"), "compact");
  EXPECT_EQ(after(Operation::remove, "", "compact"), "gone");
}

constexpr std::string_view kMoreProtocols =
    "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,EXTRA:PLAINTEXT,NEW:PLAINTEXT";

TEST(Alterations, OfListenersLeaveWhatOthersWereToldOf) {
  Node node;
  node.layers.fixed["listener.security.protocol.map"] = kMoreProtocols;
  const auto alter = [&](std::string listeners) {
    return node.alter(Level::broker, {{"listeners", listeners}});
  };
  EXPECT_EQ(alter("PLAINTEXT://:9092,CONTROLLER://:9093,NEW://:9094"), "");
  EXPECT_THAT(alter("NEW://:9092,CONTROLLER://:9093"),
              HasSubstr("inter.broker.listener.name must be a listener name"));
  node.layers.fixed["listeners"] = "PLAINTEXT://:9092,CONTROLLER://:9093,EXTRA://:9094";
  EXPECT_EQ(alter("PLAINTEXT://:9092,CONTROLLER://:9093"),
            "Invalid value org.apache.kafka.common.config.ConfigException: Advertised listeners "
            "'Set(ListenerName(PLAINTEXT), ListenerName(EXTRA))' must be a subset of listeners "
            "'Set(ListenerName(PLAINTEXT), ListenerName(CONTROLLER))' for configuration Invalid dynamic "
            "configuration");
  node.layers.fixed["advertised.listeners"] = "PLAINTEXT://h:9092";
  EXPECT_EQ(alter("PLAINTEXT://:9092,CONTROLLER://:9093"), "");
}

TEST(Alterations, OfListenersLeaveTheKeysOfThoseThatStay) {
  Node node;
  node.layers.fixed["listener.security.protocol.map"] = kMoreProtocols;
  const std::string more = "PLAINTEXT://:9092,CONTROLLER://:9093,NEW://:9094";
  EXPECT_THAT(
      node.alter(Level::broker, {{"listeners", more}, {"listener.name.plaintext.foo", "1"}}),
      HasSubstr("Configs cannot be updated dynamically for existing listener ListenerName(PLAINTEXT)"));
  EXPECT_EQ(
      node.alter(Level::broker, {{"listeners", more}, {"listener.name.plaintext.max.connections", "1"}}), "");
  EXPECT_EQ(node.alter(Level::broker, {{"listeners", more}, {"listener.name.new.foo", "1"}}), "");
  EXPECT_EQ(node.alter(Level::broker, {{"listener.name.plaintext.foo", "1"}}), "");
}

TEST(Alterations, OfOtherKeysAreWhole) {
  const auto text =
      altered(Scope::topic, {.key = "retention.ms", .operation = Operation::append, .value = "1"}, {});
  EXPECT_EQ(text.error().text(), "Can't APPEND to key retention.ms because its type is not LIST.");
  const auto large = altered(Scope::topic, {.key = "x", .value = std::string(32768, 'x')}, {});
  EXPECT_THAT(std::string(large.error().text()), HasSubstr("32767 bytes"));
}

TEST(TopicRules, KnowNamesAndBounds) {
  const NodeConfig config = Node().config();
  EXPECT_TRUE(check_topic({}, {{"retention.ms", "1"}}, config).ok());
  EXPECT_EQ(check_topic({}, {{"x", "1"}}, config).error().text(), "Unknown topic config name: x");
  EXPECT_THAT(std::string(check_topic({}, {{"remote.storage.enable", "true"}}, config).error().text()),
              HasSubstr("Tiered Storage functionality is disabled"));
}

TEST(GroupRules, StayWithinWhatTheNodeAllows) {
  const NodeConfig config = Node().config();
  EXPECT_TRUE(check_group({{"consumer.session.timeout.ms", "45000"}}, config).ok());
  EXPECT_EQ(check_group({{"consumer.session.timeout.ms", "1"}}, config).error().text(),
            "consumer.session.timeout.ms must be in the range 45000 to 60000 inclusive.");
}

TEST(QuotaRules, WantNumbersThatFit) {
  EXPECT_TRUE(check_quota(Scope::client_quota, "request_percentage", 5.5).ok());
  EXPECT_EQ(check_quota(Scope::client_quota, "producer_byte_rate", 5.5).error().text(),
            "producer_byte_rate cannot be a fractional value.");
  EXPECT_FALSE(check_quota(Scope::ip_quota, "connection_creation_rate", 3e9).ok());
  EXPECT_FALSE(check_quota(Scope::ip_quota, "producer_byte_rate", 1).ok());
}

TEST(ClientMetricsRules, WantNamesThatExist) {
  EXPECT_TRUE(check_client_metrics({{"match", "client_id=a.*"}, {"interval.ms", "100"}}).ok());
  EXPECT_FALSE(check_client_metrics({{"match", "colour=a"}}).ok());
  EXPECT_FALSE(check_client_metrics({{"interval.ms", "99"}}).ok());
}

}  // namespace
}  // namespace ottla::config
