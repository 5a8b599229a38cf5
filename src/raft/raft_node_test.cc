// The driver: three replicas in one simulated process, with disks and a network in memory.
#include "raft/raft_node.h"

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "raft/control_codec.h"
#include "raft/testing/memory_log.h"
#include "runtime/event.h"
#include "runtime/process.h"
#include "runtime/sleep.h"
#include "runtime/when.h"
#include "sim/world.h"

namespace ottla::raft {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::MemoryLog;

ReplicaKey key(int node) {
  return {NodeId(node), Uuid(7, static_cast<std::uint64_t>(node))};
}
Endpoints endpoints(int node) {
  return Endpoints({{"C", std::to_string(node), 9093}});
}

struct Member final : RaftListener, Transport {
  std::unique_ptr<RaftNode> node;
  MemoryLog log;
  std::vector<std::unique_ptr<Member>>* all = nullptr;
  bool cut_off = false;
  Offset high_watermark = Offset(0);
  std::vector<std::string> leaders;
  std::optional<Result<void>> ended;
  Event* changed = nullptr;

  void committed(Offset offset) override {
    high_watermark = offset;
    changed->wake_all();
  }
  void leader_changed(LeaderChanged change) override {
    leaders.push_back(change.leader.to_string());
    changed->wake_all();
  }
  void odd(std::string text) override { ADD_FAILURE() << text; }
  Task<Result<Reply>> ask(Destination to, Request request, Cancel cancel) override {
    OTTLA_CO_CHECK(co_await sleep_for(milliseconds(1), cancel));
    Member& other = *(*all)[static_cast<std::size_t>(std::stoi(to.host)) - 1];
    if (cut_off || other.cut_off || other.node == nullptr) co_return Errc::connection_refused;
    co_return co_await other.node->handle(std::move(request));
  }
};

// Runs `story` beside so many replicas, in virtual time.
class Quorum {
 public:
  using Story = std::function<Task<void>(Quorum&)>;
  Quorum(int size, const Story& story) : size_(size) {
    sim::World world(5);
    sim::Host& host = world.add_host("quorum");
    host.start([this, &story](Process&, Cancel cancel) { return main(story, cancel); });
    EXPECT_TRUE(world.run_until([&] { return !host.running(); }, seconds(60))) << "it does not end";
    for (const std::string& violation : world.violations()) ADD_FAILURE() << violation;
  }

  Member& member(int node) { return *members_[static_cast<std::size_t>(node) - 1]; }
  Member* leader() {
    for (const auto& member : members_) {
      if (!member->ended && !member->cut_off && member->node->core().leading()) return member.get();
    }
    return nullptr;
  }
  // Until it holds, at most for ten seconds: looks whenever a member has something to tell.
  Task<void> until(std::function<bool()> holds) {
    (void)co_await with_timeout(seconds(10), {}, [&](Cancel cancel) { return change_to(holds, cancel); });
    EXPECT_TRUE(holds());
  }

 private:
  Task<Result<void>> change_to(std::function<bool()> holds, Cancel cancel) {
    while (!holds()) OTTLA_CO_CHECK(co_await changed_.wait(cancel));
    co_return Result<void>();
  }

  Task<int> main(const Story& story, Cancel cancel) {
    std::vector<VoterNode> voters;
    for (int i = 1; i <= size_; ++i) voters.push_back({key(i), endpoints(i), {0, 1}});
    TaskGroup group(cancel);
    for (int i = 1; i <= size_; ++i) {
      auto& member = *members_.emplace_back(std::make_unique<Member>());
      member.all = &members_;
      member.changed = &changed_;
      member.log.snapshots[kBootstrapSnapshot] = "bootstrap";
      member.log.snapshot_control = {{Offset(-1), KRaftVersionChange{1}},
                                     {Offset(-1), VotersChange{VoterSet(voters)}}};
      CoreOptions options;
      options.self = key(i);
      options.listener = "C";
      options.endpoints = endpoints(i);
      member.node =
          std::make_unique<RaftNode>(std::move(options), member.log.recover(), member.log, member, member);
      group.spawn([this, &member](Cancel inner) -> Task<void> {
        member.ended.emplace(co_await member.node->run(inner));
        changed_.wake_all();
      });
    }
    co_await story(*this);
    co_await group.stop();
    co_return 0;
  }

  int size_;
  Event changed_;
  std::vector<std::unique_ptr<Member>> members_;
};

TEST(RaftNode, TheOnlyVoterLeadsBeforeAnythingIsSaved) {
  Quorum(1, [](Quorum& quorum) -> Task<void> {
    Member& only = quorum.member(1);
    co_await quorum.until([&] { return only.node->core().leading(); });
    EXPECT_EQ(only.log.saves, 0);
    co_await quorum.until([&] { return only.high_watermark == Offset(3); });
    EXPECT_EQ(only.log.syncs, 1) << "its first records are committed";
    EXPECT_EQ(only.log.election.leader, NodeId(1));
    EXPECT_EQ(only.log.saves, 1) << "candidate and leader in one";
  });
}

TEST(RaftNode, WhatIsAppendedTogetherIsSyncedTogether) {
  Quorum(1, [](Quorum& quorum) -> Task<void> {
    Member& only = quorum.member(1);
    co_await quorum.until([&] { return only.high_watermark == Offset(3); });
    const int syncs = only.log.syncs;
    const std::vector<Slice> values = {Slice::from_static("a"), Slice::from_static("b")};
    for (int i = 0; i < 50; ++i) EXPECT_EQ(only.node->append(LeaderEpoch(1), values), Offset(4 + 2 * i));
    co_await quorum.until([&] { return only.high_watermark == Offset(103); });
    EXPECT_LE(only.log.syncs - syncs, 2);
    EXPECT_EQ(only.node->append(LeaderEpoch(0), values), std::nullopt);
  });
}

TEST(RaftNode, ThreeReplicasHoldTheSameBytes) {
  Quorum(3, [](Quorum& quorum) -> Task<void> {
    co_await quorum.until([&] { return quorum.leader() != nullptr; });
    Member& leader = *quorum.leader();
    const std::vector<Slice> values = {Slice::from_static("value")};
    const std::optional<Offset> last = leader.node->append(leader.node->core().epoch(), values);
    EXPECT_TRUE(last);
    for (int i = 1; i <= 3; ++i) {
      Member& member = quorum.member(i);
      co_await quorum.until([&] { return member.high_watermark > *last; });
      EXPECT_EQ(member.log.batches, leader.log.batches);
    }
    record::CodecPool codecs;
    for (const Batch& batch : leader.log.batches) {
      const Result<std::vector<Batch>> read = read_batches(batch.bytes, codecs);
      EXPECT_TRUE(read.ok()) << read.error().text();
      if (read.ok()) EXPECT_EQ(read->front(), batch) << "control records come back as they were";
    }
  });
}

TEST(RaftNode, AnotherLeadsWhenTheLeaderIsCutOff) {
  Quorum(3, [](Quorum& quorum) -> Task<void> {
    co_await quorum.until([&] { return quorum.leader() != nullptr; });
    Member& first = *quorum.leader();
    first.cut_off = true;
    co_await quorum.until([&] { return quorum.leader() != nullptr; });
    Member& second = *quorum.leader();
    EXPECT_NE(&first, &second);
    first.cut_off = false;
    co_await quorum.until([&] { return first.node->core().leader() == second.node->core().self().id; });
  });
}

TEST(RaftNode, ShutsDownWhenAnotherLeads) {
  Quorum(3, [](Quorum& quorum) -> Task<void> {
    co_await quorum.until([&] { return quorum.leader() != nullptr; });
    Member& first = *quorum.leader();
    first.node->shut_down(seconds(9));
    co_await quorum.until([&] { return first.ended.has_value(); });
    EXPECT_TRUE(first.ended->ok());
    co_await quorum.until([&] { return quorum.leader() != nullptr; });
  });
}

TEST(RaftNode, AFailingDiskEndsItsLife) {
  Quorum(1, [](Quorum& quorum) -> Task<void> {
    Member& only = quorum.member(1);
    co_await quorum.until([&] { return only.high_watermark == Offset(3); });
    only.log.broken = true;
    const std::vector<Slice> values = {Slice::from_static("value")};
    (void)only.node->append(LeaderEpoch(1), values);
    co_await quorum.until([&] { return only.ended.has_value(); });
    EXPECT_EQ(only.ended->error(), Errc::io_error);
    EXPECT_EQ(only.high_watermark, Offset(3));
    const Result<Reply> reply = co_await only.node->handle({{}, DescribeRequest()});
    EXPECT_EQ(reply.error(), Errc::closed);
  });
}

}  // namespace
}  // namespace ottla::raft
