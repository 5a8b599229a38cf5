// Elections, replication, commits and the way back of a node without memory, decision by decision: replicas
// whose messages, disks and clock the test moves by hand.
#include "test/kv/replica.h"

#include <gtest/gtest.h>

#include <deque>
#include <memory>
#include <vector>

#include "test/kv/judge.h"

namespace ottla::kv {
namespace {

using std::chrono::milliseconds;

Command write(std::uint32_t sequence, std::uint64_t value = 7) {
  return {Operation::write, ClientId(1), sequence, 3, 0, value};
}

// Three replicas. settle() delivers and writes everything that may be; hold() stops a disk, cut() a node.
class Cluster : public ::testing::Test {
 protected:
  Cluster() : judge_(3, [this](const std::string& what) { violations_.push_back(what); }) {
    for (int i = 0; i < 3; ++i) start(i, {Ballot{}, {}});
  }
  ~Cluster() override { EXPECT_TRUE(violations_.empty()) << violations_.front(); }

  void start(int node, Recovered recovered) {
    judge_.started(NodeId(node), recovered.ballot, recovered.entries.size());
    kept(node) = recovered;
    at(node).emplace(ReplicaConfig{.self = NodeId(node), .nodes = 3, .timing = {}, .plant = plant_},
                     std::move(recovered), Random(static_cast<std::uint64_t>(node + ++lives_)), judge_, now_);
  }
  void crash_and_start(int node) { start(node, kept(node)); }
  void lose_disk_and_start(int node) {
    judge_.expect_lost_disk(NodeId(node));
    start(node, {std::nullopt, {}});
  }

  Replica& replica(int node) { return *at(node); }
  // The node's silence is over.
  void time_out(int node) {
    now_ = std::max(now_, replica(node).deadline()) + milliseconds(1);
    replica(node).on_timer(now_);
  }
  void pass(Duration duration) {
    now_ += duration;
    for (int i = 0; i < 3; ++i) replica(i).on_timer(now_);
    settle();
  }
  void elect(int node) {
    now_ += milliseconds(200);  // what others heard of their leader is long ago
    time_out(node);
    settle();
    ASSERT_TRUE(replica(node).leading());
  }
  void propose(int node, std::vector<Command> commands) {
    ASSERT_TRUE(replica(node).propose(1, commands));
    settle();
  }
  void settle() {
    for (bool moved = true; moved;) {
      moved = false;
      for (int i = 0; i < 3; ++i) moved |= write_disk(i);
      for (int i = 0; i < 3; ++i) moved |= deliver_from(i);
    }
  }
  bool write_disk(int node) {
    if (held_[static_cast<std::size_t>(node)]) return false;
    std::optional<Persist> next = replica(node).next_persist(now_);
    if (!next) return false;
    keep(node, *next);
    replica(node).persisted(now_);
    return true;
  }
  bool deliver_from(int node) {
    bool moved = false;
    for (const Replica::Outcome& outcome : replica(node).take_outcomes()) outcomes_.push_back(outcome);
    for (const Replica::Envelope& envelope : replica(node).take_messages()) {
      const int to = envelope.to.raw();
      if (cut_[static_cast<std::size_t>(node)] || cut_[static_cast<std::size_t>(to)]) continue;
      replica(to).receive(envelope.message, now_);
      moved = true;
    }
    return moved;
  }
  void keep(int node, const Persist& persist) {
    Recovered& disk = kept(node);
    if (persist.ballot) disk.ballot = persist.ballot;
    if (persist.truncate) disk.entries.resize(*persist.truncate);
    disk.entries.insert(disk.entries.end(), persist.entries.begin(), persist.entries.end());
  }
  void hold(int node, bool held = true) { held_[static_cast<std::size_t>(node)] = held; }
  void cut(int node, bool off = true) { cut_[static_cast<std::size_t>(node)] = off; }
  std::optional<Replica>& at(int node) { return replicas_[static_cast<std::size_t>(node)]; }
  Recovered& kept(int node) { return kept_[static_cast<std::size_t>(node)]; }

  Plant plant_ = Plant::none;
  std::vector<std::string> violations_;
  Judge judge_;
  Instant now_{std::chrono::seconds(1)};
  int lives_ = 0;
  std::array<std::optional<Replica>, 3> replicas_;
  std::array<Recovered, 3> kept_;
  std::array<bool, 3> held_{};
  std::array<bool, 3> cut_{};
  std::vector<Replica::Outcome> outcomes_;
};

TEST_F(Cluster, TheFirstWhoseSilenceEndsLeads) {
  elect(0);
  EXPECT_EQ(replica(1).leader(), NodeId(0));
  EXPECT_EQ(replica(2).leader(), NodeId(0));
  EXPECT_EQ(judge_.elections(), 1U);
}

TEST_F(Cluster, NobodyAsksForVotesBeforeItsOwnIsSaved) {
  hold(0);
  time_out(0);
  EXPECT_TRUE(replica(0).take_messages().empty());
  hold(0, false);
  write_disk(0);
  EXPECT_EQ(replica(0).take_messages().size(), 2U);
}

TEST_F(Cluster, AVoteIsHeldBackUntilItIsSaved) {
  hold(1);
  hold(2);
  time_out(0);
  settle();
  EXPECT_FALSE(replica(0).leading());
  hold(1, false);
  settle();
  EXPECT_TRUE(replica(0).leading());
}

TEST_F(Cluster, AVoteSurvivesARestart) {
  time_out(0);
  settle();
  crash_and_start(1);
  EXPECT_EQ(replica(1).ballot(), (Ballot{Term(1), NodeId(0)}));
}

TEST_F(Cluster, AnAnswerWaitsForTwoDisks) {
  elect(0);
  hold(1);
  hold(2);
  propose(0, {write(1)});
  EXPECT_TRUE(outcomes_.empty());
  hold(2, false);
  settle();
  ASSERT_EQ(outcomes_.size(), 1U);
  EXPECT_EQ(outcomes_.front().answer, (Answer{true, 1, 7}));
}

TEST_F(Cluster, TheLeadersOwnDiskMayBeTheSlowOne) {
  elect(0);
  ASSERT_TRUE(replica(0).propose(1, std::vector{write(1)}));
  std::optional<Persist> under_way = replica(0).next_persist(now_);
  settle();
  EXPECT_EQ(outcomes_.size(), 1U);
}

TEST_F(Cluster, WhatWaitsTravelsTogether) {
  elect(0);
  ASSERT_TRUE(replica(0).propose(1, std::vector{write(1), write(2)}));
  ASSERT_TRUE(replica(0).propose(2, std::vector{write(3)}));
  const auto persist = replica(0).next_persist(now_);
  EXPECT_EQ(persist->entries.size(), 3U);
  const auto messages = replica(0).take_messages();
  ASSERT_EQ(messages.size(), 2U);
  EXPECT_EQ(std::get<Append>(messages.front().message.body).entries.size(), 3U);
}

TEST_F(Cluster, ACommandThatComesTwiceRunsOnce) {
  elect(0);
  propose(0, {write(1), write(1)});
  ASSERT_EQ(outcomes_.size(), 2U);
  EXPECT_EQ(outcomes_[0].answer, outcomes_[1].answer);
}

TEST_F(Cluster, AFollowerThatMissedEntriesCatchesUp) {
  elect(0);
  cut(2);
  for (std::uint32_t i = 1; i < 1200; ++i) propose(0, {write(i)});
  EXPECT_EQ(replica(2).log().last_index(), 1U);
  cut(2, false);
  pass(milliseconds(60));
  EXPECT_EQ(replica(2).log().last_index(), 1200U);
  pass(milliseconds(60));
  EXPECT_EQ(replica(2).commit(), 1200U);
}

TEST_F(Cluster, AnUncommittedTailGivesWayToTheNewLeaders) {
  elect(0);
  cut(0);
  propose(0, {write(1), write(2)});
  elect(1);
  propose(1, {write(3)});
  cut(0, false);
  pass(milliseconds(60));
  EXPECT_FALSE(replica(0).leading());
  EXPECT_EQ(replica(0).log().last_index(), 3U);
  EXPECT_EQ(kept(0).entries, kept(1).entries);
  ASSERT_GE(outcomes_.size(), 2U);
  EXPECT_FALSE(outcomes_.back().answer.has_value());  // the client of 1 and 2 must ask again
}

TEST_F(Cluster, AnEmptierLogIsNotElected) {
  elect(0);
  cut(2);
  propose(0, {write(1)});
  cut(2, false);
  cut(0);
  now_ += milliseconds(200);
  time_out(2);
  settle();
  EXPECT_FALSE(replica(2).leading());
  elect(1);
}

TEST_F(Cluster, AHealthyLeaderIsNotDisturbed) {
  elect(0);
  time_out(2);  // it heard nothing, the others did
  replica(0).on_timer(now_);
  replica(1).receive({NodeId(0), Term(1), Append{1, Term(1), 1, {}}}, now_);
  for (const auto& envelope : replica(2).take_messages()) {
    if (envelope.to == NodeId(1)) replica(1).receive(envelope.message, now_);
  }
  EXPECT_EQ(replica(1).ballot().term, Term(1));
}

TEST_F(Cluster, ALeaderWithoutFollowersStepsDown) {
  elect(0);
  cut(0);
  for (int i = 0; i < 20; ++i) {
    now_ += milliseconds(25);
    replica(0).on_timer(now_);
  }
  EXPECT_FALSE(replica(0).leading());
}

TEST_F(Cluster, ARestartedNodeKeepsWhatItAcknowledged) {
  elect(0);
  propose(0, {write(1)});
  for (int i = 0; i < 3; ++i) crash_and_start(i);
  elect(2);
  EXPECT_EQ(replica(2).commit(), 3U);
}

TEST_F(Cluster, ANodeWithoutMemoryDoesNotVote) {
  elect(0);
  lose_disk_and_start(1);
  replica(1).receive({NodeId(2), Term(9), VoteRequest{100, Term(8)}}, now_);
  EXPECT_EQ(replica(1).ballot().term, Term(0));
  EXPECT_FALSE(replica(1).votes());
}

TEST_F(Cluster, ANodeWithoutMemoryIsTakenBackByANewerLeader) {
  elect(0);
  propose(0, {write(1), write(2)});
  lose_disk_and_start(1);
  for (int i = 0; i < 20 && !replica(1).votes(); ++i) pass(milliseconds(25));
  EXPECT_TRUE(replica(1).votes());
  EXPECT_GT(replica(1).ballot().term, Term(1));
  EXPECT_EQ(kept(1).entries, kept(0).entries);
  EXPECT_TRUE(judge_.remembers(NodeId(1)));
}

TEST_F(Cluster, ANodeWithoutMemoryWaitsForBothOthers) {
  elect(0);
  cut(2);
  lose_disk_and_start(1);
  for (int i = 0; i < 20; ++i) pass(milliseconds(25));
  EXPECT_FALSE(replica(1).votes());
  EXPECT_EQ(replica(1).log().last_index(), 0U);
}

TEST_F(Cluster, AnAckWithoutMemoryDoesNotCount) {
  elect(0);
  replica(0).receive({NodeId(1), Term(1), AppendReply{true, false, 1}}, now_);
  cut(2);
  ASSERT_TRUE(replica(0).propose(1, std::vector{write(1)}));
  write_disk(0);
  replica(0).receive({NodeId(1), Term(1), AppendReply{true, false, 2}}, now_);
  EXPECT_EQ(replica(0).commit(), 1U);
}

TEST_F(Cluster, MessagesFromNobodyAreIgnored) {
  elect(0);
  for (const int from : {-1, 0, 3, 99}) {
    replica(0).receive({NodeId(from), Term(50), VoteRequest{9, Term(9)}}, now_);
  }
  EXPECT_TRUE(replica(0).leading());
}

TEST_F(Cluster, CommandsThatNoStoreTakesAreNotLogged) {
  elect(0);
  Command strange = write(1);
  strange.client = ClientId(kMaxClients);
  propose(0, {strange, Command{}});
  EXPECT_EQ(replica(0).log().last_index(), 1U);
}

}  // namespace
}  // namespace ottla::kv
