#include "controller/configs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <string_view>

#include "controller/testing/conversation.h"

namespace ottla::controller {
namespace {

using protocol::AlterConfigsRequest;
using protocol::AlterConfigsResponse;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using testing::Conversation;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using testing::TestSetup;

constexpr int kSet = 0;
constexpr int kDelete = 1;
constexpr int kAppend = 2;
constexpr int kSubtract = 3;

std::string config(std::string_view name, int operation, std::string_view value) {
  return R"({"name":")" + std::string(name) + R"(","configOperation":)" + std::to_string(operation) +
         R"(,"value":)" + (value == "null" ? "null" : "\"" + std::string(value) + "\"") + "}";
}
std::string legacy(std::string_view name, std::string_view value) {
  return R"({"name":")" + std::string(name) + R"(","value":)" +
         (value == "null" ? "null" : "\"" + std::string(value) + "\"") + "}";
}
std::string resource(int type, std::string_view name, const std::string& configs) {
  return R"({"resourceType":)" + std::to_string(type) + R"(,"resourceName":")" + std::string(name) +
         R"(","configs":[)" + configs + "]}";
}
std::string answered(int error, std::string_view message, int type, std::string_view name) {
  return R"({"errorCode":)" + std::to_string(error) + R"(,"errorMessage":)" +
         (message == "null" ? "null" : "\"" + std::string(message) + "\"") + R"(,"resourceType":)" +
         std::to_string(type) + R"(,"resourceName":")" + std::string(name) + "\"}";
}
std::string record(int type, std::string_view name, std::string_view key, std::string_view value) {
  return R"(ConfigRecord {"resourceType":)" + std::to_string(type) + R"(,"resourceName":")" +
         std::string(name) + R"(","name":")" + std::string(key) + R"(","value":)" +
         (value == "null" ? "null" : "\"" + std::string(value) + "\"") + "}";
}

class ConfigsTest : public ::testing::Test {
 protected:
  explicit ConfigsTest(const TestSetup& setup = {}) : talk_(setup) {
    protocol::TopicRecord topic;
    topic.name = "orders";
    topic.topic_id = Uuid(1, 7);
    talk_.cluster().have(topic);
    talk_.have_broker(1);
  }

  // The responses alone.
  std::string alter(const std::string& resources, bool validate = false) {
    return unwrapped(talk_.ask<IncrementalAlterConfigsRequest, IncrementalAlterConfigsResponse>(
        R"({"resources":[)" + resources + R"(],"validateOnly":)" + (validate ? "true}" : "false}")));
  }
  std::string alter_all(const std::string& resources, bool validate = false) {
    return unwrapped(talk_.ask<AlterConfigsRequest, AlterConfigsResponse>(
        R"({"resources":[)" + resources + R"(],"validateOnly":)" + (validate ? "true}" : "false}")));
  }
  static std::string unwrapped(const std::string& json) {
    constexpr std::string_view kFront = R"({"throttleTimeMs":0,"responses":[)";
    EXPECT_TRUE(json.starts_with(kFront)) << json;
    return json.substr(kFront.size(), json.size() - kFront.size() - 2);
  }
  std::optional<std::string> value(metadata::ConfigResourceType type, std::string_view name,
                                   std::string_view key) {
    const std::string* found = talk_.cluster().image().config({type, name}, key);
    return found == nullptr ? std::nullopt : std::optional(*found);
  }
  std::optional<std::string> of_orders(std::string_view key) {
    return value(metadata::ConfigResourceType::topic, "orders", key);
  }

  Conversation talk_;
};

class ConfigsWithoutElrTest : public ConfigsTest {
 protected:
  ConfigsWithoutElrTest() : ConfigsTest({.elr = false}) {}
};

class OldConfigsTest : public ConfigsTest {
 protected:
  OldConfigsTest() : ConfigsTest({.version = metadata::MetadataVersion::v4_2_iv0}) {}
};

TEST_F(ConfigsTest, SetAndDelete) {
  EXPECT_EQ(alter(resource(2, "orders", config("retention.ms", kSet, "5"))),
            answered(0, "null", 2, "orders"));
  EXPECT_THAT(talk_.records(), ElementsAre(record(2, "orders", "retention.ms", "5")));
  EXPECT_EQ(of_orders("retention.ms"), "5");
  EXPECT_EQ(alter(resource(2, "orders", config("retention.ms", kSet, "5"))),
            answered(0, "null", 2, "orders"));
  EXPECT_THAT(talk_.records(), IsEmpty());
  EXPECT_EQ(alter(resource(2, "orders", config("retention.ms", kDelete, "null"))),
            answered(0, "null", 2, "orders"));
  EXPECT_THAT(talk_.records(), ElementsAre(record(2, "orders", "retention.ms", "null")));
  EXPECT_EQ(of_orders("retention.ms"), std::nullopt);
  EXPECT_EQ(alter(resource(2, "orders", config("retention.ms", kDelete, "null"))),
            answered(0, "null", 2, "orders"));
  EXPECT_THAT(talk_.records(), IsEmpty());
}

TEST_F(ConfigsTest, Lists) {
  EXPECT_EQ(alter(resource(2, "orders", config("cleanup.policy", kAppend, "compact"))),
            answered(0, "null", 2, "orders"));
  EXPECT_EQ(of_orders("cleanup.policy"), "delete,compact");
  EXPECT_EQ(alter(resource(2, "orders", config("cleanup.policy", kSubtract, "delete"))),
            answered(0, "null", 2, "orders"));
  EXPECT_EQ(of_orders("cleanup.policy"), "compact");
  EXPECT_EQ(alter(resource(2, "orders", config("cleanup.policy", kAppend, ",delete"))),
            answered(40, "Configuration 'cleanup.policy' values must not be empty.", 2, "orders"));
  EXPECT_EQ(alter(resource(2, "orders", config("cleanup.policy", kAppend, "delete,"))),
            answered(0, "null", 2, "orders"));
  EXPECT_EQ(of_orders("cleanup.policy"), "compact,delete");
  EXPECT_EQ(alter(resource(2, "orders", config("retention.ms", kAppend, "1"))),
            answered(40, "Can't APPEND to key retention.ms because its type is not LIST.", 2, "orders"));
  EXPECT_EQ(alter(resource(2, "orders", config("cleanup.policy", kAppend, "null"))),
            answered(42, "Null value not supported for : cleanup.policy", 2, "orders"));
}

TEST_F(ConfigsTest, WhatIsOnlyValidatedIsNotWritten) {
  EXPECT_EQ(alter(resource(2, "orders", config("retention.ms", kSet, "5")), true),
            answered(0, "null", 2, "orders"));
  EXPECT_EQ(of_orders("retention.ms"), std::nullopt);
  EXPECT_EQ(alter_all(resource(2, "orders", legacy("retention.ms", "5")), true),
            answered(0, "null", 2, "orders"));
  EXPECT_EQ(of_orders("retention.ms"), std::nullopt);
}

TEST_F(ConfigsTest, TopicsThatMeanNothing) {
  EXPECT_EQ(alter(resource(2, "nope", config("retention.ms", kSet, "1"))),
            answered(3, "The topic 'nope' does not exist.", 2, "nope"));
  EXPECT_EQ(alter(resource(2, "", "")), answered(42, "Default topic resources are not allowed.", 2, ""));
  EXPECT_EQ(alter(resource(2, "a b", config("retention.ms", kSet, "1"))),
            answered(17,
                     "Topic name is invalid: 'a b' contains one or more characters other than ASCII "
                     "alphanumerics, '.', '_' and '-'",
                     2, "a b"));
}

TEST_F(ConfigsTest, ValuesThatMeanNothing) {
  EXPECT_EQ(
      alter(resource(2, "orders", config("retention.ms", kSet, "x"))),
      answered(40, "Invalid value x for configuration retention.ms: Not a number of type LONG", 2, "orders"));
  EXPECT_EQ(alter(resource(2, "orders", config("foo", kSet, "x"))),
            answered(40, "Unknown topic config name: foo", 2, "orders"));
  EXPECT_EQ(alter(resource(2, "orders", config("retention.ms", 9, "1"))),
            answered(42, "Unknown operations type 9", 2, "orders"));
  EXPECT_THAT(alter(resource(2, "orders", config("retention.ms", kSet, std::string(32768, '1')))),
              HasSubstr("exceeds the maximum value size of 32767 bytes."));
  EXPECT_THAT(talk_.records(), IsEmpty());
}

TEST_F(ConfigsTest, OneBadKeySpoilsItsResourceAndNoOther) {
  EXPECT_EQ(
      alter(resource(2, "orders", config("retention.ms", kSet, "1") + "," + config("foo", kSet, "1")) + "," +
            resource(32, "group", config("share.auto.offset.reset", kSet, "latest"))),
      answered(40, "Unknown topic config name: foo", 2, "orders") + "," + answered(0, "null", 32, "group"));
  EXPECT_THAT(talk_.records(), ElementsAre(record(32, "group", "share.auto.offset.reset", "latest")));
}

TEST_F(ConfigsTest, OfOneKeyTheLastOperationCounts) {
  EXPECT_EQ(alter(resource(2, "orders",
                           config("retention.ms", kSet, "1") + "," + config("retention.ms", kSet, "2"))),
            answered(0, "null", 2, "orders"));
  EXPECT_THAT(talk_.records(), ElementsAre(record(2, "orders", "retention.ms", "2")));
}

TEST_F(ConfigsTest, ResourcesThatMeanNothingOrAreNamedTwice) {
  EXPECT_EQ(alter(resource(2, "orders", "") + "," + resource(1, "x", "") + "," + resource(2, "orders", "") +
                  "," + resource(32, "g", "") + "," + resource(2, "orders", "")),
            answered(35, "Unknown resource type 1.", 1, "x") + "," +
                answered(42, "Duplicate resource.", 2, "orders") + "," + answered(0, "null", 32, "g"));
  EXPECT_EQ(alter(resource(8, "1", "")), answered(42, "Unexpected resource type BROKER_LOGGER.", 8, "1"));
  EXPECT_EQ(alter(""), "");
}

TEST_F(ConfigsTest, Brokers) {
  EXPECT_EQ(alter(resource(4, "1", config("num.io.threads", kSet, "4"))), answered(0, "null", 4, "1"));
  EXPECT_THAT(talk_.records(), ElementsAre(record(4, "1", "num.io.threads", "4")));
  // Written again, so that the broker reads anew what the value names.
  EXPECT_EQ(alter(resource(4, "1", config("num.io.threads", kSet, "4"))), answered(0, "null", 4, "1"));
  EXPECT_THAT(talk_.records(), ElementsAre(record(4, "1", "num.io.threads", "4")));
  EXPECT_EQ(alter(resource(4, "", config("num.io.threads", kDelete, "null"))), answered(0, "null", 4, ""));
  EXPECT_THAT(talk_.records(), ElementsAre(record(4, "", "num.io.threads", "null")));
  EXPECT_EQ(alter(resource(4, "100", config("num.io.threads", kSet, "4"))), answered(0, "null", 4, "100"));
}

TEST_F(ConfigsTest, BrokersThatAreNotThere) {
  EXPECT_EQ(alter(resource(4, "2", "")), answered(102, "No node with id 2 found.", 4, "2"));
  EXPECT_EQ(alter(resource(4, "x", "")),
            answered(42, "Unable to parse broker name as a base 10 number.", 4, "x"));
  EXPECT_EQ(alter(resource(4, "-1", "")), answered(42, "Invalid negative broker ID.", 4, "-1"));
}

TEST_F(ConfigsTest, GroupsAndClientMetrics) {
  EXPECT_EQ(alter(resource(32, "", "")), answered(42, "Default group resources are not allowed.", 32, ""));
  EXPECT_EQ(alter(resource(32, "g", config("foo", kSet, "1"))),
            answered(40, "Unknown group config name: foo", 32, "g"));
  EXPECT_EQ(
      alter(resource(32, "g", config("consumer.session.timeout.ms", kSet, "1"))),
      answered(40, "consumer.session.timeout.ms must be in the range 45000 to 60000 inclusive.", 32, "g"));
  EXPECT_EQ(alter(resource(16, "", "")), answered(42, "Subscription name can't be empty", 16, ""));
  EXPECT_EQ(alter(resource(16, "m", config("foo", kSet, "1"))),
            answered(42, "Unknown client metrics configuration: foo", 16, "m"));
  EXPECT_EQ(alter(resource(16, "m", config("interval.ms", kSet, "1"))),
            answered(42, "Invalid value 1 for interval.ms, interval must be between 100 and 3600000 (1 hour)",
                     16, "m"));
  EXPECT_EQ(
      alter(resource(16, "m", config("interval.ms", kSet, "zz"))),
      answered(40, "Invalid value zz for configuration interval.ms: Not a number of type INT", 16, "m"));
  EXPECT_EQ(alter(resource(16, "m", config("match", kSet, "a=b"))),
            answered(40, "Illegal client matching pattern: a=b", 16, "m"));
  EXPECT_EQ(alter(resource(16, "m", config("interval.ms", kSet, "100"))), answered(0, "null", 16, "m"));
}

TEST_F(ConfigsTest, MinInSyncReplicasIsTheClustersWhereEligibleReplicasAreTracked) {
  EXPECT_EQ(alter(resource(4, "1", config("min.insync.replicas", kSet, "2"))),
            answered(40, "Broker-level min.insync.replicas cannot be altered while ELR is enabled.", 4, "1"));
  EXPECT_EQ(alter(resource(4, "", config("min.insync.replicas", kDelete, "null"))),
            answered(40, "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.", 4, ""));
  EXPECT_EQ(alter(resource(4, "", config("min.insync.replicas", kSet, "2"))), answered(0, "null", 4, ""));
  EXPECT_THAT(talk_.records(),
              ElementsAre(record(4, "", "min.insync.replicas", "2"), R"(ClearElrRecord {"topicName":""})"));
  EXPECT_EQ(alter(resource(2, "orders", config("min.insync.replicas", kSet, "2"))),
            answered(0, "null", 2, "orders"));
  EXPECT_THAT(talk_.records(), ElementsAre(record(2, "orders", "min.insync.replicas", "2"),
                                           R"(ClearElrRecord {"topicName":"orders"})"));
  EXPECT_EQ(alter_all(resource(2, "orders", "")), answered(0, "null", 2, "orders"));
  EXPECT_THAT(talk_.records(), ElementsAre(record(2, "orders", "min.insync.replicas", "null"),
                                           R"(ClearElrRecord {"topicName":"orders"})"));
}

TEST_F(ConfigsTest, LegacyTakesAwayWhatItDoesNotName) {
  alter(resource(2, "orders", config("retention.ms", kSet, "5") + "," + config("flush.ms", kSet, "6")));
  EXPECT_EQ(alter_all(resource(2, "orders", legacy("retention.ms", "7"))), answered(0, "null", 2, "orders"));
  EXPECT_THAT(talk_.records(),
              ElementsAre(record(2, "orders", "retention.ms", "7"), record(2, "orders", "flush.ms", "null")));
  EXPECT_EQ(alter_all(resource(2, "orders", legacy("retention.ms", "7"))), answered(0, "null", 2, "orders"));
  EXPECT_THAT(talk_.records(), IsEmpty());
  EXPECT_EQ(alter_all(resource(2, "orders", legacy("retention.ms", "null"))),
            answered(0, "null", 2, "orders"));
  EXPECT_EQ(of_orders("retention.ms"), std::nullopt);
}

TEST_F(ConfigsTest, LegacyMayNotTakeTheClustersMinInSyncReplicasAway) {
  alter(resource(4, "", config("min.insync.replicas", kSet, "2")));
  EXPECT_EQ(alter_all(resource(4, "", "")),
            answered(40, "Cluster-level min.insync.replicas cannot be removed while ELR is enabled.", 4, ""));
}

TEST_F(ConfigsWithoutElrTest, MinInSyncReplicasIsAKeyLikeOthers) {
  EXPECT_EQ(alter(resource(4, "1", config("min.insync.replicas", kSet, "2"))), answered(0, "null", 4, "1"));
  EXPECT_THAT(talk_.records(), ElementsAre(record(4, "1", "min.insync.replicas", "2")));
  EXPECT_EQ(alter(resource(4, "", config("min.insync.replicas", kDelete, "null"))),
            answered(0, "null", 4, ""));
}

TEST_F(ConfigsWithoutElrTest, WhatMakesItSafeToBeginWithEligibleReplicas) {
  alter(
      resource(4, "1", config("min.insync.replicas", kSet, "2") + "," + config("num.io.threads", kSet, "3")));
  RecordList records;
  add_elr_safety_records(talk_.cluster().state(), records);
  EXPECT_EQ(records.size(), 2U);
  talk_.cluster().have(
      protocol::ConfigRecord{.resource_type = 4, .name = "min.insync.replicas", .value = "3"});
  records.truncate(0);
  add_elr_safety_records(talk_.cluster().state(), records);
  EXPECT_EQ(records.size(), 1U);
}

TEST_F(ConfigsTest, CordonedDirectoriesGrowOnlyThroughTheBroker) {
  const auto cordon = [&](std::string_view directories) {
    return alter(resource(4, "1", config("cordoned.log.dirs", kSet, directories)));
  };
  const std::string refused = answered(40,
                                       "When updating cordoned.log.dirs via controllers,  the new value must "
                                       "be a subset of the current configuration value.",
                                       4, "1");
  EXPECT_EQ(cordon("/a"), refused);
  EXPECT_EQ(cordon(" "), answered(0, "null", 4, "1"));
  talk_.cluster().forward(true);
  EXPECT_EQ(cordon("/a , /b"), answered(0, "null", 4, "1"));
  talk_.cluster().forward(false);
  EXPECT_EQ(cordon("/b"), answered(0, "null", 4, "1"));
  EXPECT_EQ(cordon("/a,/b"), refused);
}

TEST_F(OldConfigsTest, CordonedDirectoriesNeedTheirLevel) {
  EXPECT_EQ(alter(resource(4, "1", config("cordoned.log.dirs", kSet, ""))),
            answered(40,
                     "The cordoned.log.dirs configuration value cannot be set because it requires "
                     "metadata.version >= 4.3-IV0",
                     4, "1"));
}

class NoThreads final : public AlterConfigPolicy {
 public:
  std::optional<std::string> check(const metadata::ConfigResourceView& resource,
                                   const config::Texts& configs) const override {
    if (!configs.contains("num.io.threads")) return std::nullopt;
    return "no threads for " + std::string(resource.name);
  }
};

TEST_F(ConfigsTest, APolicyHasTheLastWord) {
  const NoThreads policy;
  talk_.cluster().change_options().alter_config_policy = &policy;
  EXPECT_EQ(alter(resource(4, "1", config("num.io.threads", kSet, "4"))),
            answered(44, "no threads for 1", 4, "1"));
  EXPECT_EQ(alter(resource(4, "1", config("background.threads", kSet, "4"))), answered(0, "null", 4, "1"));
}

TEST_F(ConfigsTest, TooMuchAtOnce) {
  std::string resources;
  for (int each = 0; each < 10001; ++each) {
    if (each > 0) resources += ',';
    resources += resource(16, "m" + std::to_string(each), config("interval.ms", kSet, "100"));
  }
  EXPECT_THAT(
      alter(resources, true),
      HasSubstr(R"("errorCode":44,"errorMessage":"Unable to perform excessively large batch operation.")"));
  EXPECT_EQ(value(metadata::ConfigResourceType::client_metrics, "m0", "interval.ms"), std::nullopt);
}

}  // namespace
}  // namespace ottla::controller
