#include "controller/topics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/testing/cluster_story.h"

namespace ottla::controller {
namespace {

using testing::ClusterStory;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct ThreeBrokers : ClusterStory {
  ThreeBrokers() { tell_all({"live 1 2 3"}); }
};

TEST(TopicsTest, ATopicHasItsReplicasOnDifferentBrokers) {
  ClusterStory story;
  story.tell_all({"live 1 2 3"});
  EXPECT_EQ(story.tell("create t parts=6 repl=3"), "ok");
  std::map<std::int32_t, int> leaders;
  for (const auto& [index, partition] : story.cluster().image().topics.find("t")->partitions) {
    ++leaders[partition->leader()];
  }
  EXPECT_THAT(leaders,
              ::testing::ElementsAre(::testing::Pair(1, 2), ::testing::Pair(2, 2), ::testing::Pair(3, 2)));
}

TEST(TopicsTest, NamesThatMayNotBe) {
  ClusterStory story;
  story.tell_all({"live 1", "create a.b"});
  EXPECT_EQ(story.tell("create ''"),
            "INVALID_TOPIC_EXCEPTION: Topic name is invalid: the empty string is not allowed");
  EXPECT_EQ(story.tell("create .."), "INVALID_TOPIC_EXCEPTION: Topic name is invalid: '..' is not allowed");
  EXPECT_THAT(story.tell("create a/b"), HasSubstr("'a/b' contains one or more characters other than ASCII"));
  EXPECT_THAT(story.tell("create " + std::string(250, 'a')),
              HasSubstr("is longer than the max allowed length 249"));
  EXPECT_EQ(story.tell("create a_b"),
            "INVALID_TOPIC_EXCEPTION: Topic 'a_b' collides with existing topic: a.b");
  EXPECT_EQ(story.tell("create a.b"), "TOPIC_ALREADY_EXISTS: Topic 'a.b' already exists.");
  EXPECT_EQ(story.tell("create x+y+x"), "ok; INVALID_REQUEST: Duplicate topic name.");
  EXPECT_EQ(story.tell("create __cluster_metadata"),
            "INVALID_REQUEST: Creation of internal topic __cluster_metadata is prohibited.");
  story.tell_all({"delete a.b"});
  EXPECT_EQ(story.tell("create a_b"), "ok");
}

TEST(TopicsTest, NumbersThatMayNotBe) {
  ClusterStory story;
  EXPECT_EQ(story.tell("create t"),
            "INVALID_REPLICATION_FACTOR: Unable to replicate the partition 1 time(s): All brokers are "
            "currently fenced, "
            "or have all their log directories cordoned.");
  story.tell_all({"live 1"});
  EXPECT_EQ(story.tell("create t parts=0"),
            "INVALID_PARTITIONS: Number of partitions was set to an invalid non-positive value.");
  EXPECT_EQ(story.tell("create t repl=0"),
            "INVALID_REPLICATION_FACTOR: Replication factor must be larger than 0, or -1 to use the default "
            "value.");
  EXPECT_EQ(story.tell("create t repl=2"),
            "INVALID_REPLICATION_FACTOR: Unable to replicate the partition 2 time(s): The target replication "
            "factor of "
            "2 cannot be reached because only 1 broker(s) are registered or some brokers have all their log "
            "directories cordoned.");
  EXPECT_EQ(story.tell("create t parts=-1 repl=-1"), "ok");
}

TEST(TopicsTest, OneRequestMakesTenThousandRecords) {
  ClusterStory story;
  story.tell_all({"live 1"});
  EXPECT_EQ(story.tell("create a parts=10001"),
            "POLICY_VIOLATION: Excessively large number of partitions per request.");
  EXPECT_EQ(story.tell("create a parts=10000"),
            "POLICY_VIOLATION: Unable to perform excessively large batch operation.");
  EXPECT_EQ(story.tell("create a parts=10000 validate"),
            "POLICY_VIOLATION: Unable to perform excessively large batch operation.");
  EXPECT_EQ(story.tell("create a parts=9999"), "ok");
  EXPECT_EQ(story.tell("grow a 20000"),
            "POLICY_VIOLATION: Excessively large number of additional partitions per request.");
}

TEST(TopicsTest, ReplicasThatPeopleChose) {
  ThreeBrokers story;
  EXPECT_EQ(
      story.tell("create t assign=1,2 parts=1"),
      "INVALID_REQUEST: A manual partition assignment was specified, but numPartitions was not set to -1.");
  EXPECT_EQ(story.tell("create t assign=1,2 repl=1"),
            "INVALID_REQUEST: A manual partition assignment was specified, but replication factor was not "
            "set to -1.");
  EXPECT_EQ(
      story.tell("create t assign=1,1"),
      "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes the broker 1 more than once.");
  EXPECT_EQ(
      story.tell("create t assign=1,9"),
      "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes broker 9, but no such broker is "
      "registered.");
  EXPECT_EQ(story.tell("create t assign=1,2/3"),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes a partition with 1 "
            "replica(s), but "
            "this is not consistent with previous partitions, which have 2 replica(s).");
  EXPECT_EQ(story.tell("create t assign=1,2 first=1"),
            "INVALID_REPLICA_ASSIGNMENT: partitions should be a consecutive 0-based integer sequence");
  story.tell_all({"beat 3 fence"});
  EXPECT_EQ(story.tell("create t assign=3"),
            "INVALID_REPLICA_ASSIGNMENT: All brokers specified in the manual partition assignment for "
            "partition 0 are "
            "fenced or in controlled shutdown.");
  EXPECT_EQ(story.tell("create t assign=3,2/2,1"), "ok");
  EXPECT_EQ(story.tell("show t 0 dirs"), "replicas=3,2 isr=2 leader=2 epoch=0/0 dirs=30,20");
}

TEST(TopicsTest, ConfigurationsAreCheckedAndKept) {
  ThreeBrokers story;
  EXPECT_EQ(story.tell("create t cleanup.policy=null"),
            "INVALID_CONFIG: Null value not supported for topic configs: cleanup.policy");
  EXPECT_EQ(story.tell("create t no.such=1"), "INVALID_CONFIG: Unknown topic config name: no.such");
  EXPECT_THAT(story.tell("create t retention.ms=soon"), StartsWith("INVALID_CONFIG: Invalid value soon"));
  EXPECT_EQ(story.tell("create t retention.ms=5000 min.insync.replicas=2"), "ok");
  const metadata::ConfigResourceView topic(metadata::ConfigResourceType::topic, "t");
  EXPECT_EQ(*story.cluster().image().config(topic, "retention.ms"), "5000");
}

TEST(TopicsTest, TheAnswerShowsTheConfiguration) {
  ThreeBrokers story;
  protocol::CreateTopicsRequest::CreatableTopicConfig config;
  config.name = "retention.ms";
  config.value = "5000";
  protocol::CreateTopicsRequest::CreatableTopic topic;
  topic.name = "t";
  topic.num_partitions = 2;
  topic.replication_factor = 3;
  topic.configs = protocol::Array<decltype(config)>(&config, 1);
  protocol::CreateTopicsRequest request;
  request.topics = protocol::Array<decltype(topic)>(&topic, 1);
  const auto response = story.cluster().ask<protocol::CreateTopicsResponse>(request);
  const auto& made = response.topics[0];
  EXPECT_EQ(made.num_partitions, 2);
  EXPECT_EQ(made.replication_factor, 3);
  EXPECT_TRUE(made.error_message.is_null());
  EXPECT_EQ(made.topic_id, story.cluster().image().topics.find("t")->id);
  const auto found = std::ranges::find(made.configs, std::string_view("retention.ms"),
                                       [](const auto& each) { return each.name; });
  ASSERT_NE(found, made.configs.end());
  EXPECT_EQ(*found->value, "5000");
  EXPECT_EQ(found->config_source, 1);
}

TEST(TopicsTest, ValidatingMakesNothing) {
  ThreeBrokers story;
  EXPECT_EQ(story.tell("create t parts=3 validate"), "ok");
  EXPECT_EQ(story.tell("show t 0"), "none");
  EXPECT_EQ(story.tell("create t"), "ok");
  EXPECT_EQ(story.tell("grow t 3 validate"), "ok");
  EXPECT_EQ(story.tell("show t 1"), "none");
}

TEST(TopicsTest, DeletesByNameAndById) {
  ThreeBrokers story;
  story.tell_all({"create a", "create b", "create c"});
  EXPECT_EQ(story.tell("delete a a"), "INVALID_REQUEST: Duplicate topic name.");
  EXPECT_EQ(story.tell("delete x"),
            "UNKNOWN_TOPIC_OR_PARTITION: This server does not host this topic-partition.");
  EXPECT_EQ(story.tell("delete-id 0 0"), "INVALID_REQUEST: Duplicate topic id.");
  EXPECT_EQ(story.tell("delete-id 77"), "UNKNOWN_TOPIC_ID: This server does not host this topic ID.");
  EXPECT_EQ(story.tell("delete a"), "ok");
  EXPECT_EQ(story.tell("delete-id 1"), "ok");
  EXPECT_EQ(story.tell("delete-id 1"), "UNKNOWN_TOPIC_ID: This server does not host this topic ID.");
  EXPECT_EQ(story.cluster().image().topics.by_name.size(), 1U);
}

TEST(TopicsTest, DeletesNothingTwiceInOneRequest) {
  ThreeBrokers story;
  story.tell_all({"create a"});
  std::vector<protocol::DeleteTopicsRequest::DeleteTopicState> topics(4);
  topics[0].name = "a";
  topics[1].topic_id = story.cluster().image().topics.find("a")->id;
  topics[3].name = "b";
  topics[3].topic_id = Uuid(5, 5);
  protocol::DeleteTopicsRequest request;
  request.topics = topics;
  const auto response = story.cluster().ask<protocol::DeleteTopicsResponse>(request);
  std::vector<std::string> told;
  for (const auto& each : response.responses)
    told.push_back(testing::shown_error(each.error_code, each.error_message));
  EXPECT_THAT(told, ::testing::UnorderedElementsAre(
                        "INVALID_REQUEST: Neither topic name nor id were specified.",
                        "INVALID_REQUEST: You may not specify both topic name and topic id.",
                        "INVALID_REQUEST: The provided topic name maps to an ID that was already supplied."));
  EXPECT_NE(story.cluster().image().topics.find("a"), nullptr);
}

TEST(TopicsTest, DeletionCanBeForbidden) {
  ClusterStory story({.config = {{"delete.topic.enable", "false"}}});
  story.tell_all({"live 1", "create a"});
  EXPECT_EQ(story.tell("delete a"), "TOPIC_DELETION_DISABLED");
}

TEST(TopicsTest, PartitionsAreAdded) {
  ThreeBrokers story;
  story.tell_all({"create t assign=1,2"});
  EXPECT_EQ(story.tell("grow t 1"), "INVALID_PARTITIONS: Topic already has 1 partition(s).");
  EXPECT_EQ(story.tell("grow t 0"),
            "INVALID_PARTITIONS: The topic t currently has 1 partition(s); 0 would not be an increase.");
  EXPECT_EQ(story.tell("grow x 2"), "UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_EQ(story.tell("grow t+t 2"), "INVALID_REQUEST: Duplicate topic name.");
  EXPECT_EQ(
      story.tell("grow t 3 assign=1,2"),
      "INVALID_REPLICA_ASSIGNMENT: Attempted to add 2 additional partition(s), but only 1 assignment(s) were "
      "specified.");
  EXPECT_THAT(story.tell("grow t 2 assign=1,2,3"),
              HasSubstr("with 3 replica(s), but this is not consistent"));
  EXPECT_EQ(story.tell("grow t 3 assign=2,3/3,1"), "ok");
  EXPECT_EQ(story.tell("show t 2"), "replicas=3,1 isr=3,1 leader=3 epoch=0/0");
  EXPECT_EQ(story.tell("grow t 5"), "ok");
  EXPECT_EQ(story.cluster().image().topics.find("t")->partitions.size(), 5U);
}

class FewMutations final : public MutationQuota {
 public:
  explicit FewMutations(std::int32_t left) : left_(left) {}
  bool charge(std::int32_t mutations) override {
    if (mutations > left_) return false;
    left_ -= mutations;
    return true;
  }

 private:
  std::int32_t left_;
};

TEST(TopicsTest, AQuotaLimitsThem) {
  ThreeBrokers story;
  FewMutations quota(5);
  story.cluster().limit_mutations(&quota);
  EXPECT_EQ(story.tell("create a parts=3"), "ok");
  EXPECT_EQ(story.tell("create b parts=3"), "THROTTLING_QUOTA_EXCEEDED");
  EXPECT_EQ(story.tell("grow a 6"), "THROTTLING_QUOTA_EXCEEDED");
  EXPECT_EQ(story.tell("grow a 4"), "ok");
  EXPECT_EQ(story.tell("delete a"), "THROTTLING_QUOTA_EXCEEDED");
}

class NoFoo final : public CreateTopicPolicy {
 public:
  std::optional<std::string> check(const Topic& topic) const override {
    return topic.name == "foo" ? std::optional<std::string>("no foo here") : std::nullopt;
  }
};

TEST(TopicsTest, APolicyMayRefuse) {
  ThreeBrokers story;
  const NoFoo policy;
  story.cluster().change_options().create_topic_policy = &policy;
  EXPECT_EQ(story.tell("create foo"), "POLICY_VIOLATION: no foo here");
  EXPECT_EQ(story.tell("create foo assign=1"), "POLICY_VIOLATION: no foo here");
  EXPECT_EQ(story.tell("create bar"), "ok");
}

TEST(TopicsTest, OldVersionsKnowNoDirectories) {
  ClusterStory story({.version = metadata::MetadataVersion::v3_6_iv0, .elr = false});
  story.tell_all({"live 1", "create t"});
  EXPECT_EQ(story.tell("show t 0 dirs"), "replicas=1 isr=1 leader=1 epoch=0/0 dirs=migrating");
}

}  // namespace
}  // namespace ottla::controller
