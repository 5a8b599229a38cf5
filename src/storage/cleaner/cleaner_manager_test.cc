#include "storage/cleaner/cleaner_manager.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/metric_registry.h"
#include "base/offset.h"
#include "base/partition_id.h"
#include "base/topic_partition.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "sim/world.h"
#include "storage/cleaner/testing/cleaned_log.h"
#include "storage/cleaner/testing/segment_row.h"

namespace ottla::storage {
namespace {

using std::chrono::seconds;
using testing::CleanedLog;
using testing::SegmentRow;

TopicPartition partition(std::int32_t number) {
  return {.topic = "t", .partition = PartitionId(number)};
}

// Keeps checkpoints in memory.
class Home final : public CleanerHome {
 public:
  Task<Result<void>> save_checkpoint(std::string, TopicPartition partition,
                                     std::optional<Offset> offset) override {
    ++saves;
    if (offset) {
      offsets[partition] = *offset;
    } else {
      offsets.erase(partition);
    }
    co_return Result<void>();
  }
  void disk_failed(const std::string&, const Error& error) override { failures.push_back(error.code()); }

  std::map<TopicPartition, Offset> offsets;
  std::vector<Errc> failures;
  int saves = 0;
};

class CleanerManagerTest : public ::testing::Test {
 protected:
  template <typename Story>
  void run(Story story) {
    host_.start([&](Process&, Cancel) -> Task<int> {
      SegmentRow a(this_shard().files(), "/data/t-0");
      SegmentRow b(this_shard().files(), "/data/t-1");
      {
        CleanerManager manager(this_shard().files(), settings_, home_, this_shard().metrics(), {});
        manager.add({.partition = partition(0), .log = &a, .log_directory = "/data", .checkpoint = start_});
        manager.add({.partition = partition(1), .log = &b, .log_directory = "/data"});
        co_await story(manager, a, b);
      }
      co_await a.close();
      co_await b.close();
      co_return 0;
    });
    ASSERT_TRUE(world_.run_until([&] { return !host_.running(); }, std::chrono::hours(1)));
    EXPECT_TRUE(world_.violations().empty()) << world_.violations().front();
  }
  // Segments of one batch each, and an empty active one.
  static Task<void> fill(SegmentRow& row, int segments, bool corrupt = false) {
    CleanedLog log;
    for (int i = 0; i < segments; ++i) log.append({"a=1", "b=1"});
    for (auto batch : log.batches()) {
      const Offset base = record::read_front(batch)->base_offset;
      if (corrupt) batch.back() ^= std::byte{1};
      EXPECT_TRUE((co_await row.add_segment({batch}, base)).ok());
    }
    EXPECT_TRUE((co_await row.add_segment({}, log.end_offset())).ok());
  }

  sim::World world_{1};
  sim::Host& host_ = world_.add_host("here");
  CleanerSettings settings_;
  Home home_;
  std::optional<Offset> start_;
};

TEST_F(CleanerManagerTest, TheDirtiestLogGoesFirst) {
  start_ = Offset(2);
  run([&](CleanerManager& manager, SegmentRow& a, SegmentRow& b) -> Task<void> {
    co_await fill(a, 4);
    co_await fill(b, 4);
    EXPECT_TRUE(co_await manager.clean_next({}));
    EXPECT_EQ(manager.checkpoint(partition(0)), Offset(2));
    EXPECT_EQ(manager.checkpoint(partition(1)), Offset(8));
    EXPECT_EQ(home_.offsets.at(partition(1)), Offset(8));
    EXPECT_EQ(manager.dirtiest_ratio(), 1);
    EXPECT_TRUE(co_await manager.clean_next({}));
    EXPECT_EQ(manager.checkpoint(partition(0)), Offset(8));
    EXPECT_FALSE(co_await manager.clean_next({}));
    EXPECT_EQ(manager.dirtiest_ratio(), 0);
    EXPECT_EQ(b.deletions, 3) << "retention comes by each time";
  });
}

TEST_F(CleanerManagerTest, WhatIsPausedRests) {
  run([&](CleanerManager& manager, SegmentRow& a, SegmentRow& b) -> Task<void> {
    co_await fill(a, 2);
    co_await fill(b, 2);
    {
      const CleanerManager::Pause first = co_await manager.pause(partition(0));
      const CleanerManager::Pause second = co_await manager.pause(partition(0));
      EXPECT_TRUE(co_await manager.clean_next({}));
      EXPECT_FALSE(co_await manager.clean_next({}));
      EXPECT_EQ(manager.checkpoint(partition(0)), std::nullopt);
      EXPECT_EQ(a.deletions, 0);
    }
    EXPECT_TRUE(co_await manager.clean_next({}));
    EXPECT_EQ(manager.checkpoint(partition(0)), Offset(4));
  });
}

TEST_F(CleanerManagerTest, ItsSettingsCanChangeWhileItRests) {
  settings_.backoff = std::chrono::hours(1);
  run([&](CleanerManager& manager, SegmentRow& a, SegmentRow& b) -> Task<void> {
    co_await fill(a, 4);
    co_await fill(b, 4);
    a.config.compacts = b.config.compacts = false;
    TaskGroup group;
    group.spawn([&](Cancel cancel) { return manager.run(cancel); });
    EXPECT_TRUE((co_await sleep_for(seconds(1))).ok());
    a.config.compacts = true;
    EXPECT_TRUE((co_await sleep_for(seconds(60))).ok());
    EXPECT_EQ(manager.checkpoint(partition(0)), std::nullopt);
    CleanerSettings shorter = settings_;
    shorter.backoff = seconds(5);
    manager.set_settings(shorter);
    EXPECT_TRUE((co_await sleep_for(seconds(1))).ok());
    EXPECT_EQ(manager.checkpoint(partition(0)), Offset(8)) << "it looks at once";
    b.config.compacts = true;
    EXPECT_TRUE((co_await sleep_for(seconds(6))).ok());
    EXPECT_EQ(manager.checkpoint(partition(1)), Offset(8)) << "and again after the shorter pause";
    co_await group.stop();
  });
}

TEST_F(CleanerManagerTest, ItsPaceCanChangeWhileItCleans) {
  settings_.max_bytes_per_second = 1;
  run([&](CleanerManager& manager, SegmentRow& a, SegmentRow& b) -> Task<void> {
    co_await fill(a, 20);
    co_await fill(b, 0);
    TaskGroup group;
    group.spawn([&](Cancel cancel) { return manager.run(cancel); });
    EXPECT_TRUE((co_await sleep_for(seconds(60))).ok());
    EXPECT_EQ(manager.checkpoint(partition(0)), std::nullopt);
    manager.set_settings(CleanerSettings());
    EXPECT_TRUE((co_await sleep_for(seconds(1))).ok());
    EXPECT_EQ(manager.checkpoint(partition(0)), Offset(40));
    co_await group.stop();
  });
}

TEST_F(CleanerManagerTest, APauseEndsACleaning) {
  settings_.max_bytes_per_second = 10;
  run([&](CleanerManager& manager, SegmentRow& a, SegmentRow& b) -> Task<void> {
    co_await fill(a, 20);
    co_await fill(b, 0);
    TaskGroup group;
    bool cleaned = true;
    group.spawn([&](Cancel cancel) -> Task<void> { cleaned = co_await manager.clean_next(cancel); });
    EXPECT_TRUE((co_await sleep_for(seconds(1))).ok());
    const Instant before = this_shard().exact_now();
    {
      const CleanerManager::Pause pause = co_await manager.pause(partition(0));
      EXPECT_LT(this_shard().exact_now() - before, seconds(1));
      EXPECT_EQ(a.segments().size(), 21u);
    }
    co_await group.wait();
    EXPECT_FALSE(cleaned);
    EXPECT_FALSE(manager.is_uncleanable(partition(0)));
    EXPECT_EQ(home_.saves, 0);
  });
}

TEST_F(CleanerManagerTest, WhatCannotBeReadIsLeftAlone) {
  run([&](CleanerManager& manager, SegmentRow& a, SegmentRow& b) -> Task<void> {
    co_await fill(a, 2, true);
    co_await fill(b, 2);
    EXPECT_FALSE(co_await manager.clean_next({}));
    EXPECT_TRUE(manager.is_uncleanable(partition(0)));
    EXPECT_TRUE(co_await manager.clean_next({})) << "the other one";
    const auto uncleanable = co_await manager.uncleanable_by_directory();
    EXPECT_EQ(uncleanable.size(), 1U);
    EXPECT_EQ(uncleanable.at("/data").logs, 1U);
    const LogFacts facts = *co_await gather_facts(a, {});
    EXPECT_EQ(uncleanable.at("/data").bytes, facts.segments[0].size + facts.segments[1].size);
    EXPECT_FALSE(manager.is_uncleanable(partition(1)));
    EXPECT_FALSE(co_await manager.clean_next({}));
    co_await manager.remove(partition(0), false);
    manager.add({.partition = partition(0), .log = &a, .log_directory = "/data"});
    EXPECT_FALSE(manager.is_uncleanable(partition(0))) << "opened anew";
    EXPECT_TRUE(home_.failures.empty());
  });
}

TEST_F(CleanerManagerTest, TellsHowItsLastCleaningWent) {
  run([&](CleanerManager& manager, SegmentRow& a, SegmentRow& b) -> Task<void> {
    const Instant begun = manager.last_look();
    co_await fill(a, 2);
    co_await fill(b, 0);
    EXPECT_TRUE((co_await sleep_for(seconds(5))).ok());
    EXPECT_EQ(manager.last_look(), begun);
    EXPECT_TRUE(co_await manager.clean_next({}));
    EXPECT_GE(manager.last_look() - begun, seconds(5));
    EXPECT_GT(manager.last_took(), Duration::zero());
    const MetricSnapshot told = this_shard().metrics().snapshot();
    const auto io = std::ranges::find(told.families, std::string_view("kafka_utils_throttler_cleaner_io"),
                                      [](const MetricFamilySnapshot& each) { return each.info.name; });
    const CleaningStats& stats = manager.last_stats();
    EXPECT_EQ(std::get<std::uint64_t>(io->series.front().value),
              stats.mapped_bytes + stats.read_bytes + stats.written_bytes);
  });
}

TEST_F(CleanerManagerTest, ACheckpointOutsideOfTheLogIsPutRight) {
  start_ = Offset(100);
  run([&](CleanerManager& manager, SegmentRow& a, SegmentRow& b) -> Task<void> {
    a.config.min_cleanable_ratio = 1;
    co_await fill(a, 2);
    co_await fill(b, 0);
    EXPECT_FALSE(co_await manager.clean_next({}));
    EXPECT_EQ(home_.offsets.at(partition(0)), Offset(0));
  });
}

TEST_F(CleanerManagerTest, ATruncationTakesTheCheckpointBack) {
  start_ = Offset(4);
  run([&](CleanerManager& manager, SegmentRow& a, SegmentRow& b) -> Task<void> {
    co_await fill(a, 2);
    co_await fill(b, 0);
    manager.truncated(partition(0), Offset(5));
    EXPECT_EQ(manager.checkpoint(partition(0)), Offset(4));
    manager.truncated(partition(0), Offset(3));
    EXPECT_EQ(manager.checkpoint(partition(0)), Offset(3));
    EXPECT_EQ(home_.saves, 0) << "it is the home that knows";
    co_await manager.remove(partition(0), true);
    EXPECT_TRUE(home_.offsets.empty());
    EXPECT_EQ(manager.checkpoint(partition(0)), std::nullopt);
  });
}

TEST_F(CleanerManagerTest, LooksAgainEveryNowAndThen) {
  run([&](CleanerManager& manager, SegmentRow& a, SegmentRow& b) -> Task<void> {
    co_await fill(a, 2);
    co_await fill(b, 0);
    TaskGroup group;
    auto pause = std::optional(co_await manager.pause(partition(0)));
    group.spawn([&](Cancel cancel) -> Task<void> { co_await manager.run(cancel); });
    EXPECT_TRUE((co_await sleep_for(seconds(20))).ok());
    EXPECT_EQ(manager.checkpoint(partition(0)), std::nullopt);
    pause.reset();
    EXPECT_TRUE((co_await sleep_for(seconds(20))).ok());
    EXPECT_EQ(manager.checkpoint(partition(0)), Offset(4));
    co_await group.stop();
  });
}

}  // namespace
}  // namespace ottla::storage
