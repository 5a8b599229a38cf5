// What compaction makes of a log, and what is left when the power goes in the middle of it.
#include "runtime/whole_file.h"
#include "sim/world.h"
#include "storage/cleaner/clean_plan.h"
#include "storage/cleaner/log_cleaning.h"
#include "storage/cleaner/log_compaction.h"
#include "test/storage/log/keyed_language.h"

namespace ottla::storage {
namespace {

Task<void> put(LogUnderTest& log, std::initializer_list<std::string_view> records) {
  return put(*log, records);
}
Task<std::string> records(LogUnderTest& log) {
  return records(*log);
}

Task<Result<CleaningOutcome>> clean(LogUnderTest& log, Cancel cancel = {}) {
  log->set_high_watermark(log->log_end());
  LogCompaction compaction(*log);
  IoPace throttle;
  const CleaningTools tools{.files = &this_shard().files(), .throttle = &throttle};
  const auto facts = co_await gather_facts(compaction, {});
  if (!facts.ok()) co_return facts.error();
  LogCleaning cleaning(compaction, plan_cleaning(*facts, 0), tools);
  co_return co_await cleaning.run(0, cancel);
}

LogConfig compacted() {
  return {.segment_bytes = 1 << 20, .file_delete_delay_ms = std::chrono::milliseconds(0), .compacts = true};
}

// Three segments, and one record in the active one.
Task<void> fill(LogUnderTest& log) {
  co_await put(log, {"a=1", "b=1"});
  co_await must(log->roll());
  co_await put(log, {"a=2", "c=1"});
  co_await must(log->roll());
  co_await put(log, {"b=2"});
  co_await must(log->roll());
  co_await put(log, {"a=3"});
}
constexpr char kAll[] = "0 a=1, 1 b=1, 2 a=2, 3 c=1, 4 b=2, 5 a=3";
constexpr char kCleaned[] = "2 a=2, 3 c=1, 4 b=2, 5 a=3";

CONTRACT_TEST(LogCompaction, LeavesTheLastRecordOfEachKey) {
  LogUnderTest log(place, compacted());
  co_await log.open();
  co_await fill(log);
  EXPECT_EQ(co_await records(log), kAll);
  EXPECT_EQ((co_await clean(log))->end, Offset(5));
  log.forget_recent();
  EXPECT_EQ(log.segments(), "0 5");
  EXPECT_EQ(co_await records(log), kCleaned);
  co_await put(log, {"d=1"});
  co_await log.reopen();
  EXPECT_EQ(co_await records(log), std::string(kCleaned) + ", 6 d=1");
  co_await log.crash();
  co_await log.open();
  EXPECT_EQ(co_await records(log), std::string(kCleaned) + ", 6 d=1");
  co_await log.end();
}

CONTRACT_TEST(LogCompaction, WhatItRestsOnIsMadeDurable) {
  LogUnderTest log(place, compacted());
  co_await log.open();
  co_await fill(log);
  EXPECT_LT(log->recovery_point(), log->log_end());
  EXPECT_TRUE((co_await clean(log)).ok());
  EXPECT_EQ(log->recovery_point(), log->log_end());
  co_await log.end();
}

CONTRACT_TEST(LogCompaction, OldFilesGo) {
  LogUnderTest log(place, compacted());
  co_await log.open();
  co_await fill(log);
  EXPECT_TRUE((co_await clean(log)).ok());
  while ((co_await contract::names_in(log.directory())).find(".deleted") != std::string::npos)
    co_await yield();
  EXPECT_EQ(co_await contract::names_in(log.directory()),
            "00000000000000000000.index 00000000000000000000.log 00000000000000000000.timeindex "
            "00000000000000000005.index 00000000000000000005.log 00000000000000000005.snapshot "
            "00000000000000000005.timeindex "
            "leader-epoch-checkpoint");
  co_await log.end();
}

CONTRACT_TEST(LogCompaction, WhoReadsMeanwhileReadsOn) {
  LogUnderTest log(place, compacted());
  co_await log.open();
  co_await fill(log);
  log.forget_recent();
  {
    const Fetched before = co_await must(log->read({.start = Offset(0), .max_bytes = 1 << 20}));
    const std::string expected = co_await bytes_of(before.records.clone());
    EXPECT_TRUE((co_await clean(log)).ok());
    EXPECT_EQ(co_await bytes_of(before.records.clone()), expected);
  }
  co_await log.end();
}

CONTRACT_TEST(LogCompaction, ASegmentThatWentMeanwhileIsNotReplaced) {
  LogUnderTest log(place, compacted());
  co_await log.open();
  co_await fill(log);
  log->set_high_watermark(log->log_end());
  std::unique_ptr<Segment> cleaned = co_await must(log->create_cleaned(Offset(0)));
  std::vector<Segment*> replaced = {log->segments()[0].get(), log->segments()[2].get()};
  EXPECT_EQ(co_await outcome(log->replace_segments(std::move(cleaned), replaced)), "cancelled");
  EXPECT_EQ(co_await records(log), kAll);
  co_await log.reopen();
  EXPECT_EQ(co_await records(log), kAll);
  co_await log.end();
}

// The power goes after so many steps of a compaction, until none is left to cut off.
TEST(LogCompactionCrash, TheLogHasTheOldSegmentsOrTheNewOne) {
  bool finished = false;
  int old_ones = 0;
  int new_ones = 0;
  for (std::uint64_t steps = 0; !finished; ++steps) {
    ASSERT_LT(steps, 5000U);
    SCOPED_TRACE("cut after " + std::to_string(steps) + " steps");
    sim::World world(steps + 1);
    sim::Host& host = world.add_host("here");
    bool started = false;
    finished = false;
    const Place place{.directory = "/data"};
    LogConfig config = compacted();
    config.file_delete_delay_ms = std::chrono::hours(1);
    host.start([&](Process&, Cancel) -> Task<int> {
      LogUnderTest log(place, config);
      co_await log.open();
      co_await fill(log);
      co_await must(log->flush());
      started = true;
      EXPECT_TRUE((co_await clean(log)).ok());
      finished = true;
      co_await log.end();
      co_return 0;
    });
    ASSERT_TRUE(world.run_until([&] { return started; }, std::chrono::hours(1)));
    for (std::uint64_t i = 0; i < steps && !finished; ++i) ASSERT_TRUE(world.step());
    host.cut_power();
    std::string found;
    std::string later;
    host.start([&](Process&, Cancel) -> Task<int> {
      LogUnderTest log(place, config);
      log.recovery_point = Offset(6);
      co_await log.open();
      found = co_await records(log);
      EXPECT_TRUE((co_await clean(log)).ok());
      later = co_await records(log);
      co_await log.reopen();
      EXPECT_EQ(co_await records(log), later);
      co_await log.end();
      co_return 0;
    });
    ASSERT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(1)));
    ASSERT_TRUE(found == kAll || found == kCleaned) << found;
    ASSERT_EQ(later, kCleaned);
    ASSERT_TRUE(world.violations().empty()) << world.violations().front();
    ++(found == kAll ? old_ones : new_ones);
  }
  EXPECT_GT(old_ones, 10);
  EXPECT_GT(new_ones, 3);
}

// What a swap left that was not begun: its index has its name already, its log has not.
Task<void> leave_half_a_swap(const std::string& directory) {
  FileSystem& files = this_shard().files();
  const std::string base = directory + "/00000000000000000000";
  co_await must(replace_file(files, base + ".log.cleaned", Chain(Slice::from_static("log"))));
  co_await must(replace_file(files, base + ".index.swap", Chain(Slice::from_static("an index"))));
}

Task<std::string> content(std::string path) {
  const Result<Slice> bytes = co_await read_whole_file(this_shard().files(), std::move(path), 1 << 20);
  co_return bytes.ok() ? std::string(bytes->as_string_view()) : "none";
}

// The power goes again while they are cleared away, after so many steps.
TEST(LogCompactionCrash, ASwapThatWasNotBegunNeverTakesAPlace) {
  bool finished = false;
  for (std::uint64_t steps = 0; !finished; ++steps) {
    ASSERT_LT(steps, 5000U);
    SCOPED_TRACE("cut after " + std::to_string(steps) + " steps");
    sim::World world(steps + 1);
    sim::Host& host = world.add_host("here");
    const Place place{.directory = "/data"};
    const auto live = [&](std::function<Task<void>(LogUnderTest&)> work) {
      host.start([&place, work = std::move(work)](Process&, Cancel) -> Task<int> {
        LogUnderTest log(place, compacted());
        log.recovery_point = Offset(6);
        co_await work(log);
        co_return 0;
      });
    };
    const auto end_of_life = [&] { return !host.running(); };
    std::string index;
    live([&](LogUnderTest& log) -> Task<void> {
      co_await log.open();
      co_await fill(log);
      co_await log.end();
      co_await leave_half_a_swap(log.directory());
      index = co_await content(log.directory() + "/00000000000000000000.index");
    });
    ASSERT_TRUE(world.run_until(end_of_life, std::chrono::hours(1)));
    bool started = false;
    finished = false;
    live([&](LogUnderTest& log) -> Task<void> {
      started = true;
      co_await log.open();
      finished = true;
      co_await log.end();
    });
    ASSERT_TRUE(world.run_until([&] { return started; }, std::chrono::hours(1)));
    for (std::uint64_t i = 0; i < steps && !finished; ++i) ASSERT_TRUE(world.step());
    host.cut_power();
    live([&](LogUnderTest& log) -> Task<void> {
      co_await log.open();
      EXPECT_EQ(co_await content(log.directory() + "/00000000000000000000.index"), index);
      EXPECT_EQ(co_await records(log), kAll);
      co_await log.end();
    });
    ASSERT_TRUE(world.run_until(end_of_life, std::chrono::hours(1)));
  }
}

}  // namespace
}  // namespace ottla::storage
