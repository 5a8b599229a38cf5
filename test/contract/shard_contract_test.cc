// What src/runtime promises about shards, time and messages, in both worlds.
#include <optional>
#include <string>
#include <vector>

#include "runtime/cross_shard.h"
#include "runtime/event.h"
#include "runtime/offload.h"
#include "runtime/sleep.h"
#include "runtime/travel.h"
#include "runtime/when.h"
#include "test/contract/world_under_test.h"

namespace ottla {
namespace {

using std::chrono::milliseconds;

CONTRACT_TEST(Shards, MainRunsOnTheFirst) {
  EXPECT_EQ(this_shard().id(), ShardId(0));
  EXPECT_EQ(process.shard_count(), 2U);
  co_return;
}

CONTRACT_TEST(Shards, ACallRunsThereAndComesBackHere) {
  const ShardId there = co_await on(process.shard(ShardId(1)), [] { return this_shard().id(); });
  EXPECT_EQ(there, ShardId(1));
  EXPECT_EQ(this_shard().id(), ShardId(0));
}

CONTRACT_TEST(Shards, ACallMayItselfSuspend) {
  const int result = co_await on(process.shard(ShardId(1)), []() -> Task<int> {
    (void)co_await sleep_for(milliseconds(1));
    co_return 7;
  });
  EXPECT_EQ(result, 7);
}

CONTRACT_TEST(Shards, CallsToOneselfWorkToo) {
  EXPECT_EQ(co_await on(process.shard(ShardId(0)), [] { return 3; }), 3);
}

CONTRACT_TEST(Shards, CallsFromOneShardArriveInOrder) {
  std::vector<int> seen;
  TaskGroup group(cancel);
  for (int i = 0; i < 1000; ++i) {
    group.spawn([&seen, &process, i](Cancel) -> Task<void> {
      co_await on(process.shard(ShardId(1)), [&seen, i] { seen.push_back(i); });
    });
  }
  co_await group.wait();
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(seen.at(static_cast<std::size_t>(i)), i);
}

CONTRACT_TEST(Shards, AnExceptionComesBackToTheCaller) {
  std::string seen;
  try {
    co_await on(process.shard(ShardId(1)), [] { throw std::runtime_error("planned"); });
  } catch (const std::runtime_error& error) {
    seen = error.what();
  }
  EXPECT_EQ(seen, "planned");
}

CONTRACT_TEST(Shards, PingPongBothWaysAtOnce) {
  const auto bounce = [&process](std::uint32_t to) -> Task<int> {
    int sum = 0;
    for (int i = 0; i < 500; ++i) sum += co_await on(process.shard(ShardId(to)), [i] { return i; });
    co_return sum;
  };
  const auto back = [&]() -> Task<int> { co_return co_await bounce(0); };
  auto [mine, theirs] = co_await when_all(
      bounce(1), [&]() -> Task<int> { co_return co_await on(process.shard(ShardId(1)), back); }());
  EXPECT_EQ(mine, theirs);
}

CONTRACT_TEST(Travel, BytesArriveWithoutACopyAndGoHome) {
  Chain chain(Slice::copy_of("hello "));
  chain.append(Slice::copy_of("world"));
  const std::byte* where = chain.piece(0).slice()->data();
  const bool same =
      co_await on(process.shard(ShardId(1)), [where, travelling = Travelling(chain.clone())]() mutable {
        const Chain here = std::move(travelling).arrive();
        EXPECT_TRUE(here.holds("hello world"));
        return here.piece(0).slice()->data() == where;
      });
  EXPECT_TRUE(same);
  while (chain.piece(0).slice()->owner()->claims() > 1) co_await yield();  // the claim is on its way
  EXPECT_EQ(chain.piece(1).slice()->owner()->claims(), 1U);
}

CONTRACT_TEST(Travel, WhatNeverArrivesIsGivenBack) {
  const Slice slice = Slice::copy_of("unused");
  co_await on(process.shard(ShardId(1)), [travelling = Travelling(Chain(slice))] {});
  while (slice.owner()->claims() > 1) co_await yield();
}

CONTRACT_TEST(Travel, ASliceOutlivesTheCallThatBroughtIt) {
  const Slice slice = Slice::copy_of("kept for later");
  const auto kept = std::make_shared<std::optional<Chain>>();
  co_await on(process.shard(ShardId(1)), [kept, travelling = Travelling(Chain(slice))]() mutable {
    kept->emplace(std::move(travelling).arrive());
  });
  EXPECT_EQ(slice.owner()->claims(), 2U);
  co_await on(process.shard(ShardId(1)), [kept] {
    EXPECT_TRUE((*kept)->holds("kept for later"));
    kept->reset();
  });
  while (slice.owner()->claims() > 1) co_await yield();
}

CONTRACT_TEST(Time, ASleepIsNeverShort) {
  for (const Duration length : {Duration(0), Duration(1), Duration(milliseconds(3))}) {
    const Instant before = this_shard().exact_now();
    EXPECT_TRUE((co_await sleep_for(length)).ok());
    EXPECT_GE(this_shard().exact_now() - before, length);
  }
}

CONTRACT_TEST(Time, ACancelledSleepEndsAtOnce) {
  TaskGroup group(cancel);
  std::string seen;
  group.spawn([&](Cancel inner) -> Task<void> {
    const auto result = co_await sleep_for(std::chrono::hours(1000), inner);
    seen = result.ok() ? "slept" : name_of(result.error().code());
  });
  co_await yield();
  co_await group.stop();
  EXPECT_EQ(seen, "cancelled");
}

CONTRACT_TEST(Time, SleepersWakeInOrderOfTheirDeadlines) {
  std::vector<int> order;
  TaskGroup group(cancel);
  for (const int length : {9, 3, 6}) {
    group.spawn([&order, length](Cancel inner) -> Task<void> {
      (void)co_await sleep_for(milliseconds(length), inner);
      order.push_back(length);
    });
  }
  co_await group.wait();
  EXPECT_EQ(order, (std::vector<int>{3, 6, 9}));
}

CONTRACT_TEST(Time, ADeadlineEndsAWaitThatNeverWould) {
  Event never;
  const auto result = co_await with_timeout(
      milliseconds(2), cancel,
      [&never](Cancel inner) -> Task<Result<void>> { co_return co_await never.wait(inner); });
  EXPECT_EQ(result.error().code(), Errc::timed_out);
}

CONTRACT_TEST(Helpers, RunElsewhereAndBringTheirResult) {
  for (const HelperKind kind : {HelperKind::disk, HelperKind::compute}) {
    EXPECT_EQ(co_await offload(kind, [] { return 42; }), 42);
  }
}

CONTRACT_TEST(Helpers, ManyJobsAllComeBack) {
  int sum = 0;
  TaskGroup group(cancel);
  for (int i = 0; i < 200; ++i) {
    group.spawn(
        [&sum, i](Cancel) -> Task<void> { sum += co_await offload(HelperKind::disk, [i] { return i; }); });
  }
  co_await group.wait();
  EXPECT_EQ(sum, 199 * 200 / 2);
}

CONTRACT_TEST(Helpers, AnExceptionComesBack) {
  bool caught = false;
  try {
    co_await offload(HelperKind::compute, []() -> int { throw std::runtime_error("planned"); });
  } catch (const std::runtime_error&) {
    caught = true;
  }
  EXPECT_TRUE(caught);
}

}  // namespace
}  // namespace ottla
