#include "replica/leader_core.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <vector>

#include "base/uuid.h"
#include "replica/testing/cluster_of_one_partition.h"

namespace ottla::replica {
namespace {

using protocol::ErrorCode;
using Settled = LeaderCore::Settled;
using Taken = LeaderCore::Taken;

constexpr std::int64_t kLag = 30'000;

class KnownBrokers final : public Brokers {
 public:
  Facts facts_of(NodeId broker) const override {
    const auto known = all.find(broker.raw());
    return known == all.end() ? Facts{.epoch = 10} : known->second;
  }
  std::map<std::int32_t, Facts> all;
};

// Broker 1 leads; others fetch, and time passes.
class LeaderCoreTest : public ::testing::Test {
 protected:
  Taken take(std::vector<std::int32_t> replicas, std::vector<std::int32_t> isr, std::int32_t epoch = 0,
             std::int32_t partition_epoch = 0) {
    const std::vector<Uuid> directories(replicas.size(), Uuid(1, 1));
    return core.take(*metadata::Partition::make({.replicas = replicas,
                                                 .directories = directories,
                                                 .isr = isr,
                                                 .removing_replicas = {},
                                                 .adding_replicas = {},
                                                 .elr = {},
                                                 .last_known_elr = {},
                                                 .leader = 1,
                                                 .leader_epoch = epoch,
                                                 .partition_epoch = partition_epoch}),
                     log_end, now);
  }
  bool fetch(std::int32_t follower, std::int64_t offset, std::int64_t broker_epoch = 10) {
    return core.note_fetch({.follower = NodeId(follower),
                            .offset = Offset(offset),
                            .log_start = Offset(0),
                            .broker_epoch = broker_epoch,
                            .leader_end = log_end,
                            .now_ms = now},
                           brokers);
  }
  // The new high watermark, or "-".
  std::string watermark() {
    const auto next = core.next_high_watermark({log_end, high_watermark}, now, brokers);
    if (!next) return "-";
    high_watermark = *next;
    return next->to_string();
  }
  static std::string shown(const std::optional<IsrProposal>& proposal) {
    if (!proposal) return "-";
    std::string out;
    for (const IsrProposal::Member& member : proposal->isr) {
      out += (out.empty() ? "" : " ") + member.broker.to_string() + "@" + std::to_string(member.broker_epoch);
    }
    return out;
  }
  std::optional<IsrProposal> expand(std::int32_t follower) {
    return core.propose_expansion(NodeId(follower), high_watermark, brokers);
  }
  std::optional<IsrProposal> shrink() { return core.propose_shrink(log_end, now); }
  Settled altered(const IsrProposal& proposal, std::vector<std::int32_t> isr, std::int32_t partition_epoch) {
    AlteredPartition changed{proposal.leader_epoch, partition_epoch, {}};
    for (const std::int32_t member : isr) changed.isr.push_back(NodeId(member));
    return core.on_altered(proposal.number, changed);
  }

  KnownBrokers brokers;
  LeaderCore core{NodeId(1), {.min_insync_replicas = 1, .max_lag_ms = kLag}};
  Offset log_end{0};
  Offset high_watermark{0};
  std::int64_t now = 1'000'000;
};

TEST_F(LeaderCoreTest, AloneItsLogIsCommittedAtOnce) {
  log_end = Offset(5);
  EXPECT_EQ(take({1}, {1}), Taken::new_epoch);
  EXPECT_EQ(core.epoch_start(), Offset(5));
  EXPECT_EQ(watermark(), "5");
  EXPECT_EQ(watermark(), "-");
  log_end = Offset(8);
  EXPECT_EQ(watermark(), "8");
  EXPECT_TRUE(core.enough_hold_it());
  EXPECT_EQ(core.low_watermark(Offset(3), brokers), Offset(3));
}

TEST_F(LeaderCoreTest, TheWatermarkIsWhereAllInSyncAre) {
  take({1, 2, 3}, {1, 2, 3});
  log_end = Offset(10);
  EXPECT_EQ(watermark(), "-");
  fetch(2, 10);
  EXPECT_EQ(watermark(), "-");
  fetch(3, 4);
  EXPECT_EQ(watermark(), "4");
  fetch(3, 7);
  EXPECT_EQ(watermark(), "7");
}

TEST_F(LeaderCoreTest, WhoIsNearlyInSyncIsWaitedForToo) {
  take({1, 2}, {1});
  log_end = Offset(10);
  EXPECT_EQ(watermark(), "10");
  fetch(2, 10);
  log_end = Offset(12);
  EXPECT_EQ(watermark(), "-");
  now += kLag + 1;
  EXPECT_EQ(watermark(), "12");
}

TEST_F(LeaderCoreTest, TheWatermarkIsFrozenWithTooFewInSync) {
  core.set_rules({.min_insync_replicas = 2, .max_lag_ms = kLag});
  take({1, 2, 3}, {1});
  log_end = Offset(10);
  EXPECT_TRUE(core.under_min_isr());
  EXPECT_EQ(watermark(), "-");
  take({1, 2, 3}, {1, 2}, 0, 1);
  fetch(2, 9);
  EXPECT_TRUE(core.at_min_isr());
  EXPECT_EQ(watermark(), "9");
}

TEST_F(LeaderCoreTest, NoMoreAreAskedForThanThereAreReplicas) {
  core.set_rules({.min_insync_replicas = 5, .max_lag_ms = kLag});
  take({1, 2}, {1, 2});
  EXPECT_EQ(core.effective_min_isr(), 2U);
  EXPECT_FALSE(core.under_min_isr());
}

TEST_F(LeaderCoreTest, AFollowerJoinsWhenItHasWhatIsCommittedAndThisEpochsBeginning) {
  log_end = Offset(10);
  take({1, 2}, {1}, 3);
  high_watermark = Offset(6);
  fetch(2, 9);
  EXPECT_EQ(shown(expand(2)), "-");
  fetch(2, 10);
  const auto proposal = expand(2);
  EXPECT_EQ(shown(proposal), "1@-1 2@10");
  EXPECT_EQ(core.maximal_isr_size(), 2U);
  EXPECT_EQ(core.isr().size(), 1U);
  EXPECT_EQ(shown(expand(2)), "-");  // one question at a time
  EXPECT_EQ(altered(*proposal, {1, 2}, 1), Settled::committed);
  EXPECT_EQ(core.isr().size(), 2U);
  EXPECT_EQ(core.partition_epoch(), 1);
  EXPECT_EQ(altered(*proposal, {1, 2}, 1), Settled::late);
}

TEST_F(LeaderCoreTest, WhoIsFencedOrStoppingOrAnotherProcessDoesNotJoin) {
  take({1, 2}, {1});
  brokers.all[2] = {.epoch = {}, .fenced = true};
  fetch(2, 0);
  EXPECT_EQ(shown(expand(2)), "-");
  brokers.all[2] = {.epoch = 10, .stopping = true};
  EXPECT_EQ(shown(expand(2)), "-");
  brokers.all[2] = {.epoch = 11};
  EXPECT_EQ(shown(expand(2)), "-");
  EXPECT_FALSE(fetch(2, 0, 10));
  EXPECT_TRUE(fetch(2, 0, 11));
  EXPECT_EQ(shown(expand(2)), "1@-1 2@11");
}

TEST_F(LeaderCoreTest, WhoDoesNotTellItsEpochJoinsAll) {
  take({1, 2}, {1});
  EXPECT_TRUE(fetch(2, 0, -1));
  EXPECT_EQ(shown(expand(2)), "1@-1 2@-1");
}

TEST_F(LeaderCoreTest, WhoLagsLeaves) {
  take({1, 2, 3}, {1, 2, 3});
  log_end = Offset(10);
  fetch(2, 10);
  fetch(3, 5);
  now += kLag;
  EXPECT_EQ(shown(shrink()), "-");
  now += 1;
  const auto proposal = shrink();
  EXPECT_EQ(shown(proposal), "1@-1 2@10");
  // Until the controller has said so it is still waited for.
  EXPECT_EQ(watermark(), "5");
  EXPECT_EQ(altered(*proposal, {1, 2}, 1), Settled::committed);
  EXPECT_EQ(watermark(), "10");
}

TEST_F(LeaderCoreTest, WhoIsNeverQuiteAtTheEndButKeepsUpStays) {
  take({1, 2}, {1, 2});
  for (int each = 1; each < 10; ++each) {
    log_end = Offset(each * 10);
    fetch(2, (each - 1) * 10);
    now += kLag / 2;
    EXPECT_EQ(shown(shrink()), "-") << each;
  }
}

TEST_F(LeaderCoreTest, ARefusalThatTellsThatNothingWasDoneRevertsAtOnce) {
  take({1, 2}, {1});
  fetch(2, 0);
  const auto proposal = expand(2);
  EXPECT_EQ(core.on_refused(proposal->number, ErrorCode::ineligible_replica), Settled::reverted);
  EXPECT_EQ(core.maximal_isr_size(), 1U);
  EXPECT_NE(shown(expand(2)), "-");
}

TEST_F(LeaderCoreTest, OtherRefusalsWaitForTheMetadata) {
  for (const ErrorCode error :
       {ErrorCode::unknown_topic_id, ErrorCode::unknown_topic_or_partition, ErrorCode::fenced_leader_epoch,
        ErrorCode::invalid_update_version, ErrorCode::invalid_request, ErrorCode::new_leader_elected}) {
    take({1, 2}, {1}, 0, core.partition_epoch() + 1);
    fetch(2, 0);
    const auto proposal = expand(2);
    EXPECT_EQ(core.on_refused(proposal->number, error), Settled::waits);
    EXPECT_EQ(core.maximal_isr_size(), 2U);
    EXPECT_EQ(shown(shrink()), "-");
  }
  EXPECT_EQ(core.on_refused(0, ErrorCode::invalid_request), Settled::late);
}

TEST_F(LeaderCoreTest, WhatNobodyUnderstandsIsAskedAgain) {
  take({1, 2}, {1});
  fetch(2, 0);
  const auto proposal = expand(2);
  EXPECT_EQ(core.on_refused(proposal->number, ErrorCode::request_timed_out), Settled::retry);
  EXPECT_TRUE(core.is_altering());
}

TEST_F(LeaderCoreTest, MetadataEndAQuestionAndMakeItsAnswerLate) {
  take({1, 2}, {1});
  fetch(2, 0);
  const auto proposal = expand(2);
  EXPECT_EQ(take({1, 2}, {1, 2}, 0, 1), Taken::same_epoch);
  EXPECT_FALSE(core.is_altering());
  EXPECT_EQ(altered(*proposal, {1, 2}, 1), Settled::late);
  EXPECT_EQ(core.isr().size(), 2U);
}

TEST_F(LeaderCoreTest, MetadataThatTellWhatAnAnswerToldDoNotEndTheNextQuestion) {
  take({1, 2, 3}, {1});
  fetch(2, 0);
  fetch(3, 0);
  EXPECT_EQ(altered(*expand(2), {1, 2}, 1), Settled::committed);
  const auto proposal = expand(3);
  EXPECT_EQ(take({1, 2, 3}, {1, 2}, 0, 1), Taken::same_epoch);
  EXPECT_EQ(core.maximal_isr_size(), 3U);
  EXPECT_EQ(altered(*proposal, {1, 2, 3}, 2), Settled::committed);
}

TEST_F(LeaderCoreTest, AnAnswerOfAnEarlierChangeIsNotBelieved) {
  take({1, 2}, {1}, 0, 5);
  fetch(2, 0);
  const auto proposal = expand(2);
  EXPECT_EQ(altered(*proposal, {1}, 4), Settled::waits);
  EXPECT_TRUE(core.is_altering());
}

TEST_F(LeaderCoreTest, OldMetadataChangeNothing) {
  take({1, 2}, {1, 2}, 3, 7);
  EXPECT_EQ(take({1}, {1}, 3, 6), Taken::stale);
  EXPECT_EQ(take({1}, {1}, 2, 8), Taken::stale);
  EXPECT_EQ(core.isr().size(), 2U);
  EXPECT_EQ(core.replica_count(), 2U);
}

TEST_F(LeaderCoreTest, ANewEpochForgetsHowFarFollowersWereInTime) {
  take({1, 2, 3}, {1, 2});
  log_end = Offset(10);
  fetch(2, 10);
  fetch(3, 10);
  now += 100 * kLag;
  EXPECT_EQ(take({1, 2, 3}, {1, 2}, 1, 1), Taken::new_epoch);
  EXPECT_EQ(core.epoch_start(), Offset(10));
  EXPECT_EQ(core.follower(NodeId(2))->caught_up_ms, now);
  EXPECT_EQ(core.follower(NodeId(3))->caught_up_ms, 0);
}

TEST_F(LeaderCoreTest, WhenEpochsWerePassedOverNothingIsKnownOfFollowers) {
  take({1, 2}, {1, 2});
  log_end = Offset(10);
  fetch(2, 10);
  take({1, 2}, {1, 2}, 1, 1);
  EXPECT_EQ(core.follower(NodeId(2))->log_end, Offset(10));
  take({1, 2}, {1, 2}, 3, 3);
  EXPECT_EQ(core.follower(NodeId(2))->log_end, kUnknownOffset);
  EXPECT_EQ(watermark(), "-");
}

TEST_F(LeaderCoreTest, ReplicasThatAreGoneAreForgotten) {
  take({1, 2, 3}, {1, 2, 3});
  take({1, 3, 4}, {1, 3}, 0, 1);
  EXPECT_EQ(core.follower(NodeId(2)), nullptr);
  EXPECT_NE(core.follower(NodeId(4)), nullptr);
  EXPECT_FALSE(fetch(2, 0));
}

TEST_F(LeaderCoreTest, DeletionsWaitForLivingReplicasOnly) {
  take({1, 2, 3}, {1, 2, 3});
  fetch(2, 0);
  EXPECT_EQ(core.low_watermark(Offset(5), brokers), Offset(-1));  // of 3 nothing is known
  brokers.all[3] = {.epoch = {}, .fenced = true};
  EXPECT_EQ(core.low_watermark(Offset(5), brokers), Offset(0));
}

TEST(LeaderInAClusterTest, KeepsWhatItPromises) {
  std::size_t acknowledged = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    testing::ClusterOfOnePartition cluster(seed, testing::Plant::none);
    cluster.run(2000);
    ASSERT_EQ(cluster.violation(), "") << "seed " << seed;
    acknowledged += cluster.acknowledged();
  }
  EXPECT_GT(acknowledged, 300U * 10);
}

class LeaderPlantTest : public ::testing::TestWithParam<testing::NamedPlant> {};

TEST_P(LeaderPlantTest, IsFound) {
  for (std::uint64_t seed = 1; seed <= 1000; ++seed) {
    testing::ClusterOfOnePartition cluster(seed, GetParam().plant);
    cluster.run(2000);
    if (!cluster.violation().empty()) return;
  }
  FAIL() << "nobody noticed";
}

INSTANTIATE_TEST_SUITE_P(Planted, LeaderPlantTest, ::testing::ValuesIn(testing::kPlants),
                         [](const auto& plant) { return std::string(plant.param.name); });

}  // namespace
}  // namespace ottla::replica
