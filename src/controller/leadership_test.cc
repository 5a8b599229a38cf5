#include "controller/leadership.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "controller/testing/cluster_story.h"

namespace ottla::controller {
namespace {

using testing::ClusterStory;

struct ThreeBrokers : ClusterStory {
  explicit ThreeBrokers(const testing::TestSetup& setup = {}) : ClusterStory(setup) {
    tell_all({"live 1 2 3", "create t assign=1,2,3"});
  }
};

TEST(LeadershipTest, TheNextReplicaInSyncLeads) {
  ThreeBrokers story;
  story.tell_all({"beat 1 fence"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2,3 leader=2 epoch=1/1");
  story.tell_all({"beat 1"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2,3 leader=2 epoch=1/1");
}

TEST(LeadershipTest, WithoutEligibleReplicasTheLastOfTheIsrStays) {
  ThreeBrokers story({.elr = false});
  story.tell_all({"beat 1 fence", "beat 2 fence", "beat 3 fence"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=3 leader=-1 epoch=3/3");
  story.tell_all({"beat 1"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=3 leader=-1 epoch=3/3");
  story.tell_all({"beat 3"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=3 leader=3 epoch=4/4");
}

TEST(LeadershipTest, WhoFellOutBelowMinIsrMayLeadAgain) {
  ThreeBrokers story;
  story.tell_all({"cluster-config min.insync.replicas=2", "beat 1 fence"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2,3 leader=2 epoch=1/1");
  story.tell_all({"beat 2 fence"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=3 leader=3 epoch=2/2 elr=2");
  story.tell_all({"beat 3 fence"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr= leader=-1 epoch=3/3 elr=2,3 last=3");
  story.tell_all({"beat 1"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr= leader=-1 epoch=3/3 elr=2,3 last=3");
  story.tell_all({"beat 2"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2 leader=2 epoch=4/4 elr=3");
  EXPECT_EQ(story.tell("isr t 0 2 2,1"), "isr=2,1 leader=2 epoch=4/5");
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2,1 leader=2 epoch=4/5");
}

TEST(LeadershipTest, WhoWasKilledIsNotEligible) {
  ThreeBrokers story;
  story.tell_all({"cluster-config min.insync.replicas=3", "beat 1 fence", "beat 2 fence", "pass 10",
                  "register 2 incarnation=22 previous=7"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=3 leader=3 epoch=2/3 elr=1");
  story.tell_all({"register 3 incarnation=33 previous=7"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr= leader=-1 epoch=3/4 elr=1 last=3");
  story.tell_all({"register 1 incarnation=11 previous=last"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr= leader=-1 epoch=3/4 elr=1 last=3");
  story.tell_all({"beat 1"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=1 leader=1 epoch=4/5");
}

TEST(LeadershipTest, OldBrokersDoNotTellAndCountAsKilled) {
  ThreeBrokers story;
  story.tell_all({"cluster-config min.insync.replicas=3", "beat 1 fence", "pass 10"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2,3 leader=2 epoch=1/1 elr=1");
  story.tell_all({"register 1 incarnation=11 previous=last version=2"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2,3 leader=2 epoch=1/2");
}

TEST(LeadershipTest, TheLastLeaderMayLeadWhenNobodyIsEligible) {
  ThreeBrokers story;
  story.tell_all({"beat 1 fence", "beat 2 fence", "pass 10", "register 3 incarnation=33 previous=7"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr= leader=-1 epoch=3/3 last=3");
  story.tell_all({"beat 1", "beat 2"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr= leader=-1 epoch=3/3 last=3");
  story.tell_all({"beat 3"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=3 leader=3 epoch=4/4 recovering");
}

TEST(LeadershipTest, PreferredReplicasLeadWhenAskedFor) {
  ThreeBrokers story;
  EXPECT_EQ(story.tell("elect preferred t 0"),
            "t-0 ELECTION_NOT_NEEDED: Leader election not needed for topic partition.");
  story.tell_all({"beat 1 fence"});
  EXPECT_EQ(story.tell("elect preferred t 0"),
            "t-0 PREFERRED_LEADER_NOT_AVAILABLE: The preferred leader was not available.");
  story.tell_all({"beat 1", "isr t 0 2 2,3,1"});
  EXPECT_EQ(story.tell("elect preferred t 0,0,7"),
            "t-0 ok; t-0 ELECTION_NOT_NEEDED: Leader election not needed for topic partition.; t-7 "
            "UNKNOWN_TOPIC_OR_PARTITION: No such partition as t-7");
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2,3,1 leader=1 epoch=2/3");
  EXPECT_EQ(story.tell("elect preferred *"), "");
  EXPECT_EQ(story.tell("elect preferred x 0"), "x-0 UNKNOWN_TOPIC_OR_PARTITION: No such topic as x");
  EXPECT_EQ(story.tell("elect other t 0"), "INVALID_REQUEST");
}

TEST(LeadershipTest, UncleanOnesLeadWhenAskedFor) {
  ThreeBrokers story({.elr = false});
  EXPECT_EQ(story.tell("elect unclean t 0"),
            "t-0 ELECTION_NOT_NEEDED: Leader election not needed for topic partition.");
  story.tell_all({"beat 1 fence", "beat 2 fence", "beat 3 fence"});
  EXPECT_EQ(story.tell("elect unclean t 0"),
            "t-0 ELIGIBLE_LEADERS_NOT_AVAILABLE: Eligible topic partition leaders are not available.");
  story.tell_all({"beat 2"});
  EXPECT_EQ(story.tell("elect unclean *"), "t-0 ok");
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2 leader=2 epoch=4/4 recovering");
}

TEST(LeadershipTest, UncleanOnesLeadByThemselvesWhereThatIsConfigured) {
  ThreeBrokers story({.elr = false});
  story.tell_all({"beat 2 fence", "beat 3 fence", "beat 1 fence", "beat 2", "create u assign=2"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=1 leader=-1 epoch=1/3");
  story.tell_all({"unclean"});
  EXPECT_EQ(story.cluster().records_of_last(), 0U);
  story.tell_all({"topic-config t unclean.leader.election.enable=true"});
  EXPECT_EQ(story.tell("unclean"), "done");
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2 leader=2 epoch=2/4 recovering");
}

TEST(LeadershipTest, LeadersGoBackToThePreferredReplicas) {
  ThreeBrokers story;
  story.tell_all({"beat 1 fence", "beat 1"});
  EXPECT_EQ(story.tell("balance"), "done");
  EXPECT_EQ(story.cluster().records_of_last(), 0U);
  story.tell_all({"isr t 0 2 2,3,1", "balance"});
  EXPECT_EQ(story.tell("show t 0"), "replicas=1,2,3 isr=2,3,1 leader=1 epoch=2/3");
}

TEST(LeadershipTest, AThousandElectionsAtOnce) {
  ThreeBrokers story;
  std::string assignment = "2,1";
  for (int i = 1; i < 1100; ++i) assignment += "/2,1";
  EXPECT_EQ(story.tell("create many assign=" + assignment), "ok");
  story.tell_all({"beat 2 fence", "beat 2"});
  for (int i = 0; i < 1100; ++i) story.tell("isr many " + std::to_string(i) + " 1 1,2");
  EXPECT_EQ(story.tell("balance"), "more");
  EXPECT_EQ(story.cluster().records_of_last(), kMostElections);
  EXPECT_EQ(story.tell("balance"), "done");
  EXPECT_EQ(story.tell("elect preferred *"), "");
}

}  // namespace
}  // namespace ottla::controller
