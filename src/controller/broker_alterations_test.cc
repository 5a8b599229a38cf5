#include "controller/broker_alterations.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/budget.h"
#include "metadata/testing/story.h"
#include "protocol/json.h"

namespace ottla::controller {
namespace {

using protocol::AlterConfigsRequest;
using protocol::AlterConfigsResponse;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;

class BrokerAlterationsTest : public ::testing::Test {
 protected:
  BrokerAlterationsTest() {
    story_.tell_all({"topic orders 1"});
    layers_.fixed = {{"node.id", "1"},
                     {"process.roles", "broker"},
                     {"listeners", "PLAINTEXT://localhost:9092"},
                     {"controller.listener.names", "CONTROLLER"},
                     {"controller.quorum.voters", "2@localhost:9093"},
                     {"log.dirs", "/data"}};
  }

  template <typename Request>
  Request read(std::string_view resources, bool validate) {
    Request request;
    const auto json = R"({"resources":[)" + std::string(resources) + R"(],"validateOnly":)" +
                      (validate ? "true}" : "false}");
    EXPECT_TRUE(protocol::from_json(json, 1, arena_, request).ok()) << json;
    return request;
  }
  // What becomes of each resource: "ok", "-> controller", or code and message; divided by "; ".
  static std::string shown(const Judged& judged) {
    std::string text;
    for (const auto& verdict : judged.verdicts) {
      if (!text.empty()) text += "; ";
      if (!verdict) {
        text += "-> controller";
      } else if (verdict->ok()) {
        text += "ok";
      } else {
        text += std::to_string(verdict->wire_code()) + " " + verdict->message;
      }
    }
    return text;
  }
  AlterationSide side() const {
    return {
        .image = story_.image, .access = access_, .node = NodeId(1), .layers = layers_, .loggers = kLoggers};
  }
  std::string incremental(std::string_view resources) {
    const auto request = read<IncrementalAlterConfigsRequest>(resources, true);
    return shown(judge_alterations(side(), request));
  }
  std::string legacy(std::string_view resources) {
    const auto request = read<AlterConfigsRequest>(resources, true);
    return shown(judge_alterations(side(), request));
  }
  static std::string resource(int type, std::string_view name, std::string_view key, int operation,
                              std::string_view value) {
    return R"({"resourceType":)" + std::to_string(type) + R"(,"resourceName":")" + std::string(name) +
           R"(","configs":[{"name":")" + std::string(key) + R"(","configOperation":)" +
           std::to_string(operation) + R"(,"value":)" +
           (value == "null" ? "null" : "\"" + std::string(value) + "\"") + "}]}";
  }

  static constexpr std::string_view kLoggers[] = {"root", "raft"};
  metadata::Story story_;
  metadata::FullAccess access_;
  config::NodeLayers layers_;
  Budget budget_{"alterations", std::size_t{16} << 20U};
  Arena arena_{budget_};
};

TEST_F(BrokerAlterationsTest, TopicsGroupsAndMetricsAreTheControllers) {
  EXPECT_EQ(incremental(resource(2, "orders", "foo", 9, "x") + "," + resource(32, "g", "foo", 0, "x") + "," +
                        resource(16, "m", "foo", 0, "x")),
            "-> controller; -> controller; -> controller");
}

TEST_F(BrokerAlterationsTest, TheRequestAsSuch) {
  EXPECT_EQ(incremental(resource(2, "a", "x", 0, "1") + "," + resource(2, "a", "x", 0, "1") + "," +
                        resource(2, "b", "x", 0, "1")),
            "42 Each resource must appear at most once.; 42 Each resource must appear at most once.; "
            "-> controller");
  EXPECT_EQ(incremental(R"({"resourceType":2,"resourceName":"a","configs":[{"name":"x","configOperation":0,)"
                        R"("value":"1"},{"name":"x","configOperation":1,"value":null}]})"),
            "42 Error due to duplicate config keys");
  EXPECT_EQ(incremental(R"({"resourceType":2,"resourceName":"a","configs":[{"name":"x","configOperation":0,)"
                        R"("value":null},{"name":"y","configOperation":2,"value":null},)"
                        R"({"name":"z","configOperation":1,"value":null}]})"),
            "42 Null value not supported for : x, y");
  EXPECT_EQ(incremental(resource(3, "a", "x", 0, "1")), "42 Unknown resource type 3");
  EXPECT_EQ(legacy(R"({"resourceType":8,"resourceName":"1","configs":[]})"), "42 Unknown resource type 8");
  EXPECT_EQ(legacy(R"({"resourceType":2,"resourceName":"t","configs":[{"name":"x","value":null}]})"),
            "42 Null value not supported for : x");
}

TEST_F(BrokerAlterationsTest, ItsOwnKeys) {
  EXPECT_EQ(incremental(resource(4, "1", "num.io.threads", 0, "4") + "," +
                        resource(4, "2", "num.io.threads", 0, "4") + "," +
                        resource(4, "x", "num.io.threads", 0, "4")),
            "-> controller; 42 Unexpected broker id, expected 1, but received 2; "
            "42 Node id must be an integer, but it is: x");
  EXPECT_EQ(
      incremental(resource(4, "1", "log.dirs", 0, "/x") + "," + resource(4, "", "listeners", 0, "/x")),
      "42 Cannot update these configs dynamically: [log.dirs]; "
      "42 Cannot update these configs at default cluster level, broker id must be specified: [listeners]");
  EXPECT_EQ(incremental(resource(4, "1", "num.io.threads", 9, "4") + "," +
                        resource(4, "", "num.io.threads", 2, "4")),
            "42 Unknown operations type 9; "
            "40 Config value append is not allowed for config key: num.io.threads");
  EXPECT_EQ(incremental(resource(4, "", "foo", 0, "x") + "," + resource(4, "1", "foo", 3, "x")),
            "-> controller; 40 Unknown config name: foo");
  EXPECT_THAT(legacy(R"({"resourceType":4,"resourceName":"1","configs":[{"name":"log.dirs","value":"/x"}]})"),
              "42 Cannot update these configs dynamically: [log.dirs]");
}

TEST_F(BrokerAlterationsTest, Loggers) {
  EXPECT_EQ(
      incremental(resource(8, "1", "root", 0, "DEBUG") + "," + resource(8, "2", "root", 0, "DEBUG") + "," +
                  resource(8, "", "root", 0, "DEBUG")),
      "ok; 42 Unexpected node id. Expected 1, but received 2; 42 Node id must be an integer, but it is: ");
  EXPECT_EQ(
      incremental(resource(8, "1", "root", 0, "FOO") + "," + resource(8, "01", "nope", 0, "INFO")),
      "40 Cannot set the log level of root to FOO as it is not a supported log level. Valid log levels are "
      "DEBUG, ERROR, FATAL, INFO, TRACE, WARN; 40 Logger nope does not exist!");
  EXPECT_EQ(
      incremental(resource(8, "1", "root", 1, "null") + "," + resource(8, "01", "root", 2, "INFO") + "," +
                  resource(8, "001", "root", 3, "INFO") + "," + resource(8, "0001", "root", 7, "INFO")),
      "42 Removing the log level of the root logger is not allowed; "
      "42 APPEND operation is not allowed for the BROKER_LOGGER resource; "
      "42 SUBTRACT operation is not allowed for the BROKER_LOGGER resource; "
      "42 Unknown operation type 7 is not allowed for the BROKER_LOGGER resource");
}

TEST_F(BrokerAlterationsTest, LevelsToApply) {
  const std::string both = resource(8, "1", "root", 0, "DEBUG") + "," + resource(8, "01", "raft", 1, "null");
  const auto request = read<IncrementalAlterConfigsRequest>(both, false);
  const Judged judged = judge_alterations(side(), request);
  ASSERT_EQ(judged.levels.size(), 2U);
  EXPECT_EQ(judged.levels[0].logger, "root");
  EXPECT_EQ(judged.levels[0].level, "DEBUG");
  EXPECT_EQ(judged.levels[1].logger, "raft");
  EXPECT_EQ(judged.levels[1].level, std::nullopt);
  EXPECT_TRUE(judge_alterations(side(), read<IncrementalAlterConfigsRequest>(both, true)).levels.empty());
  const auto mixed = read<IncrementalAlterConfigsRequest>(both + "," + resource(2, "t", "x", 0, "1"), false);
  EXPECT_EQ(shown(judge_loggers(side(), mixed)), "ok; ok; -> controller");
}

class NoAccess final : public metadata::Access {
 public:
  bool allows(metadata::AclOperation, metadata::AclResourceType, std::string_view) const override {
    return false;
  }
};

TEST_F(BrokerAlterationsTest, NeedTheRightTo) {
  const NoAccess none;
  AlterationSide closed{
      .image = story_.image, .access = none, .node = NodeId(1), .layers = layers_, .loggers = kLoggers};
  const auto request = read<IncrementalAlterConfigsRequest>(
      resource(8, "1", "root", 0, "DEBUG") + "," + resource(4, "1", "num.io.threads", 0, "4"), false);
  EXPECT_EQ(shown(judge_alterations(closed, request)),
            "31 Cluster authorization failed.; 31 Cluster authorization failed.");
}

TEST_F(BrokerAlterationsTest, RestAndJoin) {
  const auto request = read<IncrementalAlterConfigsRequest>(
      resource(8, "1", "root", 0, "DEBUG") + "," + resource(2, "orders", "x", 0, "1") + "," +
          resource(3, "a", "x", 0, "1") + "," + resource(2, "lost", "x", 0, "1"),
      false);
  const Judged judged = judge_alterations(side(), request);
  const auto rest = rest_of(request, judged, arena_);
  ASSERT_TRUE(rest.ok());
  ASSERT_EQ(rest->resources.size(), 2U);
  EXPECT_EQ(rest->resources[0].resource_name, "orders");
  IncrementalAlterConfigsResponse theirs;
  IncrementalAlterConfigsResponse::AlterConfigsResourceResponse one;
  one.resource_type = 2;
  one.resource_name = "orders";
  one.error_code = 40;
  one.error_message = "wrong";
  theirs.responses = protocol::Array(&one, 1);
  theirs.throttle_time_ms = 7;
  IncrementalAlterConfigsResponse response;
  ASSERT_TRUE(join(request, judged, theirs, arena_, response).ok());
  EXPECT_EQ(
      protocol::to_json(response, 1),
      R"({"throttleTimeMs":7,"responses":[{"errorCode":0,"errorMessage":null,"resourceType":8,"resourceName":"1"},)"
      R"({"errorCode":40,"errorMessage":"wrong","resourceType":2,"resourceName":"orders"},)"
      R"({"errorCode":42,"errorMessage":"Unknown resource type 3","resourceType":3,"resourceName":"a"},)"
      R"({"errorCode":-1,"errorMessage":null,"resourceType":2,"resourceName":"lost"}]})");
}

}  // namespace
}  // namespace ottla::controller
