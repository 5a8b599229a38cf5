#include "storage/cleaner/log_cleaning.h"

#include <gtest/gtest.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/endian.h"
#include "base/error.h"
#include "base/offset.h"
#include "base/slice.h"
#include "runtime/file_system.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "sim/world.h"
#include "storage/cleaner/testing/cleaned_log.h"
#include "storage/cleaner/testing/segment_row.h"

namespace ottla::storage {
namespace {

using testing::CleanedLog;
using testing::SegmentRow;
using Shown = std::vector<std::string>;
using Bases = std::vector<std::int64_t>;

constexpr char kDirectory[] = "/data/topic-0";

class LogCleaningTest : public ::testing::Test {
 protected:
  template <typename Story>
  void run(Story story) {
    host_.start([&](Process&, Cancel) -> Task<int> {
      SegmentRow row(this_shard().files(), kDirectory);
      tools_.files = &this_shard().files();
      co_await story(row);
      co_await row.close();
      co_return 0;
    });
    ASSERT_TRUE(world_.run_until([&] { return !host_.running(); }, std::chrono::hours(1)));
    EXPECT_TRUE(world_.violations().empty()) << world_.violations().front();
  }

  // The batches of `log`, one in each segment, and an empty active one behind.
  Task<void> fill(SegmentRow& row, CleanedLog& log, std::size_t per_segment = 1) {
    const auto& all = log.batches();
    for (std::size_t i = 0; i < all.size(); i += per_segment) {
      std::vector<std::vector<std::byte>> batches;
      for (std::size_t j = i; j < std::min(all.size(), i + per_segment); ++j) batches.push_back(all[j]);
      const Offset base = record::read_front(batches.front())->base_offset;
      const Offset last = *record::BatchView::first_of(batches.back())->last_offset();
      std::vector<AbortedTransaction> aborted;
      for (const AbortedTransaction& one : log.aborted) {
        if (one.last_offset >= base && one.last_offset <= last) aborted.push_back(one);
      }
      EXPECT_TRUE((co_await row.add_segment(std::move(batches), base, std::move(aborted))).ok());
    }
    EXPECT_TRUE((co_await row.add_segment({}, log.end_offset())).ok());
  }
  Task<Result<CleaningOutcome>> clean(SegmentRow& row, std::int64_t now = 0,
                                      std::optional<Offset> checkpoint = {}, Cancel cancel = {}) {
    const auto facts = co_await gather_facts(row, checkpoint);
    EXPECT_TRUE(facts.ok());
    const CleaningPlan plan = plan_cleaning(*facts, now);
    LogCleaning cleaning(row, plan, tools_);
    co_return co_await cleaning.run(now, cancel);
  }
  // Its records, in the language of CleanedLog.
  static Task<Shown> shown(SegmentRow& row) {
    CleanedLog log;
    const auto batches = co_await row.read();
    EXPECT_TRUE(batches.ok());
    for (const auto& batch : *batches) log.append_bytes(batch);
    co_return log.shown();
  }
  static Task<std::string> names() {
    std::string all;
    const auto entries = co_await this_shard().files().list(kDirectory);
    for (const DirectoryEntry& entry : *entries) all += entry.name.substr(18) + " ";
    co_return all;
  }

  sim::World world_{1};
  sim::Host& host_ = world_.add_host("here");
  IoPace throttle_;
  CleaningTools tools_{.throttle = &throttle_};
};

TEST_F(LogCleaningTest, MakesOneSegmentOfSeveral) {
  run([&](SegmentRow& row) -> Task<void> {
    CleanedLog log;
    log.append({"a=1", "b=1"}).append({"a=2"}).append({"c=1"});
    co_await fill(row, log);
    EXPECT_EQ(row.bases(), (Bases{0, 2, 3, 4}));
    const auto done = co_await clean(row);
    EXPECT_EQ(done->end, Offset(4));
    EXPECT_EQ(done->stats.read_records, 4u);
    EXPECT_EQ(row.bases(), (Bases{0, 4}));
    EXPECT_EQ(co_await shown(row), (Shown{"1 b=1", "2 a=2", "3 c=1"}));
    EXPECT_EQ(co_await names(), "00.index 00.log 00.timeindex 04.index 04.log 04.timeindex ");
  });
}

TEST_F(LogCleaningTest, GoesOnWhereItStopped) {
  run([&](SegmentRow& row) -> Task<void> {
    row.config.segment_bytes = 1;
    CleanedLog log;
    log.append({"a=1", "b=1", "c=1"}).append({"a=2", "x=1"}).append({"c=2"});
    co_await fill(row, log);
    tools_.map = {.memory = 4 * OffsetMap::kEntrySize, .load_factor = 1};
    const auto first = co_await clean(row);
    EXPECT_EQ(first->end, Offset(4)) << "three keys are all that the map can hold";
    const auto second = co_await clean(row, 0, first->end);
    EXPECT_EQ(second->end, Offset(6));
    EXPECT_EQ(co_await shown(row), (Shown{"1 b=1", "3 a=2", "4 x=1", "5 c=2"}));
  });
}

TEST_F(LogCleaningTest, TheIndexOfTransactionsIsMadeAnew) {
  run([&](SegmentRow& row) -> Task<void> {
    CleanedLog log;
    log.write(7, {"a=1"}).abort(7).write(8, {"b=1"}).abort(8).append({"z=1"});
    row.producers[8] = {.last_data_offset = Offset(2), .epoch = 0};
    row.config.delete_retention = std::chrono::milliseconds(10);
    co_await fill(row, log);
    (void)co_await clean(row, 1000);
    EXPECT_EQ(co_await shown(row), (Shown{"1 abort", "2 empty", "3 abort", "4 z=1"}));
    EXPECT_EQ(row.segments().front()->transactions().count(), 2u);
    (void)co_await clean(row, 2000);
    (void)co_await clean(row, 3000);
    EXPECT_EQ(co_await shown(row), (Shown{"2 empty", "3 abort", "4 z=1"}));
    EXPECT_EQ(row.segments().front()->transactions().count(), 1u);
    EXPECT_EQ((co_await row.segments().front()->transactions().entry(0))->producer_id, 8);
  });
}

TEST_F(LogCleaningTest, BatchesLargerThanItsBuffersAreRead) {
  run([&](SegmentRow& row) -> Task<void> {
    CleanedLog log;
    const std::string large(10'000, 'v');
    log.append({"a=1"}).append({"a=" + large}).append({"b=1"}).append({"b=" + large, "c=1"});
    co_await fill(row, log, 2);
    tools_.io_buffer_size = 64;
    EXPECT_EQ((co_await clean(row))->end, Offset(5));
    EXPECT_EQ(co_await shown(row), (Shown{"1 a=" + large, "3 b=" + large, "4 c=1"}));
  });
}

TEST_F(LogCleaningTest, WhatIsCorruptStaysAsItIs) {
  run([&](SegmentRow& row) -> Task<void> {
    CleanedLog log;
    log.append({"a=1"}).append({"a=2"});
    auto batches = log.batches();
    batches[1].back() ^= std::byte{1};
    EXPECT_TRUE((co_await row.add_segment({batches[0]}, Offset(0))).ok());
    EXPECT_TRUE((co_await row.add_segment({batches[1]}, Offset(1))).ok());
    EXPECT_TRUE((co_await row.add_segment({}, Offset(2))).ok());
    const auto done = co_await clean(row);
    EXPECT_EQ(done.error(), Errc::corrupt);
    EXPECT_NE(done.error().to_string().find("00000000000000000001.log"), std::string::npos)
        << done.error().to_string();
    EXPECT_EQ(row.bases(), (Bases{0, 1, 2}));
  });
}

TEST_F(LogCleaningTest, WhatIsFoundLateLeavesNothingBehind) {
  run([&](SegmentRow& row) -> Task<void> {
    CleanedLog log;
    log.append({"a=1"}).append({"a=2"}).append({"a=3"});
    auto batches = log.batches();
    batches[0].back() ^= std::byte{1};  // in the clean part, which the first reading leaves out
    EXPECT_TRUE((co_await row.add_segment({batches[0]}, Offset(0))).ok());
    EXPECT_TRUE((co_await row.add_segment({batches[1], batches[2]}, Offset(1))).ok());
    EXPECT_TRUE((co_await row.add_segment({}, Offset(3))).ok());
    EXPECT_EQ((co_await clean(row, 0, Offset(1))).error(), Errc::corrupt);
    EXPECT_EQ((co_await names()).find("cleaned"), std::string::npos);
    EXPECT_EQ(row.bases(), (Bases{0, 1, 3}));
  });
}

// No checksum covers where a batch begins.
struct Rotten {
  std::size_t batch;
  std::int64_t base;
  std::optional<Offset> clean = {};
};
constexpr Rotten kRotten[] = {
    {2, 5000},          // beyond the log's end
    {3, 4},             // where the next segment begins
    {2, 1},             // before its own segment
    {0, 1},             // where the next batch is
    {5, 4},             // where the one before is
    {0, 1, Offset(4)},  // the same in segments that are clean, which the first reading leaves out
    {1, 2, Offset(4)},
    {2, 1, Offset(4)},
    {3, 5000, Offset(4)},
    {4, 5, Offset(5)},  // and in the clean part of one
};

TEST_F(LogCleaningTest, BatchesAreNotTakenForOthersWhenTheirOffsetsRotted) {
  run([&](SegmentRow&) -> Task<void> {
    for (const Rotten& rotten : kRotten) {
      FileSystem& files = this_shard().files();
      SegmentRow row(files, std::string("/data/rotten") + std::to_string(&rotten - kRotten));
      CleanedLog log;
      log.append({"a=1"}).append({"b=1"}).append({"a=2"}).append({"c=1"}).append({"b=2"}).append({"a=3"});
      co_await fill(row, log, 2);
      const std::size_t size = log.batches().front().size();
      const auto file =
          (co_await files.open(row.segments()[rotten.batch / 2]->log_path(), kReadWrite)).value();
      std::array<std::byte, 8> base{};
      store_big_endian(base.data(), rotten.base);
      EXPECT_TRUE((co_await file->write_at(rotten.batch % 2 * size, Chain(Slice::copy_of(base)))).ok());
      co_await file->close();
      const auto before = (co_await row.read()).value();
      const auto done = co_await clean(row, 0, rotten.clean);
      EXPECT_FALSE(done.ok()) << rotten.batch << " at " << rotten.base;
      if (!done.ok()) EXPECT_EQ(done.error(), Errc::corrupt) << done.error().to_string();
      EXPECT_EQ((co_await row.read()).value(), before) << rotten.batch << " at " << rotten.base;
      co_await row.close();
    }
  });
}

TEST_F(LogCleaningTest, CanBeCancelled) {
  run([&](SegmentRow& row) -> Task<void> {
    CleanedLog log;
    log.append({"a=1"}).append({"a=2"});
    co_await fill(row, log);
    CancelSource source;
    source.request();
    EXPECT_EQ((co_await clean(row, 0, {}, source.token())).error(), Errc::cancelled);
    EXPECT_EQ(row.bases(), (Bases{0, 1, 2}));
  });
}

TEST_F(LogCleaningTest, KeepsToItsRate) {
  run([&](SegmentRow& row) -> Task<void> {
    CleanedLog log;
    for (int i = 0; i < 50; ++i) log.append({"a=1", "b=1"});
    co_await fill(row, log, 10);
    std::uint64_t bytes = 0;
    for (const auto& batch : log.batches()) bytes += batch.size();
    throttle_.set_rate(1000);
    const Instant before = this_shard().exact_now();
    EXPECT_TRUE((co_await clean(row)).ok());
    const double seconds = std::chrono::duration<double>(this_shard().exact_now() - before).count();
    EXPECT_NEAR(seconds, static_cast<double>(bytes) * 1.2 / 1000, static_cast<double>(bytes) / 20'000)
        << "everything is read once, and again what anything is left of: the last of five segments";
  });
}

TEST_F(LogCleaningTest, OfStretchesThatAreDroppedUnreadWhatHasToStayStays) {
  run([&](SegmentRow& row) -> Task<void> {
    CleanedLog log;
    const record::BatchOptions idempotent{.producer_id = 7, .producer_epoch = 1, .base_sequence = 5};
    for (int i = 0; i < 3; ++i) log.append({"a=1"}).append({"b=1"});
    log.append({"a=2"}, idempotent);
    for (int i = 0; i < 3; ++i) log.append({"a=3"}).append({"b=3"});
    log.write(8, {"a=4"}).abort(8).append({"b=5"});
    row.producers[7] = {.last_data_offset = Offset(6), .epoch = 1};
    co_await fill(row, log, 4);
    tools_.io_buffer_size = 64;  // a chunk for each batch
    const auto done = co_await clean(row);
    EXPECT_EQ(co_await shown(row), (Shown{"6 empty", "11 a=3", "14 abort", "15 b=5"}));
    EXPECT_EQ(done->stats.read_records, 15u) << "all but the one that was aborted, dropped unread or not";
    std::uint64_t bytes = 0;
    for (const auto& batch : log.batches()) bytes += batch.size();
    EXPECT_EQ(done->stats.read_bytes, bytes);
  });
}

TEST_F(LogCleaningTest, WhatTheMapDidNotGetToIsNotDropped) {
  run([&](SegmentRow& row) -> Task<void> {
    row.config.segment_bytes = 1;
    CleanedLog log;
    log.append({"a=1"}).append({"a=2"}).append({"b=1"}).append({"c=1"}).append({"b=2"});
    co_await fill(row, log, 5);
    tools_.map = {.memory = 3 * OffsetMap::kEntrySize, .load_factor = 1};
    tools_.io_buffer_size = 64;
    EXPECT_EQ((co_await clean(row))->end, Offset(3));
    EXPECT_EQ(co_await shown(row), (Shown{"1 a=2", "2 b=1", "3 c=1", "4 b=2"}));
  });
}

}  // namespace
}  // namespace ottla::storage
