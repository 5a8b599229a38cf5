// What many logs cost: how often the disk is asked when they are made, opened and closed.
#include <algorithm>
#include <chrono>
#include <memory>
#include <string>

#include "runtime/sleep.h"
#include "runtime/whole_file.h"
#include "sim/disk.h"
#include "sim/host.h"
#include "sim/world.h"
#include "storage/directory/directory_home.h"
#include "storage/directory/load_directory.h"
#include "storage/directory/log_directory.h"
#include "storage/directory/log_set.h"
#include "test/storage/directory/node_language.h"
#include "test/storage/log/counting_doors.h"

namespace ottla::storage {
namespace {

constexpr std::int32_t kMany = 100;

// A set of logs in one directory, behind doors that count.
class Counted {
 public:
  explicit Counted(const Place& place)
      : doors(this_shard().files()),
        path_(at(place, "a")),
        box_(doors, {.descriptors = 64, .index_pages = 64, .recent_bytes = 1 << 20}) {}

  Task<void> start() {
    directory_ = co_await must(LogDirectory::open(doors, path_));
    co_await must(directory_->begin());
    home_ = std::make_unique<DirectoryHome>();
    home_->add(*directory_);
    LogSet::Options options;
    options.tools = box_.tools();
    options.config_of = [this](const std::string&) { return std::make_shared<const LogConfig>(config); };
    options.home = home_.get();
    logs = std::make_unique<LogSet>(std::move(options));
    doors.counts = {};
    outcome = co_await must(load_directory(*directory_, *logs, {}));
  }
  Task<void> stop() {
    LogSet::Closed closed = co_await logs->close();
    EXPECT_TRUE(closed.failures.empty());
    co_await must(directory_->write_checkpoint(OffsetCheckpoint::recovery_point,
                                               std::move(closed.checkpoints[path_].recovery_points)));
    counts_of_stop = doors.counts;
    co_await must(directory_->close(LogDirectory::Ending::clean(1)));
    logs.reset();
    home_.reset();
    directory_.reset();
  }
  Task<void> end() {
    co_await stop();
    co_await box_.close();
  }
  // The logs are closed already.
  Task<void> end_unclean() {
    co_await must(directory_->close(LogDirectory::Ending::unclean()));
    logs.reset();
    co_await box_.close();
  }
  Task<Log*> create(std::int32_t partition) {
    co_return co_await must(
        logs->create({.directory = path_, .partition = tp(partition), .topic_id = kTopic}));
  }
  Task<void> append(Log& log, int count = 1,
                    AppendTerms terms = {.origin = record::AppendOrigin::coordinator}) {
    for (int i = 0; i < count; ++i) {
      const AppendOutcome outcome_of_it =
          co_await log.append_as_leader(ExclusiveBytes(make_batch(Offset(0), {})), LeaderEpoch(0), terms);
      EXPECT_TRUE(outcome_of_it.ok());
    }
  }
  std::string folder(std::int32_t partition) const { return path_ + "/t-" + std::to_string(partition); }

  CountingDoors doors;
  DoorCounts counts_of_stop;
  LogConfig config;
  LoadOutcome outcome;
  std::unique_ptr<LogSet> logs;

 private:
  const std::string path_;
  LogToolbox box_;
  std::unique_ptr<DirectoryHome> home_;
  std::unique_ptr<LogDirectory> directory_;
};

std::size_t count_of(const std::vector<std::string>& all, const std::string& one) {
  return static_cast<std::size_t>(std::ranges::count(all, one));
}

// --- Opening ------------------------------------------------------------------------------------------------

CONTRACT_TEST(ManyLogs, OneLookBringsALogBack) {
  Counted node(place);
  co_await node.start();
  for (std::int32_t i = 0; i < kMany; ++i) co_await node.append(*co_await node.create(i), i % 3);
  co_await node.stop();
  co_await node.start();
  EXPECT_EQ(node.outcome.opened, static_cast<std::size_t>(kMany));
  EXPECT_EQ(node.logs->find(tp(4))->log_end(), Offset(1));
  EXPECT_EQ(node.logs->find(tp(4))->recovery_point(), Offset(1));
  EXPECT_EQ(node.logs->topic_id(tp(4)), kTopic);
  EXPECT_EQ(node.doors.counts.looks, static_cast<std::uint64_t>(kMany));
  EXPECT_EQ(node.doors.counts.questions, 1U) << "which logs there are";
  EXPECT_LE(node.doors.counts.opens, 4U) << "the checkpoints of the directory";
  EXPECT_EQ(node.doors.counts.changes, 0U);
  EXPECT_EQ(node.doors.counts.syncs, 0U);
  EXPECT_TRUE(node.doors.counts.synced_directories.empty());
  co_await node.append(*node.logs->find(tp(4)));
  EXPECT_EQ(node.logs->find(tp(4))->log_end(), Offset(2));
  co_await node.end();
}

CONTRACT_TEST(ManyLogs, OneLookBringsALogOfManySegmentsBack) {
  Counted node(place);
  node.config.segment_bytes = static_cast<std::int32_t>(2 * make_batch(Offset(0), {}).size());
  co_await node.start();
  co_await node.append(*co_await node.create(0), 19);
  co_await node.stop();
  co_await node.start();
  EXPECT_EQ(node.logs->find(tp(0))->segment_count(), 10U);
  EXPECT_EQ(node.logs->find(tp(0))->log_end(), Offset(19));
  EXPECT_EQ(node.doors.counts.looks, 1U);
  EXPECT_LE(node.doors.counts.opens, 4U);
  co_await node.end();
}

// --- Making -------------------------------------------------------------------------------------------------

CONTRACT_TEST(ManyLogs, ANewLogIsADirectoryThatSaysWhoseItIs) {
  Counted node(place);
  co_await node.start();
  Log& log = *co_await node.create(0);
  EXPECT_EQ(co_await names_in(node.folder(0)), "partition.metadata");
  EXPECT_EQ(log.log_end(), Offset(0));
  EXPECT_TRUE((co_await must(log.read({.start = Offset(0), .max_bytes = 100}))).records.empty());
  EXPECT_FALSE((co_await must(log.offset_for_timestamp(0))).has_value());
  EXPECT_FALSE((co_await must(log.offset_of_max_timestamp())).has_value());
  co_await must(log.flush());
  EXPECT_EQ(co_await must(log.delete_old_segments()), 0U);
  co_await node.stop();
  EXPECT_EQ(co_await names_in(node.folder(0)), "partition.metadata");
  EXPECT_EQ(node.counts_of_stop.syncs, 1U) << "that of the checkpoint";
  co_await node.start();
  EXPECT_EQ(node.logs->topic_id(tp(0)), kTopic);
  co_await node.append(*node.logs->find(tp(0)), 2);
  EXPECT_EQ(node.logs->find(tp(0))->log_end(), Offset(2));
  co_await node.end();
}

CONTRACT_TEST(ManyLogs, WhatACrashLeftOfALogThatHeldNothingIsNobodys) {
  Counted node(place);
  co_await node.start();
  co_await node.create(0);
  co_await node.append(*co_await node.create(1));
  co_await node.stop();
  for (const std::int32_t partition : {0, 1}) {
    co_await must(replace_file(files(), node.folder(partition) + "/partition.metadata", Chain()));
  }
  co_await node.start();
  EXPECT_EQ(node.outcome.opened, 1U);
  EXPECT_EQ(node.logs->topic_id(tp(0)), std::nullopt);
  EXPECT_EQ(node.outcome.failures.size(), 1U) << "records may be another topic's";
  co_await node.end();
}

CONTRACT_TEST(ManyLogs, NamesAreDurableWithTheFirstFlush) {
  Counted node(place);
  co_await node.start();
  Log& log = *co_await node.create(0);
  co_await node.append(log, 3);
  const DoorCounts& counts = node.doors.counts;
  EXPECT_EQ(counts.syncs, 0U);
  EXPECT_TRUE(counts.synced_directories.empty());
  co_await must(log.flush());
  EXPECT_EQ(count_of(counts.synced_directories, node.folder(0)), 1U);
  EXPECT_EQ(count_of(counts.synced_directories, at(place, "a")), 1U);
  EXPECT_EQ(counts.opened.at(node.folder(0) + "/partition.metadata"), 2U) << "written, and then synced";
  co_await node.append(log, 3);
  node.doors.counts = {};
  co_await must(log.flush());
  EXPECT_EQ(counts.syncs, 1U);
  EXPECT_TRUE(counts.synced_directories.empty());
  co_await node.end();
}

CONTRACT_TEST(ManyLogs, NamesAreDurableBeforeTheFirstDurableAppendIsAnswered) {
  Counted node(place);
  node.config.flush_messages = 1;
  co_await node.start();
  Log& log = *co_await node.create(0);
  EXPECT_TRUE(node.doors.counts.synced_directories.empty());
  co_await node.append(log);
  EXPECT_EQ(count_of(node.doors.counts.synced_directories, at(place, "a")), 1U);
  EXPECT_GE(count_of(node.doors.counts.synced_directories, node.folder(0)), 1U);
  EXPECT_EQ(log.recovery_point(), Offset(1));
  co_await node.end();
}

// --- Closing ------------------------------------------------------------------------------------------------

CONTRACT_TEST(ManyLogs, AreMadeDurableTogether) {
  Counted node(place);
  co_await node.start();
  for (std::int32_t i = 0; i < kMany; ++i) co_await node.append(*co_await node.create(i));
  node.doors.counts = {};
  co_await node.stop();
  EXPECT_EQ(node.counts_of_stop.whole_syncs, 2U) << "of what was written, and of the names of leader epochs";
  EXPECT_EQ(node.counts_of_stop.syncs, 1U) << "that of the checkpoint";
  EXPECT_TRUE(node.counts_of_stop.synced_directories.empty());
  EXPECT_EQ(node.counts_of_stop.opened.at(at(place, "a/recovery-point-offset-checkpoint.tmp")), 1U);
  co_await node.start();
  EXPECT_EQ(node.outcome.opened, static_cast<std::size_t>(kMany));
  for (std::int32_t i = 0; i < kMany; ++i) {
    EXPECT_EQ(node.logs->find(tp(i))->log_end(), Offset(1));
    EXPECT_EQ(node.logs->find(tp(i))->recovery_point(), Offset(1));
  }
  co_await node.end();
}

CONTRACT_TEST(ManyLogs, AreMadeDurableOneByOneWhereSuchASyncProvesNothing) {
  Counted node(place);
  co_await node.start();
  for (std::int32_t i = 0; i < kMany; ++i) co_await node.append(*co_await node.create(i));
  node.doors.counts = {};
  node.doors.whole_sync = Errc::unsupported;
  co_await node.stop();
  EXPECT_EQ(node.counts_of_stop.whole_syncs, 1U);
  EXPECT_GT(node.counts_of_stop.syncs, static_cast<std::uint64_t>(kMany));
  EXPECT_GT(node.counts_of_stop.most_syncs_at_once, 8U);
  EXPECT_LE(node.counts_of_stop.most_syncs_at_once, 64U) << "bounded";
  co_await node.start();
  EXPECT_EQ(node.logs->find(tp(7))->recovery_point(), Offset(1));
  co_await node.end();
}

CONTRACT_TEST(ManyLogs, AFewAreMadeDurableOneByOne) {
  Counted node(place);
  co_await node.start();
  for (std::int32_t i = 0; i < 15; ++i) co_await node.append(*co_await node.create(i));
  node.doors.counts = {};
  co_await node.stop();
  EXPECT_EQ(node.counts_of_stop.whole_syncs, 0U);
  EXPECT_EQ(count_of(node.counts_of_stop.synced_directories, at(place, "a")), 15U);
  co_await node.start();
  co_await node.end();
}

Task<void> fail_whole_sync(Place place, std::uint64_t which) {
  Counted node(place);
  co_await node.start();
  for (std::int32_t i = 0; i < kMany; ++i) co_await node.append(*co_await node.create(i));
  node.doors.counts = {};
  node.doors.whole_sync = Errc::io_error;
  node.doors.failing_whole_sync = which;
  const LogSet::Closed closed = co_await node.logs->close();
  EXPECT_EQ(node.doors.counts.whole_syncs, which);
  EXPECT_EQ(node.doors.counts.syncs, 0U) << "a sync of each proves nothing any more";
  EXPECT_EQ(closed.failures.at(at(place, "a")), Errc::io_error);
  const std::vector<PartitionOffset>& points = closed.checkpoints.at(at(place, "a")).recovery_points;
  EXPECT_EQ(points.size(), static_cast<std::size_t>(kMany));
  for (const PartitionOffset& point : points) EXPECT_EQ(point.offset, Offset(0));
  co_await node.end_unclean();
}

CONTRACT_TEST(ManyLogs, NoneIsDurableWhenTheSyncOfAllFails) {
  co_await fail_whole_sync(place, 1);
}

CONTRACT_TEST(ManyLogs, NoneIsDurableWhenTheSyncOfTheirNamesFails) {
  co_await fail_whole_sync(place, 2);
}

CONTRACT_TEST(ManyLogs, ALogThatRestedIsClosedWithoutASync) {
  Counted node(place);
  co_await node.start();
  for (std::int32_t i = 0; i < kMany; ++i) co_await node.append(*co_await node.create(i));
  co_await node.stop();
  co_await node.start();
  (void)co_await must(node.logs->find(tp(7))->read({.start = Offset(0), .max_bytes = 100}));
  node.doors.counts = {};
  co_await node.stop();
  EXPECT_EQ(node.counts_of_stop.syncs, 0U) << "not even of the checkpoint, which says that already";
  EXPECT_TRUE(node.counts_of_stop.synced_directories.empty());
  co_await node.start();
  EXPECT_EQ(node.logs->find(tp(7))->log_end(), Offset(1));
  co_await node.end();
}

// --- The power goes -----------------------------------------------------------------------------------------

Task<void> make_some(NodeUnderTest& node) {
  co_await node.append(*co_await node.create(0), 3);
  co_await must(node.logs->find(tp(0))->flush());
  co_await node.append(*co_await node.create(1), 3);
  co_await node.create(2);
  node.config.flush_messages = 1;
  co_await node.append(*co_await node.create(3), 3);
}

Task<void> find_them(NodeUnderTest& node) {
  EXPECT_TRUE(node.outcomes[0].failures.empty());
  for (const std::int32_t durable : {0, 3}) {
    const Log* const log = node.logs->find(tp(durable));
    EXPECT_NE(log, nullptr) << durable;
    if (log == nullptr) continue;
    EXPECT_EQ(log->log_end(), Offset(3)) << durable;
    EXPECT_EQ(node.logs->topic_id(tp(durable)), kTopic) << durable;
  }
  for (const std::int32_t lost : {1, 2}) {
    if (node.logs->find(tp(lost)) == nullptr) co_await node.create(lost);
    co_await node.append(*node.logs->find(tp(lost)), 1);
  }
}

// Told in the simulated world alone: real power stays.
TEST(ManyLogsWithoutPower, WhatWasMadeDurableIsThereWithItsNames) {
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    sim::World world(seed);
    sim::Host& host = world.add_host("here");
    ASSERT_TRUE(host.disk().make_directories("/place").ok());
    host.disk().sync_everything();
    bool made = false;
    host.start([&made](Process&, Cancel cancel) -> Task<int> {
      const Place place{"/place"};
      NodeUnderTest node(place);
      co_await node.start();
      if (made) {
        co_await find_them(node);
        co_await node.end();
        co_return 0;
      }
      co_await make_some(node);
      made = true;
      (void)co_await sleep_for(std::chrono::hours(1), cancel);
      co_return 1;
    });
    ASSERT_TRUE(world.run_until([&] { return made; }, std::chrono::minutes(10)));
    host.cut_power();
    host.restart();
    ASSERT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::minutes(10)));
    EXPECT_TRUE(world.violations().empty());
    ASSERT_FALSE(::testing::Test::HasFailure()) << "seed " << seed;
  }
}

}  // namespace
}  // namespace ottla::storage
