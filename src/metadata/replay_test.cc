#include "metadata/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const Partition& partition(const Story& story, std::uint64_t topic, std::int32_t index) {
  return *story.image.topics.partition(Uuid(0, topic), PartitionId(index));
}

std::vector<std::int32_t> list(BrokerIds ids) {
  return {ids.begin(), ids.end()};
}

TEST(ReplayTopicsTest, ATopicStandsUnderNameAndId) {
  Story story;
  story.tell_all({"topic foo 1", "partition 1 0 replicas=1,2 isr=1,2 leader=1 epoch=0 pepoch=0"});
  EXPECT_EQ(story.image.topics.find("foo")->id, Uuid(0, 1));
  EXPECT_EQ(story.image.topics.find(Uuid(0, 1))->name, "foo");
  EXPECT_THAT(list(partition(story, 1, 0).isr()), ElementsAre(1, 2));
}

TEST(ReplayTopicsTest, RemovingATopicTakesItsConfigurationAlong) {
  Story story;
  story.tell_all({"topic foo 1", "config 2 foo a=b", "config 2 bar a=b", "remove-topic 1"});
  EXPECT_EQ(story.image.topics.find("foo"), nullptr);
  EXPECT_EQ(story.image.config({ConfigResourceType::topic, "foo"}, "a"), nullptr);
  EXPECT_NE(story.image.config({ConfigResourceType::topic, "bar"}, "a"), nullptr);
}

TEST(ReplayTopicsTest, RefusesWhatBelongsToNoTopic) {
  Story story;
  EXPECT_THAT(story.tell("remove-topic 1"), HasSubstr("no such topic found"));
  EXPECT_THAT(story.tell("partition 1 0 replicas=1"), HasSubstr("no such topic found"));
  EXPECT_THAT(story.tell("change 1 0 isr=1"), HasSubstr("Unable to find partition"));
  EXPECT_THAT(story.tell("clear-elr foo"), HasSubstr("Unable to clear elr"));
  story.tell_all({"topic foo 1"});
  EXPECT_THAT(story.tell("change 1 0 isr=1"), HasSubstr("Unable to find partition"));
}

TEST(ReplayTopicsTest, NeitherANameNorAnIdIsGivenTwice) {
  Story story;
  story.tell_all({"topic foo 1"});
  EXPECT_THAT(story.tell("topic foo 2"), HasSubstr("already"));
  EXPECT_THAT(story.tell("topic bar 1"), HasSubstr("belongs to foo"));
  EXPECT_EQ(story.image.topics.by_id.size(), 1U);
  EXPECT_EQ(story.tell("topic foo 1"), "");
}

TEST(ReplayTopicsTest, AChangeSaysWhatChanges) {
  Story story;
  story.tell_all({"topic foo 1", "partition 1 0 replicas=1,2 isr=1,2 leader=1 epoch=4 pepoch=9 dirs=7,8",
                  "change 1 0 isr=2 elr=1"});
  const Partition& changed = partition(story, 1, 0);
  EXPECT_THAT(list(changed.isr()), ElementsAre(2));
  EXPECT_THAT(list(changed.elr()), ElementsAre(1));
  EXPECT_THAT(list(changed.replicas()), ElementsAre(1, 2));
  EXPECT_EQ(changed.leader_epoch(), 4);
  EXPECT_EQ(changed.partition_epoch(), 10);
  EXPECT_EQ(*changed.directory_of(2), Uuid(0, 8));
}

TEST(ReplayTopicsTest, ANewLeaderIsANewEpochEvenIfItIsTheOldOne) {
  Story story;
  story.tell_all(
      {"topic foo 1", "partition 1 0 replicas=1,2 isr=1,2 leader=1 epoch=4 pepoch=9", "change 1 0 leader=1"});
  EXPECT_EQ(partition(story, 1, 0).leader_epoch(), 5);
  story.tell_all({"change 1 0 leader=-1"});
  EXPECT_EQ(partition(story, 1, 0).leader_epoch(), 6);
  EXPECT_FALSE(partition(story, 1, 0).has_leader());
}

TEST(ReplayTopicsTest, EpochsComeRoundLikeTheReferences) {
  Story story;
  story.tell_all({"topic foo 1", "partition 1 0 replicas=1 isr=1 leader=1 epoch=0 pepoch=2147483647",
                  "change 1 0 isr="});
  EXPECT_EQ(partition(story, 1, 0).partition_epoch(), INT32_MIN);
}

TEST(ReplayTopicsTest, EachReplicaHasADirectory) {
  Story story;
  story.tell_all({"topic foo 1", "partition 1 0 replicas=1,2"});
  EXPECT_EQ(*partition(story, 1, 0).directory_of(2), kMigratingDirectory);
  EXPECT_THAT(story.tell("partition 1 0 replicas=1,2 dirs=7"),
              HasSubstr("1 directories are given for 2 replicas"));
  EXPECT_THAT(story.tell("change 1 0 dirs=7"), HasSubstr("directories are given"));
  // Nobody has told where they lie, so that nobody needs to tell where a third one does.
  EXPECT_EQ(story.tell("change 1 0 replicas=1,2,3"), "");
  story.tell_all({"change 1 0 dirs=7,8,9"});
  EXPECT_THAT(story.tell("change 1 0 replicas=1,2"), HasSubstr("3 directories are given for 2 replicas"));
}

TEST(ReplayTopicsTest, EligibleReplicasAreForgottenWithAnEpoch) {
  Story story;
  story.tell_all({"topic foo 1", "topic bar 2", "partition 1 0 replicas=1,2 elr=2 pepoch=3",
                  "partition 1 1 replicas=1,2 pepoch=3", "partition 2 0 replicas=1 last=1 pepoch=3",
                  "clear-elr foo"});
  EXPECT_THAT(partition(story, 1, 0).elr(), IsEmpty());
  EXPECT_EQ(partition(story, 1, 0).partition_epoch(), 4);
  EXPECT_EQ(partition(story, 1, 1).partition_epoch(), 3);
  EXPECT_EQ(partition(story, 2, 0).partition_epoch(), 3);
  story.tell_all({"clear-elr"});
  EXPECT_THAT(partition(story, 2, 0).last_known_elr(), IsEmpty());
  EXPECT_EQ(partition(story, 2, 0).partition_epoch(), 4);
}

TEST(ReplayTopicsTest, RecoveryIsOneOfTwo) {
  Story story;
  story.tell_all({"topic foo 1", "partition 1 0 replicas=1 recovery=1"});
  EXPECT_EQ(partition(story, 1, 0).leader_recovery(), LeaderRecovery::recovering);
  EXPECT_THAT(story.tell("change 1 0 recovery=2"), HasSubstr("not a valid leader recovery state"));
  EXPECT_THAT(story.tell("partition 1 0 recovery=-1"), HasSubstr("not a valid leader recovery state"));
  EXPECT_EQ(story.tell("change 1 0 recovery=0"), "");
}

TEST(ReplayClusterTest, ABrokerChangesOnlyInItsEpoch) {
  Story story;
  story.tell_all({"broker 1 epoch=7 dirs=9,8", "unfence 1 7"});
  EXPECT_FALSE(story.image.cluster.broker(NodeId(1))->fenced);
  EXPECT_THAT(story.image.cluster.broker(NodeId(1))->directories, ElementsAre(Uuid(0, 8), Uuid(0, 9)));
  EXPECT_THAT(story.tell("fence 1 6"), HasSubstr("did not match the current broker epoch, 7"));
  EXPECT_THAT(story.tell("broker-change 1 8 fenced=1"), HasSubstr("did not match"));
  EXPECT_THAT(story.tell("broker-change 2 8 fenced=1"), HasSubstr("was not registered"));
  story.tell_all({"broker-change 1 7 fenced=1 shutdown=1 cordoned=8"});
  EXPECT_TRUE(story.image.cluster.broker(NodeId(1))->in_controlled_shutdown);
  EXPECT_THAT(*story.image.cluster.broker(NodeId(1))->cordoned_directories, ElementsAre(Uuid(0, 8)));
}

TEST(ReplayClusterTest, RefusesWhatABrokerCannotBe) {
  Story story;
  EXPECT_THAT(story.tell("broker 1 listener="), HasSubstr("must be named"));
  EXPECT_THAT(story.tell("broker 1 protocol=4"), HasSubstr("unknown security protocol 4"));
  story.tell_all({"broker 1"});
  EXPECT_THAT(story.tell("broker-change 1 0 fenced=2"), HasSubstr("of fenced"));
  EXPECT_THAT(story.tell("broker-change 1 0 shutdown=-1"), HasSubstr("of inControlledShutdown"));
}

TEST(ReplayClusterTest, NodesAreForgotten) {
  Story story;
  story.tell_all({"broker 1", "controller 3", "unregister 1", "unregister-controller 3", "unregister 1"});
  EXPECT_TRUE(story.image.cluster.brokers.empty());
  EXPECT_TRUE(story.image.cluster.controllers.empty());
}

TEST(ReplayFeaturesTest, LevelZeroIsNone) {
  Story story;
  story.tell_all({"feature metadata.version 33", "feature share.version 2", "feature kraft.version 1"});
  EXPECT_EQ(story.image.features.level("share.version"), 2);
  EXPECT_EQ(story.image.features.level("kraft.version"), 0);
  EXPECT_EQ(story.image.features.metadata_version, MetadataVersion::v4_4_iv2);
  story.tell_all({"feature share.version 0"});
  EXPECT_TRUE(story.image.features.finalized.empty());
}

TEST(ReplayFeaturesTest, AnUnknownMetadataVersionIsRefused) {
  Story story;
  EXPECT_THAT(story.tell("feature metadata.version 6"), HasSubstr("3.3-IV3"));
  EXPECT_THAT(story.tell("feature metadata.version 35"), HasSubstr("not supported"));
  EXPECT_FALSE(story.image.features.metadata_version.has_value());
}

TEST(ReplaySettingsTest, TheLastValueTakesTheResourceAlong) {
  Story story;
  story.tell_all({"config 4 1 a=1", "config 4 1 b=2", "config 4 1 a"});
  EXPECT_EQ(*story.image.config({ConfigResourceType::broker, "1"}, "b"), "2");
  story.tell_all({"config 4 1 b", "config 4 1 b"});
  EXPECT_TRUE(story.image.configs.empty());
}

TEST(ReplaySettingsTest, ConfigurationsMayBeLeftOut) {
  Story story;
  protocol::ConfigRecord record;
  record.name = "no.such.key";
  const ReplayRules rules{
      .config_supported = [](ConfigResourceType, std::string_view key) { return key == "a"; }};
  EXPECT_TRUE(replay(story.image, protocol::ConfigRecord::message(), &record, rules).ok());
  EXPECT_TRUE(story.image.configs.empty());
}

TEST(ReplaySettingsTest, QuotasAreOfWhomeverTheyName) {
  Story story;
  story.tell_all(
      {"quota user=a,client-id= rate=1.5", "quota client-id=,user=a burst=2", "quota user=a rate=3"});
  EXPECT_EQ(story.image.client_quotas.size(), 2U);
  story.tell_all({"quota user=a rate", "quota user=a,client-id= rate"});
  EXPECT_EQ(story.image.client_quotas.size(), 1U);
}

TEST(ReplaySettingsTest, RulesCredentialsAndTokens) {
  Story story;
  story.tell_all(
      {"acl 1 User:a", "scram 1 bob", "scram 2 bob", "token t User:a User:b", "producer-ids 1000"});
  EXPECT_THAT(story.tell("remove-acl 2"), HasSubstr("Failed to find existing ACL"));
  EXPECT_THAT(story.tell("token t nobody"),
              HasSubstr("expected a string in format principalType:principalName"));
  story.tell_all(
      {"remove-acl 1", "remove-scram 1 bob", "remove-scram 1 bob", "remove-token t", "remove-token t"});
  EXPECT_EQ(story.image.scram.size(), 1U);
  EXPECT_EQ(story.image.next_producer_id, 1000);
  EXPECT_TRUE(story.image.acls.empty() && story.image.delegation_tokens.empty());
}

TEST(ReplayTest, TransactionsAndUnknownTypesAreNotForAnImage) {
  Story story;
  EXPECT_THAT(story.tell("begin"), HasSubstr("does not change metadata"));
  EXPECT_EQ(story.tell("no-op"), "");
  EXPECT_THAT(replay_encoded(story.image, std::string("\x01\x63\x00", 3)), HasSubstr("unknown type 99"));
  EXPECT_THAT(replay_encoded(story.image, std::string("\x01\x02\x07", 3)), HasSubstr("0 to 0 are known"));
  EXPECT_NE(replay_encoded(story.image, std::string("\x01\x02\x00\x05", 4)), "");
  EXPECT_NE(replay_encoded(story.image, ""), "");
}

TEST(ReplayTest, OldImagesStay) {
  Story story;
  story.tell_all({"topic foo 1", "partition 1 0 replicas=1 isr=1"});
  const MetadataImage before = story.image;
  story.tell_all({"change 1 0 isr=", "topic bar 2"});
  EXPECT_THAT(list(before.topics.partition(Uuid(0, 1), PartitionId(0))->isr()), ElementsAre(1));
  EXPECT_EQ(before.topics.by_name.size(), 1U);
}

}  // namespace
}  // namespace ottla::metadata
