#include "config/node_rules.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "config/node_config.h"
#include "config/node_key.h"
#include "config/node_shape.h"

namespace ottla::config {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

Texts combined(Texts changes = {}) {
  Texts texts = {{"process.roles", "broker,controller"},
                 {"node.id", "1"},
                 {"controller.quorum.voters", "1@localhost:9093"},
                 {"listeners", "PLAINTEXT://:9092,CONTROLLER://:9093"},
                 {"controller.listener.names", "CONTROLLER"}};
  for (auto& [key, text] : changes) texts.insert_or_assign(key, text);
  return texts;
}

// The names of the rules that these texts break; texts that cannot be read show as their messages.
std::vector<std::string> broken(const Texts& texts) {
  std::vector<Problem> problems;
  const NodeConfig config = NodeConfig::read(texts, problems);
  const NodeShape shape = NodeShape::of(config, problems);
  std::vector<std::string> found;
  for (const Problem& each : problems) found.push_back(each.text);
  for (const Broken& each : broken_rules(config, shape)) found.emplace_back(each.rule);
  return found;
}

TEST(NodeRules, HoldForAUsualNode) {
  EXPECT_THAT(broken(combined()), IsEmpty());
}

TEST(NodeRules, AreAllToldAtOnce) {
  EXPECT_THAT(broken(combined({{"broker.id", "2"}, {"log.roll.ms", "0"}, {"queued.max.request.bytes", "5"}})),
              ElementsAre("one-node-id", "roll-time", "queue-holds-a-request"));
}

TEST(NodeRules, KnowWhatABrokerAloneMayNot) {
  EXPECT_THAT(broken(combined({{"process.roles", "broker"}})),
              ElementsAre("broker-is-no-voter", "broker-opens-no-controller-listener"));
}

TEST(NodeRules, KnowWhatAControllerAloneMayNot) {
  EXPECT_THAT(broken(combined({{"process.roles", "controller"}, {"node.id", "7"}})),
              ElementsAre("controller-opens-nothing-else", "controller-is-voter"));
}

TEST(NodeRules, AboutListenersWaitUntilTheyCanBeRead) {
  EXPECT_THAT(broken(combined({{"listeners", "PLAINTEXT//:9092"}})),
              ElementsAre(HasSubstr("Unable to parse PLAINTEXT//:9092 to a broker endpoint")));
}

TEST(NodeRules, WantAdvertisedListenersThatExistAndCanBeReached) {
  EXPECT_THAT(broken(combined({{"advertised.listeners", "SSL://h:1"}})),
              ElementsAre("inter-broker-is-advertised", "advertised-are-listeners"));
  EXPECT_THAT(broken(combined({{"listeners", "PLAINTEXT://0.0.0.0:9092,CONTROLLER://:9093"}})),
              ElementsAre("advertised-are-routable"));
}

TEST(NodeShapes, GiveControllersPlaintextWhenNobodySaysOtherwise) {
  std::vector<Problem> problems;
  const NodeShape shape = NodeShape::of(NodeConfig::read(combined(), problems), problems);
  ASSERT_TRUE(shape.complete);
  EXPECT_TRUE(shape.combined());
  EXPECT_EQ(shape.controller_listeners().size(), 1);
  EXPECT_EQ(shape.advertised_to_clients().front().port, 9092);
  EXPECT_EQ(shape.inter_broker_listener, "PLAINTEXT");
}

TEST(NodeConfigs, GiveValuesByTheirTypes) {
  std::vector<Problem> problems;
  const NodeConfig config = NodeConfig::read(combined({{"num.partitions", " 3 "}, {"x", "y"}}), problems);
  EXPECT_EQ(config.get(node_key<"num.partitions">), 3);
  EXPECT_EQ(config.get(node_key<"broker.id">), 1);
  EXPECT_EQ(config.get(node_key<"log.retention.ms">), std::nullopt);
  EXPECT_EQ(log_retention_ms(config), 168 * 3'600'000);
  EXPECT_TRUE(config.is_set("x"));
}

TEST(NodeConfigs, NameEveryWrongKeyAndGoOnWithDefaults) {
  std::vector<Problem> problems;
  const NodeConfig config =
      NodeConfig::read({{"num.partitions", "x"}, {"compression.type", "y"}, {"node.id", "1"}}, problems);
  std::vector<std::string> keys;
  for (const Problem& each : problems) keys.push_back(each.key);
  EXPECT_THAT(keys, testing::UnorderedElementsAre("num.partitions", "compression.type", "process.roles",
                                                  "controller.listener.names"));
  EXPECT_EQ(config.get(node_key<"num.partitions">), 1);
}

TEST(Doubts, AreToldWithoutRefusing) {
  std::vector<Problem> problems;
  const NodeConfig config = NodeConfig::read(combined({{"broker.heartbeat.interval.ms", "8000"}}), problems);
  EXPECT_THAT(doubts(config, NodeShape::of(config, problems)), Contains(HasSubstr("one lost heartbeat")));
}

TEST(Listeners, ShareAPortOnlyAcrossFamilies) {
  const ProtocolMap protocols = {{"A", SecurityProtocol::plaintext}, {"B", SecurityProtocol::plaintext}};
  const auto fine = [&](const List& entries) {
    return parse_endpoints(entries, protocols, Ports::differ).ok();
  };
  EXPECT_TRUE(fine({"A://127.0.0.1:1", "B://[::1]:1"}));
  EXPECT_TRUE(fine({"A://:0", "B://:0"}));
  EXPECT_FALSE(fine({"A://127.0.0.1:1", "B://127.0.0.2:1"}));
  EXPECT_FALSE(fine({"A://host:1", "B://[::1]:1"}));
  EXPECT_FALSE(fine({"A://127.0.0.1:1", "A://[::1]:2"}));
}

TEST(Listeners, AreReadWithTheirParts) {
  const ProtocolMap protocols = {{"MY-NAME", SecurityProtocol::sasl_ssl}};
  const auto read = parse_endpoints({"my-name://[fe80::1%eth0]:-1"}, protocols, Ports::differ);
  ASSERT_TRUE(read.ok()) << read.error().text();
  EXPECT_EQ(read->front(), (Endpoint{.listener = "MY-NAME",
                                     .protocol = SecurityProtocol::sasl_ssl,
                                     .host = "fe80::1%eth0",
                                     .port = -1}));
}

}  // namespace
}  // namespace ottla::config
