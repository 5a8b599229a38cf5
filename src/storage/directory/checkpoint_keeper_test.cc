#include "storage/directory/checkpoint_keeper.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/offset.h"
#include "base/partition_id.h"
#include "base/topic_partition.h"
#include "runtime/event.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "runtime/whole_file.h"
#include "sim/world.h"

namespace ottla::storage {
namespace {

using How = CheckpointChange::How;
using Offsets = std::vector<PartitionOffset>;

constexpr char kPath[] = "/data/checkpoint";

TopicPartition tp(std::int32_t number) {
  return {.topic = "t", .partition = PartitionId(number)};
}

class CheckpointKeeperTest : public ::testing::Test {
 protected:
  template <typename Story>
  void run(Story story) {
    ASSERT_TRUE(host_.disk().make_directories("/data").ok());
    host_.start([&](Process&, Cancel) -> Task<int> {
      CheckpointKeeper keeper(this_shard().files(), kPath, OffsetCheckpoint::recovery_point, failure_);
      co_await story(keeper);
      co_return 0;
    });
    ASSERT_TRUE(world_.run_until([&] { return !host_.running(); }, std::chrono::hours(1)));
    EXPECT_TRUE(world_.violations().empty()) << world_.violations().front();
  }
  static Task<void> put(std::string text) {
    EXPECT_TRUE((co_await replace_file(this_shard().files(), kPath, Slice::copy_of(text))).ok());
  }
  static Task<void> change(CheckpointKeeper& keeper, std::int32_t number, std::int64_t offset, How how) {
    EXPECT_TRUE((co_await keeper.change({tp(number), Offset(offset), how})).ok());
  }
  // "0 5, 1 7": what the file says, without its head.
  static Task<std::string> text() {
    const auto bytes = co_await read_whole_file(this_shard().files(), kPath, 1000);
    if (!bytes.ok()) co_return std::string(name_of(bytes.error().code()));
    std::string all(bytes->as_string_view());
    std::string shown;
    for (std::size_t at = all.find("t "); at != std::string::npos; at = all.find("t ", at + 1)) {
      shown += (shown.empty() ? "" : ", ") + all.substr(at + 2, all.find('\n', at) - at - 2);
    }
    co_return shown;
  }

  sim::World world_{1};
  sim::Host& host_ = world_.add_host("here");
  std::optional<Error> failure_;
};

TEST_F(CheckpointKeeperTest, OneLineIsChangedAndTheOthersStay) {
  run([](CheckpointKeeper& keeper) -> Task<void> {
    co_await put("0\n3\nt 2 20\nt 0 5\nt 1 10\n");
    co_await change(keeper, 1, 7, How::lower);
    EXPECT_EQ(co_await text(), "0 5, 1 7, 2 20");
    co_await change(keeper, 1, 9, How::lower);
    co_await change(keeper, 7, 9, How::lower);
    EXPECT_EQ(co_await text(), "0 5, 1 7, 2 20");
    co_await change(keeper, 2, 0, How::forget);
    co_await change(keeper, 3, 30, How::set);
    EXPECT_EQ(co_await text(), "0 5, 1 7, 3 30");
  });
}

TEST_F(CheckpointKeeperTest, WhatChangesNothingWritesNothing) {
  run([](CheckpointKeeper& keeper) -> Task<void> {
    co_await change(keeper, 1, 7, How::lower);
    co_await change(keeper, 1, 7, How::forget);
    EXPECT_EQ(co_await text(), "not_found");
  });
}

TEST_F(CheckpointKeeperTest, OfAPartitionThatIsThereTwiceTheLastLineCounts) {
  run([](CheckpointKeeper& keeper) -> Task<void> {
    co_await put("0\n3\nt 1 20\nt 0 5\nt 1 10\n");
    const auto read = co_await keeper.read();
    EXPECT_EQ(read->offsets, (Offsets{{tp(0), Offset(5)}, {tp(1), Offset(10)}}));
  });
}

TEST_F(CheckpointKeeperTest, ManyChangesAreFewWrites) {
  run([](CheckpointKeeper& keeper) -> Task<void> {
    const Instant before = this_shard().exact_now();
    co_await change(keeper, 0, 1, How::set);
    const Duration one = this_shard().exact_now() - before;
    const Instant begin = this_shard().exact_now();
    TaskGroup group;
    for (int i = 1; i < 100; ++i) group.spawn(change(keeper, i, i, How::set));
    co_await group.wait();
    EXPECT_LT(this_shard().exact_now() - begin, 20 * one);
    const auto read = co_await keeper.read();
    EXPECT_EQ(read->offsets.size(), 100U);
  });
}

TEST_F(CheckpointKeeperTest, WhatWasGatheredBeforeAChangeDoesNotUndoIt) {
  run([](CheckpointKeeper& keeper) -> Task<void> {
    Event asked;
    Event answer;
    bool is_asked = false;
    bool may_answer = false;
    const auto gather = [&]() -> Task<Offsets> {
      is_asked = true;
      asked.wake_all();
      while (!may_answer) co_await answer.wait();
      co_return Offsets{{tp(1), Offset(50)}};
    };
    TaskGroup group;
    group.spawn([&](Cancel) -> Task<void> { EXPECT_TRUE((co_await keeper.replace(gather)).ok()); });
    while (!is_asked) co_await asked.wait();
    group.spawn([&](Cancel) -> Task<void> { co_await change(keeper, 1, 7, How::lower); });
    co_await yield();
    may_answer = true;
    answer.wake_all();
    co_await group.wait();
    EXPECT_EQ(co_await text(), "1 7");
  });
}

TEST_F(CheckpointKeeperTest, AWriteThatFailsIsToldAndTriedAgain) {
  run([&](CheckpointKeeper& keeper) -> Task<void> {
    co_await change(keeper, 1, 7, How::set);
    host_.disk().trouble.full = true;
    EXPECT_EQ((co_await keeper.change({tp(1), Offset(3), How::lower})).error(), Errc::no_space);
    EXPECT_EQ(co_await text(), "1 7");
    host_.disk().trouble.full = false;
    co_await change(keeper, 1, 3, How::lower);
    EXPECT_EQ(co_await text(), "1 3");
  });
}

TEST_F(CheckpointKeeperTest, NothingIsWrittenOnceTheDirectoryFailed) {
  run([&](CheckpointKeeper& keeper) -> Task<void> {
    co_await change(keeper, 1, 7, How::set);
    failure_ = Error(Errc::io_error);
    EXPECT_EQ((co_await keeper.change({tp(1), Offset(3), How::lower})).error(), Errc::io_error);
    EXPECT_EQ((co_await keeper.read()).error(), Errc::io_error);
    EXPECT_EQ(co_await text(), "1 7");
  });
}

}  // namespace
}  // namespace ottla::storage
