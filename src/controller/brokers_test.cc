#include "controller/brokers.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/testing/cluster_story.h"

namespace ottla::controller {
namespace {

using testing::ClusterStory;
using ::testing::HasSubstr;
using ::testing::StartsWith;

TEST(BrokersTest, ABrokerIsFencedUntilItHasCaughtUp) {
  ClusterStory story;
  const std::int64_t epoch = std::stoll(story.tell("register 1"));
  EXPECT_EQ(story.tell("brokers"), "1 fenced");
  EXPECT_EQ(story.tell("beat 1 offset=" + std::to_string(epoch - 1)), "behind, fenced");
  EXPECT_EQ(story.tell("beat 1 fence"), "caught up, fenced");
  EXPECT_EQ(story.tell("beat 1 offset=" + std::to_string(epoch)), "caught up");
  EXPECT_EQ(story.tell("brokers"), "1");
  EXPECT_EQ(story.tell("beat 1 fence"), "caught up, fenced");
}

TEST(BrokersTest, TheEpochIsTheOffsetWhereItsRecordsBegin) {
  ClusterStory story;
  const std::int64_t next = story.cluster().next_offset().raw();
  EXPECT_EQ(story.tell("register 1"), std::to_string(next));
  EXPECT_EQ(story.tell("register 1 rack=a"),
            std::to_string(next));  // the same incarnation tells more of itself
  EXPECT_EQ(story.tell("beat 1 offset=" + std::to_string(next)), "behind, fenced");
  EXPECT_EQ(story.tell("beat 1"), "caught up");
}

TEST(BrokersTest, AnotherProcessMayTakeTheNumberWhenTheSessionHasEnded) {
  ClusterStory story;
  story.tell_all({"live 1"});
  EXPECT_EQ(
      story.tell("register 1 incarnation=2"),
      "DUPLICATE_BROKER_REGISTRATION: Another broker is registered with that broker id. If the broker was "
      "recently restarted this should self-resolve once the heartbeat manager expires the broker's session.");
  story.tell_all({"pass 10"});
  const std::int64_t next = story.cluster().next_offset().raw();
  EXPECT_EQ(story.tell("register 1 incarnation=2"), std::to_string(next));
  EXPECT_THAT(story.tell("beat 1 epoch=5"), HasSubstr("STALE_BROKER_EPOCH: Expected broker epoch"));
}

TEST(BrokersTest, WhatARegistrationMustSay) {
  ClusterStory story;
  EXPECT_EQ(story.tell("register 1 cluster=other"),
            "INCONSISTENT_CLUSTER_ID: Expected cluster ID cluster, but got cluster ID other");
  EXPECT_EQ(story.tell("register 1 zookeeper"),
            "BROKER_ID_NOT_REGISTERED: Controller does not support registering ZK brokers.");
  EXPECT_EQ(story.tell("register 1 dirs="), "INVALID_REGISTRATION: No directories specified in request");
  EXPECT_EQ(story.tell("register 1 dirs=102"), "INVALID_REGISTRATION: Reserved directory ID in request");
  EXPECT_EQ(story.tell("register 1 dirs=5,5"), "INVALID_REGISTRATION: Duplicate directory ID in request");
  EXPECT_EQ(story.tell("register 1 listener="), "INVALID_REGISTRATION: Broker listeners must be named.");
  EXPECT_EQ(story.tell("register 1 port=0"),
            "INVALID_REGISTRATION: Cannot serialize ephemeral port 0 in ListenerInfo.");
  EXPECT_THAT(story.tell("register 1 protocol=9"),
              StartsWith("INVALID_REGISTRATION: Unknown security protocol 9"));
  EXPECT_EQ(story.tell("register 1 features=kraft.version:0:1"),
            "INVALID_REGISTRATION: Request features do not contain 'metadata.version'");
  EXPECT_EQ(
      story.tell("register 1 features=metadata.version:7:20"),
      "UNSUPPORTED_VERSION: Unable to register because the broker does not support finalized version 33 of "
      "metadata.version. The broker wants a version between 7 and 20, inclusive.");
  EXPECT_THAT(
      story.tell("register 1 features=metadata.version:7:33+kraft.version:0:1"),
      StartsWith(
          "UNSUPPORTED_VERSION: Unable to register because the broker does not support finalized "
          "version 1 of eligible.leader.replicas.version. The broker wants a version between 0 and 0"));
  story.tell_all({"register 1 dirs=5"});
  EXPECT_THAT(story.tell("register 2 dirs=5"),
              StartsWith("INVALID_REGISTRATION: Broker 1 is already registered"));
}

TEST(BrokersTest, ABrokerLeavesItsLeadersBehindBeforeItGoes) {
  ClusterStory story;
  story.tell_all({"live 1 2", "create t assign=1,2"});
  EXPECT_EQ(story.tell("beat 1 shutdown"), "caught up");
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2 isr=2 leader=2 epoch=1/1");
  EXPECT_EQ(story.tell("brokers"), "1 shuts down; 2");
  EXPECT_EQ(story.tell("beat 1 shutdown"), "caught up");  // 2 may not know yet that it leads
  EXPECT_EQ(story.tell("beat 2"), "caught up");
  EXPECT_EQ(story.tell("beat 1 shutdown"), "caught up, fenced, may go");
  EXPECT_EQ(story.tell("brokers"), "1 fenced shuts down; 2");
}

TEST(BrokersTest, WhoLeadsNothingMayGoAtOnce) {
  ClusterStory story;
  story.tell_all({"live 1 2", "create t assign=2,1"});
  EXPECT_EQ(story.tell("beat 1 shutdown"), "caught up, fenced, may go");
  EXPECT_EQ(story.tell("beat 1 shutdown"), "caught up, fenced, may go");
  EXPECT_EQ(story.tell("beat 2 fence shutdown"), "caught up, fenced, may go");
}

TEST(BrokersTest, AShutdownGoesOnUnderAnotherController) {
  ClusterStory story;
  story.tell_all({"live 1 2", "create t assign=1,2", "beat 1 shutdown", "fail-over", "beat 2"});
  EXPECT_EQ(story.tell("beat 1 shutdown"), "caught up, fenced, may go");
}

TEST(BrokersTest, SilentBrokersAreFencedOneByOne) {
  ClusterStory story;
  story.tell_all({"live 1 2 3", "create t assign=1,2,3", "pass 8", "beat 3", "pass 2"});
  EXPECT_EQ(story.tell("silence"), "more");
  EXPECT_EQ(story.tell("silence"), "more");
  EXPECT_EQ(story.tell("silence"), "done");
  EXPECT_EQ(story.tell("brokers"), "1 fenced; 2 fenced; 3");
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=3 leader=3 epoch=2/2");
}

TEST(BrokersTest, ANewControllerGivesEachBrokerAWholeSession) {
  ClusterStory story;
  story.tell_all({"live 1", "pass 8", "fail-over", "pass 8"});
  EXPECT_EQ(story.tell("silence"), "done");
  story.tell_all({"pass 2"});
  EXPECT_EQ(story.tell("silence"), "more");
  EXPECT_EQ(story.tell("brokers"), "1 fenced");
}

TEST(BrokersTest, LostDirectoriesTakeTheirReplicasOutOfTheIsr) {
  ClusterStory story;
  story.tell_all({"live 1 dirs=11,12", "live 2", "create a assign=1,2", "create b assign=1,2",
                  "dirs 1 11 a 0", "dirs 1 12 b 0"});
  EXPECT_EQ(story.tell("beat 1 offline=11"), "caught up");
  EXPECT_EQ(story.tell("show a 0 dirs"), "replicas=1,2 isr=2 leader=2 epoch=1/2 dirs=11,20");
  EXPECT_EQ(story.tell("show b 0 dirs"), "replicas=1,2 isr=1,2 leader=1 epoch=0/1 dirs=12,20");
  EXPECT_EQ(story.tell("beat 1 offline=11"), "caught up");
  EXPECT_EQ(story.cluster().records_of_last(), 0U);
}

TEST(BrokersTest, CordonedDirectoriesTakeNoNewReplicas) {
  ClusterStory story;
  story.tell_all({"live 1 dirs=11,12", "live 2", "beat 1 cordoned=11,12"});
  EXPECT_THAT(story.tell("create t repl=2"), HasSubstr("only 1 broker(s) are registered"));
  EXPECT_THAT(story.tell("create t assign=1"), HasSubstr("all its log directories are cordoned"));
  story.tell_all({"beat 1 cordoned=11"});
  EXPECT_EQ(story.cluster().records_of_last(), 1U);
  story.tell_all({"beat 1 cordoned=11"});
  EXPECT_EQ(story.cluster().records_of_last(), 0U);
  EXPECT_EQ(story.tell("create t repl=2"), "ok");
}

TEST(BrokersTest, UnregisteringTakesLeadersAndEligibilityAway) {
  ClusterStory story;
  story.tell_all({"live 1 2 3", "cluster-config min.insync.replicas=2", "create t assign=1,2,3", "pass 10",
                  "beat 2", "silence", "silence"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2 leader=2 epoch=1/2 elr=3");
  EXPECT_EQ(story.tell("unregister 3"), "ok");
  EXPECT_EQ(story.tell("unregister 2"), "ok");
  EXPECT_EQ(story.tell("unregister 2"), "BROKER_ID_NOT_REGISTERED: Broker ID 2 is not currently registered");
  EXPECT_EQ(story.tell("brokers"), "1 fenced");
}

TEST(BrokersTest, ControllersComeAndGo) {
  ClusterStory story;
  EXPECT_EQ(story.tell("controller 7"), "ok");
  EXPECT_NE(story.cluster().image().cluster.controller(NodeId(7)), nullptr);
  EXPECT_EQ(story.tell("unregister-controller 7"), "ok");
  EXPECT_EQ(story.tell("unregister-controller 7"),
            "CONTROLLER_ID_NOT_REGISTERED: Controller ID 7 is not currently registered.");
  EXPECT_EQ(story.tell("unregister-controller 100"),
            "INVALID_REQUEST: Controller cannot unregister itself while it is active.");
  ClusterStory old({.version = metadata::MetadataVersion::v3_6_iv0, .elr = false});
  EXPECT_EQ(old.tell("controller 7"), "UNSUPPORTED_VERSION: The version of API is not supported.");
}

}  // namespace
}  // namespace ottla::controller
