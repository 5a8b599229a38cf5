#include "metadata/describe/topic_partitions.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "metadata/testing/question.h"
#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

using protocol::DescribeTopicPartitionsRequest;
using protocol::DescribeTopicPartitionsResponse;

class AllBut final : public Access {
 public:
  explicit AllBut(std::string_view topic) : topic_(topic) {}
  bool allows(AclOperation, AclResourceType, std::string_view name) const override { return name != topic_; }

 private:
  std::string_view topic_;
};

class TopicPartitionsTest : public ::testing::Test {
 protected:
  TopicPartitionsTest() {
    story_.tell_all({
        "feature metadata.version 33",
        "broker 1 epoch=1 listener=OUT fenced=0",
        "broker 2 epoch=2 listener=OTHER fenced=0",
        "topic a 1",
        "partition 1 0 replicas=1 isr=1 leader=1",
        "partition 1 1 replicas=1,2 isr=1 leader=1 epoch=0 elr=2 last=2",
        "topic b 2",
        "partition 2 0 replicas=1 isr=1 leader=1",
        "partition 2 1 replicas=2 isr=2 leader=2",
        "partition 2 2 replicas=1 isr=1 leader=9",
    });
  }

  std::string ask(std::string_view json, const Access& access = FullAccess(), std::int32_t most = 2000) {
    const Viewpoint viewpoint{.image = story_.image, .listener = "OUT", .access = access};
    return answer<DescribeTopicPartitionsRequest, DescribeTopicPartitionsResponse>(
        json, 0,
        [&](const DescribeTopicPartitionsRequest& request, Arena& arena,
            DescribeTopicPartitionsResponse& response) {
          return describe_topic_partitions(viewpoint, most, request, arena, response);
        });
  }
  // Topics with their partitions, `-` for where nobody leads, and the cursor: "a 0 1, b -; b 2".
  std::string page(std::string_view json, const Access& access = FullAccess(), std::int32_t most = 2000) {
    return outline(ask(json, access, most));
  }
  static std::string outline(const std::string& json) {
    Budget budget("outline", 1 << 20);
    Arena arena(budget);
    DescribeTopicPartitionsResponse response;
    EXPECT_TRUE(protocol::from_json(json, 0, arena, response).ok()) << json;
    std::string text;
    for (const auto& topic : response.topics) {
      if (!text.empty()) text += ", ";
      text += *topic.name;
      if (topic.error_code != 0) text += " error " + std::to_string(topic.error_code);
      for (const auto& each : topic.partitions) {
        text += (each.leader_id < 0 ? " -" : " ") + std::to_string(each.partition_index);
      }
    }
    if (response.next_cursor.is_null()) return text;
    return text + "; " + std::string(response.next_cursor->topic_name) + " " +
           std::to_string(response.next_cursor->partition_index);
  }

  Story story_;
};

TEST_F(TopicPartitionsTest, AllThatIsKnownOfAPartition) {
  EXPECT_TRUE(
      ask(R"({"topics":[{"name":"a"}],"responsePartitionLimit":9,"cursor":{"topicName":"a",)"
          R"("partitionIndex":1}})")
          .contains(R"("isInternal":false,"partitions":[{"errorCode":0,"partitionIndex":1,"leaderId":1,)"
                    R"("leaderEpoch":0,"replicaNodes":[1,2],"isrNodes":[1],)"
                    R"("eligibleLeaderReplicas":[2],"lastKnownElr":[2],"offlineReplicas":[2]}],)"
                    R"("topicAuthorizedOperations":3576}],"nextCursor":null})"));
}

TEST_F(TopicPartitionsTest, AllTopicsPageByPage) {
  EXPECT_EQ(page(R"({"topics":[],"responsePartitionLimit":9,"cursor":null})"), "a 0 1, b 0 -1 -2");
  EXPECT_EQ(page(R"({"topics":[],"responsePartitionLimit":2,"cursor":null})"), "a 0 1; b 0");
  EXPECT_EQ(page(R"({"topics":[],"responsePartitionLimit":3,"cursor":null})"), "a 0 1, b 0; b 1");
  EXPECT_EQ(page(R"({"topics":[],"responsePartitionLimit":3,"cursor":{"topicName":"b","partitionIndex":1}})"),
            "b -1 -2");
  EXPECT_EQ(page(R"({"topics":[],"responsePartitionLimit":0,"cursor":null})"), "a 0; a 1");
  EXPECT_EQ(page(R"({"topics":[],"responsePartitionLimit":9,"cursor":null})", FullAccess(), 1), "a 0; a 1");
}

TEST_F(TopicPartitionsTest, CursorsBetweenAndBehind) {
  EXPECT_EQ(
      page(R"({"topics":[],"responsePartitionLimit":9,"cursor":{"topicName":"aa","partitionIndex":7}})"),
      "b 0 -1 -2");
  EXPECT_EQ(page(R"({"topics":[],"responsePartitionLimit":9,"cursor":{"topicName":"a","partitionIndex":7}})"),
            "a, b 0 -1 -2");
  EXPECT_EQ(page(R"({"topics":[],"responsePartitionLimit":9,)"
                 R"("cursor":{"topicName":"a","partitionIndex":2147483647}})"),
            "a, b 0 -1 -2");
}

TEST_F(TopicPartitionsTest, NamesInTheirOrder) {
  EXPECT_EQ(page(R"({"topics":[{"name":"zz"},{"name":"b"},{"name":"b"},{"name":"a b"}],)"
                 R"("responsePartitionLimit":9,"cursor":null})"),
            "a b error 17, b 0 -1 -2, zz error 3");
  EXPECT_EQ(page(R"({"topics":[{"name":"a"},{"name":"zz"}],"responsePartitionLimit":2,"cursor":null})"),
            "a 0 1; zz 0");
}

TEST_F(TopicPartitionsTest, CursorsThatMeanNothing) {
  EXPECT_EQ(page(R"({"topics":[{"name":"b"}],"responsePartitionLimit":9,)"
                 R"("cursor":{"topicName":"a","partitionIndex":0}})"),
            "b error 42");
  EXPECT_EQ(page(R"({"topics":[{"name":"b"}],"responsePartitionLimit":9,)"
                 R"("cursor":{"topicName":"b","partitionIndex":-1}})"),
            "b error 42");
}

TEST_F(TopicPartitionsTest, WhatMustNotBeSeen) {
  EXPECT_EQ(page(R"({"topics":[],"responsePartitionLimit":9,"cursor":null})", AllBut("a")), "b 0 -1 -2");
  EXPECT_EQ(
      page(R"({"topics":[{"name":"b"},{"name":"a"}],"responsePartitionLimit":9,"cursor":null})", AllBut("a")),
      "b 0 -1 -2, a error 29");
}

}  // namespace
}  // namespace ottla::metadata
