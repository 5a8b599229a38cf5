#include "metadata/describe/metadata_response.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "metadata/testing/question.h"
#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

using protocol::ErrorCode;
using protocol::MetadataRequest;
using protocol::MetadataResponse;

// Sees some topics only, and may do nothing.
class OnlyTopic final : public Access {
 public:
  explicit OnlyTopic(std::string_view topic) : topic_(topic) {}
  bool allows(AclOperation operation, AclResourceType type, std::string_view name) const override {
    return operation == AclOperation::describe && type == AclResourceType::topic && name == topic_;
  }

 private:
  std::string_view topic_;
};

class MetadataResponseTest : public ::testing::Test {
 protected:
  MetadataResponseTest() {
    story_.tell_all({
        "feature metadata.version 33",
        "broker 1 epoch=1 rack=east dirs=11 listener=OUT fenced=0",
        "broker 2 epoch=2 dirs=21 listener=OUT fenced=0",
        "broker 3 epoch=3 dirs=31 listener=OTHER fenced=0",
        "broker 4 epoch=4 dirs=41 listener=OUT fenced=1",
        "topic red 1",
        "partition 1 0 replicas=1,2 isr=1,2 leader=1 epoch=5 dirs=11,21",
        "topic blue 2",
        "partition 2 0 replicas=1,3,4 isr=1,3 leader=3 epoch=1 dirs=11,31,41",
        "partition 2 1 replicas=4 isr=4 leader=-1 dirs=41",
        "topic __consumer_offsets 3",
        "partition 3 0 replicas=2 isr=2 leader=2 epoch=0 dirs=99",
    });
  }

  std::string ask(std::string_view json, std::int16_t version, const Access& access = FullAccess()) {
    const Viewpoint viewpoint{
        .image = story_.image, .listener = "OUT", .access = access, .dialled = dialled_};
    return answer<MetadataRequest, MetadataResponse>(
        json, version, [&](const MetadataRequest& request, Arena& arena, MetadataResponse& response) {
          return describe_metadata({.viewpoint = viewpoint,
                                    .cluster_id = "the-cluster",
                                    .draw = 1,
                                    .on_missing = on_missing_,
                                    .creates = creates_},
                                   request, version, arena, response);
        });
  }
  // The array of topics alone.
  std::string topics(std::string_view json, std::int16_t version, const Access& access = FullAccess()) {
    const std::string all = ask(json, version, access);
    const std::size_t from = all.find("\"topics\":");
    const std::size_t to = all.find(",\"clusterAuthorizedOperations\"", from);
    const std::size_t end = all.find(",\"errorCode\":0}", from);
    return all.substr(from + 9, std::min({to, end, all.size() - 1}) - from - 9);
  }

  Story story_;
  std::optional<Viewpoint::Dialled> dialled_;
  std::function<ErrorCode(std::string_view)> on_missing_;
  bool creates_ = false;
};

TEST_F(MetadataResponseTest, BrokersThatAreAliveOnTheListener) {
  const std::string text = ask(R"({"topics":[]})", 1);
  EXPECT_TRUE(text.starts_with(R"({"brokers":[{"nodeId":1,"host":")")) << text;
  EXPECT_TRUE(text.contains(R"("rack":"east"},{"nodeId":2,)")) << text;
  EXPECT_TRUE(text.ends_with(R"("rack":null}],"controllerId":2,"topics":[]})")) << text;
  EXPECT_FALSE(text.contains(R"("nodeId":3)")) << text;
  EXPECT_FALSE(text.contains(R"("nodeId":4)")) << text;
}

TEST_F(MetadataResponseTest, WhoDialledAnAddressGetsItBack) {
  dialled_ = Viewpoint::Dialled{.node = NodeId(2), .host = "10.1.1.1", .port = 4711};
  const std::string text = ask(R"({"topics":[]})", 1);
  EXPECT_TRUE(text.contains(R"({"nodeId":2,"host":"10.1.1.1","port":4711,)")) << text;
  EXPECT_FALSE(text.contains(R"({"nodeId":1,"host":"10.1.1.1")")) << text;
}

TEST_F(MetadataResponseTest, EmptyMeansAllInTheFirstVersionOnly) {
  EXPECT_TRUE(ask(R"({"topics":[]})", 0).contains("red"));
  EXPECT_FALSE(ask(R"({"topics":[]})", 1).contains("red"));
  EXPECT_TRUE(ask(R"({"topics":null})", 1).contains("red"));
}

TEST_F(MetadataResponseTest, OneTopic) {
  EXPECT_EQ(topics(R"({"topics":[{"name":"red"},{"name":"red"}],"allowAutoTopicCreation":false})", 7),
            R"([{"errorCode":0,"name":"red","isInternal":false,"partitions":[{"errorCode":0,)"
            R"("partitionIndex":0,"leaderId":1,"leaderEpoch":5,"replicaNodes":[1,2],"isrNodes":[1,2],)"
            R"("offlineReplicas":[]}]}])");
}

TEST_F(MetadataResponseTest, LeadersThatCannotBeReached) {
  const std::string request = R"({"topics":[{"name":"blue"}],"allowAutoTopicCreation":false})";
  EXPECT_EQ(topics(request, 6),
            R"([{"errorCode":0,"name":"blue","isInternal":false,"partitions":[{"errorCode":72,)"
            R"("partitionIndex":0,"leaderId":-1,"replicaNodes":[1,3,4],"isrNodes":[1,3],)"
            R"("offlineReplicas":[3,4]},{"errorCode":5,"partitionIndex":1,"leaderId":-1,)"
            R"("replicaNodes":[4],"isrNodes":[4],"offlineReplicas":[4]}]}])");
  EXPECT_TRUE(topics(request, 5).contains(R"({"errorCode":5,"partitionIndex":0,"leaderId":-1,)"));
}

TEST_F(MetadataResponseTest, TheFirstVersionHidesReplicasThatCannotBeReached) {
  story_.tell("change 2 0 leader=1");
  EXPECT_EQ(topics(R"({"topics":[{"name":"blue"}]})", 0),
            R"([{"errorCode":0,"name":"blue","partitions":[{"errorCode":9,"partitionIndex":0,"leaderId":1,)"
            R"("replicaNodes":[1],"isrNodes":[1]},{"errorCode":5,"partitionIndex":1,"leaderId":-1,)"
            R"("replicaNodes":[],"isrNodes":[]}]}])");
}

TEST_F(MetadataResponseTest, FailedDirectoriesAreOffline) {
  EXPECT_TRUE(topics(R"({"topics":[{"name":"__consumer_offsets"}],"allowAutoTopicCreation":false})", 7)
                  .contains(R"("isInternal":true,"partitions":[{"errorCode":0,"partitionIndex":0,)"
                            R"("leaderId":2,"leaderEpoch":0,"replicaNodes":[2],"isrNodes":[2],)"
                            R"("offlineReplicas":[2]})"));
}

TEST_F(MetadataResponseTest, MissingTopics) {
  EXPECT_EQ(topics(R"({"topics":[{"name":"nope"},{"name":"a b"},{"name":"nope"}],)"
                   R"("allowAutoTopicCreation":true})",
                   4),
            R"([{"errorCode":3,"name":"nope","isInternal":false,"partitions":[]},)"
            R"({"errorCode":17,"name":"a b","isInternal":false,"partitions":[]}])");
}

TEST_F(MetadataResponseTest, WhoCreatesTopicsIsTold) {
  std::vector<std::string> told;
  on_missing_ = [&told](std::string_view name) {
    told.emplace_back(name);
    return ErrorCode::leader_not_available;
  };
  EXPECT_TRUE(topics(R"({"topics":[{"name":"nope"},{"name":"red"},{"name":"nope"}],)"
                     R"("allowAutoTopicCreation":true})",
                     4)
                  .contains(R"({"errorCode":5,"name":"nope")"));
  EXPECT_EQ(told, std::vector<std::string>{"nope"});
}

TEST_F(MetadataResponseTest, TopicsById) {
  const std::string known = story_.image.topics.find("red")->id.to_string();
  const std::string text = topics(
      R"({"topics":[{"topicId":")" + known + R"(","name":null},{"topicId":")" + Uuid(9, 9).to_string() +
          R"(","name":"blue"},{"topicId":"AAAAAAAAAAAAAAAAAAAAAA","name":"blue"}],)"
          R"("allowAutoTopicCreation":false,"includeTopicAuthorizedOperations":true})",
      12);
  EXPECT_TRUE(
      text.starts_with(R"([{"errorCode":100,"name":null,"topicId":")" + Uuid(9, 9).to_string() +
                       R"(","isInternal":false,"partitions":[],"topicAuthorizedOperations":-2147483648},)"
                       R"({"errorCode":0,"name":"red",)"))
      << text;
  EXPECT_FALSE(text.contains("blue")) << text;
}

TEST_F(MetadataResponseTest, IdsCameLate) {
  for (const std::int16_t version : {std::int16_t{10}, std::int16_t{11}}) {
    const std::string by_id = ask(
        R"({"topics":[{"topicId":"AAAAAAAAAAAAAAAAAAAABA","name":"red"}],"allowAutoTopicCreation":false)" +
            std::string(version == 10 ? R"(,"includeClusterAuthorizedOperations":true)" : "") +
            R"(,"includeTopicAuthorizedOperations":true})",
        version);
    EXPECT_TRUE(by_id.contains(R"("brokers":[],"clusterId":null,"controllerId":-1,"topics":[{"errorCode":42,)"
                               R"("name":"red","topicId":"AAAAAAAAAAAAAAAAAAAABA")"))
        << by_id;
  }
  EXPECT_TRUE(ask(R"({"topics":[{"topicId":"AAAAAAAAAAAAAAAAAAAAAA","name":null}],)"
                  R"("allowAutoTopicCreation":false,"includeTopicAuthorizedOperations":true})",
                  12)
                  .contains(R"("topics":[{"errorCode":-1,"name":"",)"));
}

TEST_F(MetadataResponseTest, Operations) {
  const std::string request =
      R"({"topics":[{"name":"red"},{"name":"nope"}],"allowAutoTopicCreation":false,)"
      R"("includeClusterAuthorizedOperations":true,"includeTopicAuthorizedOperations":true})";
  const std::string text = ask(request, 8);
  EXPECT_TRUE(text.contains(R"("topicAuthorizedOperations":3576},{"errorCode":3,"name":"nope",)")) << text;
  EXPECT_TRUE(text.ends_with(R"("topicAuthorizedOperations":3576}],"clusterAuthorizedOperations":8096})"))
      << text;
  const std::string hidden = ask(request, 8, OnlyTopic("red"));
  EXPECT_TRUE(hidden.contains(R"("topicAuthorizedOperations":256})")) << hidden;
  EXPECT_TRUE(hidden.ends_with(R"("clusterAuthorizedOperations":0})")) << hidden;
}

TEST_F(MetadataResponseTest, WhatMustNotBeSeen) {
  EXPECT_FALSE(
      ask(R"({"topics":null,"allowAutoTopicCreation":false})", 4, OnlyTopic("red")).contains("blue"));
  EXPECT_EQ(topics(R"({"topics":[{"name":"blue"}],"allowAutoTopicCreation":false})", 4, OnlyTopic("red")),
            R"([{"errorCode":29,"name":"blue","isInternal":false,"partitions":[]}])");
  const std::string blue = story_.image.topics.find("blue")->id.to_string();
  EXPECT_TRUE(topics(R"({"topics":[{"topicId":")" + blue +
                         R"(","name":null}],"allowAutoTopicCreation":false,)"
                         R"("includeTopicAuthorizedOperations":false})",
                     12, OnlyTopic("red"))
                  .starts_with(R"([{"errorCode":29,"name":null,"topicId":")" + blue));
}

TEST_F(MetadataResponseTest, CreatingNeedsTheRightTo) {
  creates_ = true;
  EXPECT_EQ(topics(R"({"topics":[{"name":"nope"}],"allowAutoTopicCreation":true})", 4, OnlyTopic("nope")),
            R"([{"errorCode":29,"name":"nope","isInternal":false,"partitions":[]}])");
  EXPECT_TRUE(topics(R"({"topics":[{"name":"nope"}],"allowAutoTopicCreation":true})", 4)
                  .contains(R"("errorCode":3,)"));
}

TEST_F(MetadataResponseTest, AllVersionsCanBeEncoded) {
  const auto versions = MetadataResponse::message().versions;
  for (std::int16_t version = 0; version <= versions.last; ++version) {
    std::string request = R"({"topics":)";
    request += version == 0 ? "[]" : "null";
    if (version >= 4) request += R"(,"allowAutoTopicCreation":true)";
    if (version >= 8 && version <= 10) request += R"(,"includeClusterAuthorizedOperations":true)";
    if (version >= 8) request += R"(,"includeTopicAuthorizedOperations":true)";
    EXPECT_TRUE(ask(request + "}", version).contains("__consumer_offsets")) << version;
  }
}

}  // namespace
}  // namespace ottla::metadata
