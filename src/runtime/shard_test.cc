#include "runtime/shard.h"

#include <gtest/gtest.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "runtime/cross_shard.h"
#include "runtime/sleep.h"
#include "runtime/testing/manual_world.h"
#include "runtime/travel.h"

namespace ottla {
namespace {

class CountingMessage final : public Message {
 public:
  explicit CountingMessage(std::vector<int>& seen, int value) : seen_(seen), value_(value) {}
  void run(Shard&) override { seen_.push_back(value_); }
  void abandon() override { abandoned = true; }
  bool abandoned = false;

 private:
  std::vector<int>& seen_;
  int value_;
};

TEST(Messages, ArriveInOrderAtTheEndOfTheSlice) {
  ManualWorld world(2);
  std::vector<int> seen;
  CountingMessage one(seen, 1);
  CountingMessage two(seen, 2);
  {
    const Shard::Scope scope(world.shard(0));
    world.shard(0).send(world.shard(1), one);
    world.shard(0).send(world.shard(1), two);
  }
  {
    const Shard::Scope scope(world.shard(1));
    world.shard(1).poll();
  }
  EXPECT_TRUE(seen.empty());
  world.settle();
  EXPECT_EQ(seen, (std::vector<int>{1, 2}));
}

TEST(Messages, TwoBatchesKeepTheirOrder) {
  ManualWorld world(2);
  std::vector<int> seen;
  std::vector<std::unique_ptr<CountingMessage>> messages;
  for (int i = 0; i < 6; ++i) messages.push_back(std::make_unique<CountingMessage>(seen, i));
  {
    const Shard::Scope scope(world.shard(0));
    for (int i = 0; i < 6; ++i) {
      world.shard(0).send(world.shard(1), *messages[static_cast<std::size_t>(i)]);
      if (i == 2) world.shard(0).flush_messages();
    }
  }
  world.settle();
  EXPECT_EQ(seen, (std::vector<int>{0, 1, 2, 3, 4, 5}));
}

TEST(Messages, WakeOnlyWhoSleeps) {
  struct CountingWaker final : Waker {
    int wakes = 0;
    void wake() override { ++wakes; }
  } waker;
  ManualWorld world;
  Outside outside;
  struct StoppedClock final : Clock {
    Instant monotonic() override { return Instant(Duration(1)); }
    WallTime wall() override { return WallTime(Duration(1)); }
  } clock;
  outside.clock = &clock;
  Shard shard(ShardId(0), outside, waker, 1);
  std::vector<int> seen;
  CountingMessage one(seen, 1);
  CountingMessage two(seen, 2);
  shard.post(one);
  EXPECT_EQ(waker.wakes, 0);
  EXPECT_FALSE(shard.prepare_to_sleep());
  {
    const Shard::Scope scope(shard);
    shard.poll();
  }
  EXPECT_TRUE(shard.prepare_to_sleep());
  shard.post(one);
  shard.post(two);
  EXPECT_EQ(waker.wakes, 1);
}

TEST(Kill, MessagesUnderWayAreAbandoned) {
  ManualWorld world(2);
  std::vector<int> seen;
  CountingMessage queued(seen, 1);
  CountingMessage arrived(seen, 2);
  const Shard::Scope scope(world.shard(0));
  world.shard(0).send(world.shard(1), arrived);
  world.shard(0).flush_messages();
  world.shard(0).send(world.shard(1), queued);
  world.kill();
  EXPECT_TRUE(queued.abandoned);
  EXPECT_TRUE(arrived.abandoned);
  EXPECT_TRUE(seen.empty());
}

TEST(Kill, ACallUnderWayDiesWithItsCallerAtEveryStep) {
  for (int steps = 0; steps < 10; ++steps) {
    ManualWorld world(2);
    bool returned = false;
    world.spawn([&]() -> Task<void> {
      Chain chain(Slice::copy_of("cargo"));
      co_await on(world.shard(1), [travelling = Travelling(std::move(chain))]() mutable -> Task<void> {
        const Chain here = std::move(travelling).arrive();
        co_await yield();
        co_await yield();
      });
      returned = true;
    });
    for (int i = 0; i < steps; ++i) {
      Shard& shard = world.shard(static_cast<std::size_t>(i % 2));
      const Shard::Scope scope(shard);
      shard.poll();
      shard.run_one();
      shard.flush_messages();
    }
    const bool before = returned;
    world.kill();
    EXPECT_EQ(returned, before);
    EXPECT_EQ(world.shard(0).frames().live(), 0);
    EXPECT_EQ(world.shard(1).frames().live(), 0);
  }
}

TEST(Kill, NothingIsSentAfterwards) {
  ManualWorld world(2);
  std::vector<int> seen;
  CountingMessage late(seen, 1);
  world.kill();
  {
    const Shard::Scope scope(world.shard(0));
    world.shard(0).send(world.shard(1), late);
    world.shard(0).flush_messages();
  }
  const Shard::Scope scope(world.shard(1));
  EXPECT_FALSE(world.shard(1).drain_messages());
}

TEST(CrossShard, PriorityTravelsWithTheCall) {
  ManualWorld world(2);
  std::optional<Priority> seen;
  {
    const Shard::Scope scope(world.shard(0));
    world.shard(0).set_priority(Priority::background);
    world.spawn([&]() -> Task<void> {
      seen = co_await on(world.shard(1), []() -> Task<Priority> {
        co_await yield();
        co_return this_shard().priority();
      });
    });
    world.shard(0).set_priority(Priority::foreground);
  }
  world.settle();
  EXPECT_EQ(seen, Priority::background);
}

TEST(CrossShard, CapturesDieWithTheCallersFrame) {
  ManualWorld world(2);
  const auto token = std::make_shared<int>(1);
  world.run([&]() -> Task<void> {
    co_await on(world.shard(1), [token] { EXPECT_EQ(token.use_count(), 3); });
    EXPECT_EQ(token.use_count(), 1);
  });
  EXPECT_EQ(token.use_count(), 1);
}

TEST(Leaks, AnArmedTimerAndAnOpenDoorAreNamed) {
  ManualWorld world;
  struct Alarm final : Timer {
    void on_timer() override {}
  } alarm;
  world.shard().timers().arm(alarm, world.now() + std::chrono::seconds(1));
  world.shard().open_doors().files = 2;
  EXPECT_EQ(world.shard().leaks(), "  2 files open\n  1 timers armed\n");
  world.shard().open_doors().files = 0;
}

TEST(Slices, BackgroundWorkGetsItsShareBesideBusyForegroundWork) {
  ManualWorld world;
  bool stop = false;
  int background = 0;
  Shard& shard = world.shard();
  const Shard::Scope scope(shard);
  shard.root().spawn([&](Cancel) -> Task<void> {
    while (!stop) co_await yield();
  });
  shard.set_priority(Priority::background);
  shard.root().spawn([&](Cancel) -> Task<void> {
    while (!stop) {
      ++background;
      co_await yield();
    }
  });
  shard.set_priority(Priority::foreground);
  world.tick_on_every_look(std::chrono::microseconds(50));
  for (int i = 0; i < 10; ++i) shard.run_slice();
  EXPECT_GE(background, 10);
  stop = true;
  shard.run_slice();
}

}  // namespace
}  // namespace ottla
