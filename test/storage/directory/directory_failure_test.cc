// One of two log directories fails or is full: the other one goes on, and nothing that was acked is forgotten.
//
// Told in the simulated world alone: no real disk fails when it is asked to.
#include <chrono>
#include <limits>

#include "sim/disk.h"
#include "sim/host.h"
#include "sim/world.h"
#include "storage/directory/log_move.h"
#include "storage/scrub/scrub.h"
#include "test/storage/directory/node_language.h"

namespace ottla::storage {
namespace {

using sim::DiskTrouble;

constexpr std::uint32_t kAlways = 256;

using FailureStory = std::function<Task<void>(NodeUnderTest& node, DiskTrouble& a, DiskTrouble& b)>;

void tell(std::uint64_t seed, const FailureStory& story) {
  sim::World world(seed);
  sim::Host& host = world.add_host("here");
  const Place place{"/place"};
  ASSERT_TRUE(host.disk().make_directories("/place/a").ok());
  ASSERT_TRUE(host.disk().make_directories("/place/b").ok());
  DiskTrouble& a = host.disk().split("/place/a");
  DiskTrouble& b = host.disk().split("/place/b");
  host.start([&](Process&, Cancel) -> Task<int> {
    NodeUnderTest node(place);
    node.config.segment_bytes = static_cast<std::int32_t>(4 * make_batch(Offset(0), {}).size());
    co_await node.start();
    co_await node.create(0);
    co_await node.create(1, false, "b");
    co_await story(node, a, b);
    co_await node.end();
    co_return 0;
  });
  EXPECT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(24)));
  EXPECT_EQ(host.exit_code(), 0);
  EXPECT_TRUE(world.violations().empty()) << world.violations().front();
}

Log& log(NodeUnderTest& node, std::int32_t partition) {
  return *node.logs->find(tp(partition));
}
// The owner hears of it and lets go; "b" goes on.
Task<void> lose_directory(NodeUnderTest& node) {
  co_await node.logs->tidy_up();
  EXPECT_EQ(node.failed, node.directories[0]->path());
  EXPECT_TRUE(node.directories[0]->is_offline());
  const LogSet::Dropped dropped = co_await node.logs->drop_directory(node.failed);
  EXPECT_EQ(dropped.logs, std::vector{tp(0)});
  EXPECT_EQ(node.logs->find(tp(0)), nullptr);
  EXPECT_FALSE(node.directories[1]->is_offline());
  co_await node.append(log(node, 1), 3);
}

TEST(DirectoryFailure, AWriteFails) {
  tell(1, [](NodeUnderTest& node, DiskTrouble& a, DiskTrouble&) -> Task<void> {
    co_await node.append(log(node, 0), 6);
    const std::string acked = co_await node.bytes(log(node, 0));
    a.failing_writes = kAlways;
    EXPECT_EQ(co_await node.try_append(log(node, 0)), "io_error");
    EXPECT_EQ(co_await node.try_append(log(node, 0)), "io_error");
    EXPECT_EQ(co_await node.bytes(log(node, 0)), acked);  // readers go on
    co_await lose_directory(node);
    a = {};
    co_await node.restart();
    EXPECT_EQ((co_await node.bytes(log(node, 0))).substr(0, acked.size()), acked);
    co_await node.append(log(node, 0), 1);
  });
}

TEST(DirectoryFailure, ASyncFails) {
  tell(1, [](NodeUnderTest& node, DiskTrouble& a, DiskTrouble&) -> Task<void> {
    co_await node.append(log(node, 0), 3);
    a.failing_syncs = kAlways;
    EXPECT_EQ(co_await outcome(log(node, 0).flush()), "io_error");
    EXPECT_EQ(log(node, 0).recovery_point(), Offset(0));
    a = {};
    EXPECT_EQ(co_await outcome(log(node, 0).flush()), "io_error");  // a later one proves nothing
    EXPECT_EQ(co_await node.try_append(log(node, 0)), "io_error");
    co_await lose_directory(node);
    co_await node.restart();
    EXPECT_EQ(co_await node.batches(log(node, 0)), "0 1 2");
  });
}

TEST(DirectoryFailure, ACheckpointCannotBeWritten) {
  tell(1, [](NodeUnderTest& node, DiskTrouble& a, DiskTrouble&) -> Task<void> {
    co_await node.append(log(node, 0), 3);
    a.failing_writes = kAlways;
    LogDirectory& directory = *node.directories[0];
    const auto points = node.logs->checkpoints_of(directory.path()).recovery_points;
    EXPECT_EQ(co_await outcome(directory.write_checkpoint(OffsetCheckpoint::log_start, points)), "io_error");
    EXPECT_TRUE(directory.is_offline());
    (void)co_await node.logs->drop_directory(directory.path());
    co_await node.append(log(node, 1), 1);
    a = {};
    co_await node.restart();
    EXPECT_EQ(co_await node.batches(log(node, 0)), "0 1 2");
  });
}

TEST(DirectoryFailure, ACheckpointCannotBeChanged) {
  tell(1, [](NodeUnderTest& node, DiskTrouble& a, DiskTrouble&) -> Task<void> {
    a.failing_writes = kAlways;
    const std::string path = node.directories[0]->path();
    EXPECT_EQ(co_await outcome(node.home->save_checkpoint(path, tp(0), Offset(1))), "io_error");
    EXPECT_TRUE(node.directories[0]->is_offline());
    EXPECT_EQ(node.failed, path);
  });
}

TEST(DirectoryFailure, ItIsFullAndNoMore) {
  tell(1, [](NodeUnderTest& node, DiskTrouble& a, DiskTrouble&) -> Task<void> {
    co_await node.append(log(node, 0), 6);
    a.full = true;
    EXPECT_EQ(co_await node.try_append(log(node, 0)), "no_space");
    EXPECT_EQ(co_await node.batches(log(node, 0)), "0 1 2 3 4 5");
    co_await node.append(log(node, 1), 6);
    co_await node.logs->tidy_up();
    EXPECT_EQ(node.failed, "");
    a.full = false;
    co_await node.append(log(node, 0), 6);
    EXPECT_EQ(co_await node.batches(log(node, 0)), "0 1 2 3 4 5 6 7 8 9 10 11");
    co_await node.restart();
    EXPECT_EQ(log(node, 0).log_end(), Offset(12));
  });
}

TEST(DirectoryFailure, ItIsFullWhenASegmentIsLeft) {
  tell(1, [](NodeUnderTest& node, DiskTrouble& a, DiskTrouble&) -> Task<void> {
    co_await node.append(log(node, 0), 4);
    a.full = true;
    for (int i = 0; i < 3; ++i) EXPECT_EQ(co_await node.try_append(log(node, 0)), "no_space");
    a.full = false;
    co_await node.append(log(node, 0), 2);
    EXPECT_EQ(co_await node.batches(log(node, 0)), "0 1 2 3 4 5");
    co_await node.restart();
    EXPECT_EQ(co_await node.batches(log(node, 0)), "0 1 2 3 4 5");
  });
}

// Writes fail and the disk fills up now and then, until the directory is lost: what was acked is there afterwards.
TEST(DirectoryFailure, WhateverFailsWhatWasAckedIsThere) {
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    SCOPED_TRACE(seed);
    tell(seed, [seed](NodeUnderTest& node, DiskTrouble& a, DiskTrouble&) -> Task<void> {
      node.config.flush_messages = seed % 3 == 0 ? 1 : std::numeric_limits<std::int64_t>::max();
      log(node, 0).set_config(std::make_shared<const LogConfig>(node.config));
      Offset acked;
      for (int i = 0; i < 60; ++i) {
        a.full = this_shard().random().below(4) == 0;
        a.failing_writes = i > 30 ? 8 : 0;
        a.failing_syncs = i > 30 ? 8 : 0;
        if (co_await node.try_append(log(node, 0)) == "ok") acked = log(node, 0).log_end();
        EXPECT_EQ(co_await node.try_append(log(node, 1)), "ok");
      }
      const bool lost = log(node, 0).offline().has_value();
      a = {};
      const std::string bytes = co_await node.bytes(log(node, 0));
      // One that was written and could not be made durable was refused and may be there.
      EXPECT_GE(log(node, 0).log_end(), acked);
      if (log(node, 0).config().flush_messages != 1) EXPECT_EQ(log(node, 0).log_end(), acked);
      if (lost) co_await lose_directory(node);
      co_await node.restart();
      EXPECT_EQ((co_await node.bytes(log(node, 0))).substr(0, bytes.size()), bytes);
      EXPECT_GE(log(node, 1).log_end(), Offset(60));
    });
  }
}

TEST(DirectoryFailure, AMoveMeetsAFullDirectory) {
  tell(1, [](NodeUnderTest& node, DiskTrouble&, DiskTrouble& b) -> Task<void> {
    co_await node.append(log(node, 0), 10);
    co_await node.create(0, true, "b");
    IoPace pace;
    LogMove move(*node.logs, tp(0), pace);
    b.full = true;
    EXPECT_EQ((co_await move.run({})).end, MoveEnd::target_full);
    co_await node.append(log(node, 0), 1);
    b.full = false;
    EXPECT_EQ((co_await move.finish({})).end, MoveEnd::caught_up);
    EXPECT_EQ(co_await node.bytes(*node.logs->find_future(tp(0))), co_await node.bytes(log(node, 0)));
  });
}

TEST(DirectoryFailure, AMoveMeetsAFailingDirectory) {
  for (const bool source : {false, true}) {
    tell(1, [source](NodeUnderTest& node, DiskTrouble& a, DiskTrouble& b) -> Task<void> {
      co_await node.append(log(node, 0), 10);
      co_await node.create(0, true, "b");
      IoPace pace;
      LogMove move(*node.logs, tp(0), pace);
      log(node, 0).forget_recent();
      a.failing_reads = source ? kAlways : 0;
      b.failing_writes = source ? 0 : kAlways;
      EXPECT_EQ((co_await move.run({})).end, source ? MoveEnd::source_offline : MoveEnd::target_offline);
      a = b = {};
      (void)co_await node.logs->remove_future(tp(0));
      if (source) co_return co_await lose_directory(node);
      co_await node.append(log(node, 0), 1);
    });
  }
}

TEST(DirectoryFailure, AScrubTellsOfWhatCannotBeRead) {
  tell(1, [](NodeUnderTest& node, DiskTrouble& a, DiskTrouble&) -> Task<void> {
    co_await node.append(log(node, 0), 5);
    co_await node.append(log(node, 1), 5);
    Scrub scrub(*node.logs, {.bytes_per_second = IoPace::kNoLimit});
    std::string told;
    scrub.on_finding = [&](const ScrubFinding& found) { told += found.partition.to_string() + " "; };
    a.failing_reads = kAlways;
    EXPECT_TRUE(co_await scrub.round({}));
    EXPECT_EQ(told, "t-0 ");
    a = {};
    EXPECT_TRUE(co_await scrub.round({}));
    EXPECT_EQ(scrub.bad_batches(), 0U);
    EXPECT_FALSE(log(node, 0).offline());
  });
}

}  // namespace
}  // namespace ottla::storage
