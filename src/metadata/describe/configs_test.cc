#include "metadata/describe/configs.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "metadata/testing/question.h"
#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

using protocol::DescribeConfigsRequest;
using protocol::DescribeConfigsResponse;

class NoAccess final : public Access {
 public:
  bool allows(AclOperation, AclResourceType, std::string_view) const override { return false; }
};

class ConfigsTest : public ::testing::Test {
 protected:
  ConfigsTest() {
    story_.tell_all({"topic orders 1", "topic plain 2", "config 2 orders retention.ms=1000",
                     "config 32 group share.record.lock.duration.ms=20000",
                     "config 16 mine interval.ms=100"});
    layers_.fixed = {{"node.id", "1"}, {"process.roles", "broker"}, {"log.retention.hours", "2"}};
    layers_.cluster = {{"min.insync.replicas", "2"}};
  }

  std::string ask(std::string_view resources, std::string_view options = "", std::int16_t version = 4,
                  const Access& access = FullAccess()) {
    std::vector<config::Problem> problems;
    const config::NodeConfig config = config::NodeConfig::read(layers_.effective(), problems);
    const LoggerLevel loggers[] = {{"root", "INFO"}, {"raft", "DEBUG"}};
    const ConfigQuestion question{.image = story_.image,
                                  .access = access,
                                  .node = NodeId(1),
                                  .layers = layers_,
                                  .config = config,
                                  .loggers = loggers};
    if (options.empty()) options = R"("includeSynonyms":true,"includeDocumentation":false)";
    const std::string text = answer<DescribeConfigsRequest, DescribeConfigsResponse>(
        R"({"resources":[)" + std::string(resources) + "]," + std::string(options) + "}", version,
        [&](const DescribeConfigsRequest& request, Arena& arena, DescribeConfigsResponse& response) {
          return describe_configs(question, request, arena, response);
        });
    constexpr std::string_view kFront = R"({"throttleTimeMs":0,"results":[)";
    EXPECT_TRUE(text.starts_with(kFront)) << text;
    return text.substr(kFront.size(), text.size() - kFront.size() - 2);
  }
  static std::string resource(int type, std::string_view name, std::string_view keys = "null") {
    return R"({"resourceType":)" + std::to_string(type) + R"(,"resourceName":")" + std::string(name) +
           R"(","configurationKeys":)" + std::string(keys) + "}";
  }
  static std::string refused(int error, std::string_view message, int type, std::string_view name) {
    return R"({"errorCode":)" + std::to_string(error) + R"(,"errorMessage":")" + std::string(message) +
           R"(","resourceType":)" + std::to_string(type) + R"(,"resourceName":")" + std::string(name) +
           R"(","configs":[]})";
  }

  Story story_;
  config::NodeLayers layers_;
};

TEST_F(ConfigsTest, ATopic) {
  EXPECT_EQ(
      ask(resource(2, "orders", R"(["retention.ms","nope"])")),
      R"({"errorCode":0,"errorMessage":"","resourceType":2,"resourceName":"orders","configs":[)"
      R"({"name":"retention.ms","value":"1000","readOnly":false,"configSource":1,"isSensitive":false,)"
      R"("synonyms":[{"name":"retention.ms","value":"1000","source":1}],"configType":5,"documentation":null}]})");
  EXPECT_EQ(
      ask(resource(2, "plain", R"(["min.insync.replicas"])")),
      R"({"errorCode":0,"errorMessage":"","resourceType":2,"resourceName":"plain","configs":[)"
      R"({"name":"min.insync.replicas","value":"2","readOnly":false,"configSource":3,"isSensitive":false,)"
      R"("synonyms":[{"name":"min.insync.replicas","value":"2","source":3},{"name":"min.insync.replicas",)"
      R"("value":"1","source":5}],"configType":3,"documentation":null}]})");
}

TEST_F(ConfigsTest, TopicsWithoutConfigurationsAreDescribedAlike) {
  story_.tell("topic plainer 3");
  const std::string one = ask(resource(2, "plainer"));
  const std::string both =
      ask(resource(2, "plain") + "," + resource(2, "orders") + "," + resource(2, "plainer"));
  EXPECT_TRUE(both.ends_with("," + one));
  EXPECT_TRUE(both.contains(R"("name":"retention.ms","value":"1000")"));
  EXPECT_EQ(
      ask(resource(2, "plain") + "," + resource(2, "plainer", R"(["retention.ms"])")).find("cleanup.policy"),
      ask(resource(2, "plain")).find("cleanup.policy"));
}

TEST_F(ConfigsTest, TopicsThatAreNotThere) {
  EXPECT_EQ(ask(resource(2, "nope")), refused(3, "", 2, "nope"));
  EXPECT_EQ(ask(resource(2, "")),
            refused(17, "Topic name is invalid: the empty string is not allowed", 2, ""));
}

TEST_F(ConfigsTest, TheNode) {
  const std::string keys = R"(["log.retention.hours"])";
  const std::string text = ask(resource(4, "1", keys));
  EXPECT_EQ(
      text,
      R"({"errorCode":0,"errorMessage":"","resourceType":4,"resourceName":"1","configs":[)"
      R"({"name":"log.retention.hours","value":"2","readOnly":true,"configSource":4,"isSensitive":false,)"
      R"("synonyms":[{"name":"log.retention.hours","value":"2","source":4},{"name":"log.retention.hours",)"
      R"("value":"168","source":5}],"configType":3,"documentation":null}]})");
  EXPECT_TRUE(ask(resource(4, "+1", keys)).contains("log.retention.hours"));
  EXPECT_TRUE(ask(resource(4, "01", keys)).contains("log.retention.hours"));
}

TEST_F(ConfigsTest, OtherNodesAreForThemselvesToDescribe) {
  EXPECT_EQ(ask(resource(4, "2")),
            refused(42, "Unexpected broker id, expected 1 or empty string, but received 2", 4, "2"));
  EXPECT_EQ(ask(resource(8, "2")), refused(42, "Unexpected broker id, expected 1 but received 2", 8, "2"));
  for (const std::string_view name : {"x", " 1", "99999999999", "+-1", "1x", "+"}) {
    EXPECT_EQ(ask(resource(4, name)),
              refused(42, "Broker id must be an integer, but it is: " + std::string(name), 4, name));
  }
}

TEST_F(ConfigsTest, AllBrokers) {
  EXPECT_EQ(
      ask(resource(4, "")),
      R"({"errorCode":0,"errorMessage":"","resourceType":4,"resourceName":"","configs":[)"
      R"({"name":"min.insync.replicas","value":"2","readOnly":false,"configSource":3,"isSensitive":false,)"
      R"("synonyms":[{"name":"min.insync.replicas","value":"2","source":3}],"configType":3,"documentation":null}]})");
}

TEST_F(ConfigsTest, Loggers) {
  EXPECT_EQ(ask(resource(8, "1", R"(["raft"])"), R"("includeSynonyms":true,"includeDocumentation":true)"),
            R"({"errorCode":0,"errorMessage":"","resourceType":8,"resourceName":"1","configs":[)"
            R"({"name":"raft","value":"DEBUG","readOnly":false,"configSource":6,"isSensitive":false,)"
            R"("synonyms":[],"configType":0,"documentation":""}]})");
  EXPECT_TRUE(ask(resource(8, "1")).contains(R"("name":"root")"));
  EXPECT_EQ(ask(resource(8, "")), refused(42, "Broker id must not be empty", 8, ""));
}

TEST_F(ConfigsTest, GroupsAndClientMetrics) {
  EXPECT_TRUE(ask(resource(32, "group"))
                  .contains(R"("name":"share.record.lock.duration.ms","value":"20000",)"
                            R"("readOnly":false,"configSource":8)"));
  EXPECT_TRUE(
      ask(resource(32, "other")).contains(R"("name":"share.record.lock.duration.ms","value":"30000")"));
  EXPECT_TRUE(ask(resource(16, "mine"))
                  .contains(R"("name":"interval.ms","value":"100","readOnly":false,)"
                            R"("configSource":7)"));
  EXPECT_EQ(ask(resource(32, "")), refused(42, "Group name must not be empty", 32, ""));
  EXPECT_EQ(ask(resource(16, "")), refused(42, "Client metrics subscription name must not be empty", 16, ""));
}

TEST_F(ConfigsTest, DocumentationWhenAskedFor) {
  const std::string text = ask(resource(2, "orders", R"(["retention.ms"])"),
                               R"("includeSynonyms":false,"includeDocumentation":true)");
  EXPECT_TRUE(text.contains(R"("synonyms":[],"configType":5,"documentation":")")) << text;
  EXPECT_FALSE(text.contains(R"("documentation":"")")) << text;
}

TEST_F(ConfigsTest, OneUnknownTypeSpoilsAll) {
  const std::string text = ask(resource(2, "orders") + "," + resource(1, "x"));
  EXPECT_TRUE(
      text.starts_with(R"({"errorCode":42,"errorMessage":"This most likely occurs because of a request )"))
      << text;
  EXPECT_FALSE(text.contains("retention.ms")) << text;
}

TEST_F(ConfigsTest, WhatMustNotBeSeen) {
  EXPECT_EQ(ask(resource(2, "orders") + "," + resource(32, "g") + "," + resource(4, "1"), "", 4, NoAccess()),
            refused(29, "Topic authorization failed.", 2, "orders") + "," +
                refused(30, "Group authorization failed.", 32, "g") + "," +
                refused(31, "Cluster authorization failed.", 4, "1"));
}

TEST_F(ConfigsTest, OldVersions) {
  EXPECT_TRUE(ask(resource(2, "orders", R"(["retention.ms"])"), R"("includeSynonyms":true)", 1)
                  .ends_with(R"("synonyms":[{"name":"retention.ms","value":"1000","source":1}]}]})"));
}

}  // namespace
}  // namespace ottla::metadata
