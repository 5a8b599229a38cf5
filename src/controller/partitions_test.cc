#include "controller/partitions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/testing/cluster_story.h"

namespace ottla::controller {
namespace {

using testing::ClusterStory;

struct FourBrokers : ClusterStory {
  explicit FourBrokers(const testing::TestSetup& setup = {}) : ClusterStory(setup) {
    tell_all({"live 1 2 3 4", "create t assign=1,2,3"});
  }
};

TEST(AlterPartitionTest, ALeaderTellsItsIsr) {
  FourBrokers story;
  EXPECT_EQ(story.tell("isr t 0 1 1,2"), "isr=1,2 leader=1 epoch=0/1");
  EXPECT_EQ(story.tell("isr t 0 1 1,2,3"), "isr=1,2,3 leader=1 epoch=0/2");
  EXPECT_EQ(story.tell("isr t 0 1 1,2,3"), "isr=1,2,3 leader=1 epoch=0/2");
  EXPECT_EQ(story.cluster().records_of_last(), 0U);
}

TEST(AlterPartitionTest, WhoMayTellItAndWhen) {
  FourBrokers story;
  EXPECT_EQ(story.tell("isr t 0 2 1,2"), "INVALID_REQUEST");
  EXPECT_EQ(story.tell("isr t 0 1 1,2 lepoch=1"), "NOT_CONTROLLER");
  EXPECT_EQ(story.tell("isr t 0 1 1,2 pepoch=1"), "NOT_CONTROLLER");
  EXPECT_EQ(story.tell("isr t 0 1 1,2 lepoch=-1"), "FENCED_LEADER_EPOCH");
  story.tell_all({"isr t 0 1 1,2"});
  EXPECT_EQ(story.tell("isr t 0 1 1,2,3 pepoch=0"), "INVALID_UPDATE_VERSION");
  EXPECT_EQ(story.tell("isr t 0 1 1,2 epoch=0"), "STALE_BROKER_EPOCH");
  EXPECT_EQ(story.tell("isr t 0 9 1,2"), "STALE_BROKER_EPOCH");
  EXPECT_EQ(story.tell("isr x 0 1 1,2"), "UNKNOWN_TOPIC_ID");
  EXPECT_EQ(story.tell("isr t 7 1 1,2"), "UNKNOWN_TOPIC_OR_PARTITION");
}

TEST(AlterPartitionTest, WhoMayBeInIt) {
  FourBrokers story;
  EXPECT_EQ(story.tell("isr t 0 1 1,4"), "INVALID_REQUEST");
  EXPECT_EQ(story.tell("isr t 0 1 1,1"), "INVALID_REQUEST");
  EXPECT_EQ(story.tell("isr t 0 1 2,3"), "INVALID_REQUEST");
  EXPECT_EQ(story.tell("isr t 0 1 1,2 epochs=-1,-1"), "isr=1,2 leader=1 epoch=0/1");
  EXPECT_EQ(story.tell("isr t 0 1 1,2,3 epochs=-1,-1,0"), "INELIGIBLE_REPLICA");
  story.tell_all({"beat 3 fence"});
  EXPECT_EQ(story.tell("isr t 0 1 1,2,3"), "INELIGIBLE_REPLICA");
  story.tell_all({"beat 3", "create u assign=3,2", "beat 3 shutdown"});
  EXPECT_EQ(story.tell("isr t 0 1 1,2,3"), "INELIGIBLE_REPLICA");
  story.tell_all({"unregister 3"});
  EXPECT_EQ(story.tell("isr t 0 1 1,2,3"), "INELIGIBLE_REPLICA");
}

TEST(AlterPartitionTest, AnOlderMetadataVersionRaisesTheLeadersEpochWhenTheIsrShrinks) {
  FourBrokers story({.version = metadata::MetadataVersion::v3_5_iv2, .elr = false});
  EXPECT_EQ(story.tell("isr t 0 1 1,2"), "isr=1,2 leader=1 epoch=1/1");
  EXPECT_EQ(story.tell("isr t 0 1 1,2,3"), "isr=1,2,3 leader=1 epoch=1/2");
}

TEST(AlterPartitionTest, AnUncleanLeaderTellsWhenItIsDone) {
  FourBrokers story({.elr = false});
  story.tell_all({"topic-config t unclean.leader.election.enable=true", "isr t 0 1 1", "beat 1 fence"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2 leader=2 epoch=1/2 recovering");
  EXPECT_EQ(story.tell("isr t 0 2 2,3 recovering"), "INVALID_REQUEST");
  EXPECT_EQ(story.tell("isr t 0 2 2,3"), "isr=2,3 leader=2 epoch=1/3");
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2,3 leader=2 epoch=1/3");
  EXPECT_EQ(story.tell("isr t 0 2 2 recovering"), "INVALID_REQUEST");
}

TEST(ReassignmentTest, AddsThenRemoves) {
  FourBrokers story;
  EXPECT_EQ(story.tell("move t 0 2,3,4"), "ok");
  EXPECT_EQ(story.tell("show t 0"), "replicas=2,3,4,1 isr=1,2,3 leader=1 epoch=0/1 adding=4 removing=1");
  EXPECT_EQ(story.tell("moving"), "t-0 replicas=2,3,4,1 adding=4 removing=1");
  EXPECT_EQ(story.tell("moving t 0"), "t-0 replicas=2,3,4,1 adding=4 removing=1");
  EXPECT_EQ(story.tell("moving t 1"), "");
  EXPECT_EQ(story.tell("isr t 0 1 1,2,3,4"), "NEW_LEADER_ELECTED");
  EXPECT_EQ(story.tell("show t 0"), "replicas=2,3,4 isr=2,3,4 leader=2 epoch=1/2");
  EXPECT_EQ(story.tell("moving"), "");
}

TEST(ReassignmentTest, WithNobodyNewItIsDoneAtOnce) {
  FourBrokers story;
  EXPECT_EQ(story.tell("move t 0 2,1"), "ok");
  EXPECT_EQ(story.tell("show t 0"), "replicas=2,1 isr=1,2 leader=1 epoch=1/1");
  EXPECT_EQ(story.tell("move t 0 1,2"), "ok");
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2 isr=1,2 leader=1 epoch=1/2");
}

TEST(ReassignmentTest, FewerReplicasWaitUntilAllThatStayAreInSync) {
  FourBrokers story;
  story.tell_all({"isr t 0 1 1,3", "move t 0 1,2"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=1,3 leader=1 epoch=0/2 adding= removing=3");
  EXPECT_EQ(story.tell("isr t 0 1 1,2,3"), "isr=1,2 leader=1 epoch=1/3");
}

TEST(ReassignmentTest, CanBeBrokenOff) {
  FourBrokers story;
  EXPECT_EQ(story.tell("cancel t 0"), "NO_REASSIGNMENT_IN_PROGRESS");
  story.tell_all({"move t 0 4"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=4,1,2,3 isr=1,2,3 leader=1 epoch=0/1 adding=4 removing=1,2,3");
  EXPECT_EQ(story.tell("cancel t 0"), "ok");
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=1,2,3 leader=1 epoch=1/2");
}

TEST(ReassignmentTest, IsNotBrokenOffAtTheCostOfRecords) {
  FourBrokers story({.elr = false});
  story.tell_all({"live 5", "move t 0 4,5", "isr t 0 1 1,4", "beat 1 fence"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=4,5,1,2,3 isr=4 leader=4 epoch=1/3 adding=4,5 removing=1,2,3");
  EXPECT_EQ(
      story.tell("cancel t 0"),
      "INVALID_REPLICA_ASSIGNMENT: Unable to revert partition assignment for t:0 because it would require an "
      "unclean leader election.");
}

TEST(ReassignmentTest, NobodyComesAndGoesAtOnce) {
  FourBrokers story;
  story.tell_all({"move t 0 1,2,4", "move t 0 1,2"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2 isr=1,2 leader=1 epoch=1/2");
}

TEST(ReassignmentTest, WhatMayNotBe) {
  FourBrokers story;
  EXPECT_EQ(story.tell("move x 0 1"), "UNKNOWN_TOPIC_OR_PARTITION: Unable to find a topic named x.");
  EXPECT_EQ(story.tell("move t 5 1"), "UNKNOWN_TOPIC_OR_PARTITION: Unable to find partition t:5.");
  EXPECT_EQ(
      story.tell("move t 0 9"),
      "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes broker 9, but no such broker is "
      "registered.");
  EXPECT_EQ(story.tell("move t 0"),
            "INVALID_REPLICA_ASSIGNMENT: The manual partition assignment includes an empty replica list.");
  EXPECT_EQ(story.tell("move t 0 1,2 same-size"),
            "INVALID_REPLICATION_FACTOR: The replication factor is changed from 3 to 2");
  EXPECT_EQ(story.tell("move t 0 1,2,4 same-size"), "ok");
}

TEST(ReplicaDirectoriesTest, BrokersSayWhereReplicasLie) {
  ClusterStory story;
  story.tell_all({"live 1 dirs=11,12", "live 2", "create t assign=1,2"});
  EXPECT_EQ(story.tell("show t 0 dirs"), "replicas=1,2 isr=1,2 leader=1 epoch=0/0 dirs=unassigned,20");
  EXPECT_EQ(story.tell("dirs 1 12 t 0"), "ok");
  EXPECT_EQ(story.tell("show t 0 dirs"), "replicas=1,2 isr=1,2 leader=1 epoch=0/1 dirs=12,20");
  EXPECT_EQ(story.tell("dirs 1 12 t 0"), "ok");
  EXPECT_EQ(story.cluster().records_of_last(), 0U);
  EXPECT_EQ(story.tell("dirs 1 12 t 9"), "UNKNOWN_TOPIC_OR_PARTITION");
  EXPECT_EQ(story.tell("dirs 1 12 x 0"), "UNKNOWN_TOPIC_ID");
  EXPECT_EQ(story.tell("dirs 1 12 t 0 epoch=0"), "STALE_BROKER_EPOCH");
  story.tell_all({"live 3"});
  EXPECT_EQ(story.tell("dirs 3 30 t 0"), "NOT_LEADER_OR_FOLLOWER");
}

TEST(ReplicaDirectoriesTest, AReplicaInALostDirectoryDoesNotLead) {
  ClusterStory story;
  story.tell_all({"live 1 dirs=11,12", "live 2", "create t assign=1,2", "beat 1 offline=12"});
  EXPECT_EQ(story.tell("dirs 1 12 t 0"), "ok");
  EXPECT_EQ(story.tell("show t 0 dirs"), "replicas=1,2 isr=2 leader=2 epoch=1/2 dirs=12,20");
}

}  // namespace
}  // namespace ottla::controller
