#include "runtime/task.h"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/channel.h"
#include "runtime/event.h"
#include "runtime/gate.h"
#include "runtime/semaphore.h"
#include "runtime/sleep.h"
#include "runtime/testing/manual_world.h"
#include "runtime/when.h"

namespace ottla {
namespace {

using std::chrono::milliseconds;

// What happened, in order.
class Diary {
 public:
  void note(std::string text) { lines_ += (lines_.empty() ? "" : " ") + text; }
  const std::string& lines() const { return lines_; }

 private:
  std::string lines_;
};

Task<int> seven() {
  co_return 7;
}
Task<int> sum_to(int n) {
  if (n == 0) co_return 0;
  co_return n + co_await sum_to(n - 1);
}
Task<int> throwing() {
  throw std::runtime_error("planned");
  co_return 0;
}
Task<void> nap(Duration duration, Diary& diary, std::string name) {
  (void)co_await sleep_for(duration);
  diary.note(name);
}

TEST(Task, GivesItsValueToWhoAwaitsIt) {
  ManualWorld world;
  int seen = 0;
  world.run([&]() -> Task<void> { seen = co_await seven(); });
  EXPECT_EQ(seen, 7);
}

TEST(Task, DeepChainsNeedNoStack) {
  ManualWorld world;
  int seen = 0;
  world.run([&]() -> Task<void> {
    for (int i = 0; i < 200'000; ++i) seen += co_await seven();
  });
  EXPECT_EQ(seen, 1'400'000);
  world.run([&]() -> Task<void> { seen = co_await sum_to(1000); });
  EXPECT_EQ(seen, 500'500);
}

TEST(Task, CarriesAnExceptionToTheAwaiter) {
  ManualWorld world;
  std::string seen;
  world.run([&]() -> Task<void> {
    try {
      co_await throwing();
    } catch (const std::runtime_error& error) {
      seen = error.what();
    }
  });
  EXPECT_EQ(seen, "planned");
}

TEST(Task, FramesAreRecycled) {
  ManualWorld world;
  world.run([&]() -> Task<void> { co_await seven(); });
  const auto before = world.shard().frames().mallocs();
  world.run([&]() -> Task<void> {
    for (int i = 0; i < 1000; ++i) co_await seven();
  });
#if !__has_feature(address_sanitizer)
  EXPECT_LE(world.shard().frames().mallocs() - before, 2U);
#else
  EXPECT_GE(world.shard().frames().mallocs() - before, 1000U);
#endif
  EXPECT_EQ(world.shard().frames().live(), 0);
}

TEST(Task, NeverAwaitedIsDestroyedWithItsOwner) {
  ManualWorld world;
  world.run([&]() -> Task<void> {
    {
      Task<int> unused = seven();
    }
    co_return;
  });
  EXPECT_EQ(world.shard().leaks(), "");
}

TEST(TaskGroup, RunsAllAndWaitsForTheLast) {
  ManualWorld world;
  Diary diary;
  world.spawn([&d = diary]() -> Task<void> {
    TaskGroup group;
    group.spawn(nap(milliseconds(20), d, "slow"));
    group.spawn(nap(milliseconds(10), d, "fast"));
    co_await group.wait();
    d.note("all");
  });
  world.settle();
  EXPECT_EQ(diary.lines(), "");
  world.pass(milliseconds(11));
  EXPECT_EQ(diary.lines(), "fast");
  world.pass(milliseconds(11));
  EXPECT_EQ(diary.lines(), "fast slow all");
  EXPECT_EQ(world.shard().leaks(), "");
}

TEST(TaskGroup, StopCancelsThenWaits) {
  ManualWorld world;
  Diary diary;
  world.run([&]() -> Task<void> {
    TaskGroup group;
    group.spawn([&](Cancel cancel) -> Task<void> {
      const auto result = co_await sleep_for(std::chrono::hours(1), cancel);
      diary.note(std::string(name_of(result.error().code())));
    });
    co_await yield();
    co_await group.stop();
    diary.note("stopped");
  });
  EXPECT_EQ(diary.lines(), "cancelled stopped");
}

TEST(TaskGroup, AChildGroupIsCancelledWithItsParent) {
  ManualWorld world;
  Diary diary;
  world.run([&]() -> Task<void> {
    TaskGroup parent;
    parent.spawn([&](Cancel cancel) -> Task<void> {
      TaskGroup child(cancel);
      child.spawn([&](Cancel inner) -> Task<void> {
        (void)co_await sleep_for(std::chrono::hours(1), inner);
        diary.note("inner");
      });
      co_await child.wait();
      diary.note("child");
    });
    co_await yield();
    co_await yield();
    co_await parent.stop();
  });
  EXPECT_EQ(diary.lines(), "inner child");
}

TEST(TaskGroupDeathTest, DyingBeforeItsTasksNamesThem) {
  EXPECT_DEATH(
      {
        ManualWorld world;
        world.run([&]() -> Task<void> {
          TaskGroup group;
          group.spawn(nap(milliseconds(20), *new Diary, "x"));
          co_return;
        });
      },
      "task group died before its tasks.*task_test.cc");
}

TEST(TaskGroupDeathTest, AThrowingTaskIsNamed) {
  EXPECT_DEATH(
      {
        ManualWorld world;
        world.spawn([]() -> Task<void> { co_await throwing(); });
        world.settle();
      },
      "a spawned task threw.*planned");
}

TEST(Leaks, ATaskThatNeverEndsIsReportedWithItsPlace) {
  ManualWorld world;
  Event never;
  world.spawn([&]() -> Task<void> { co_await never.wait(); });
  world.settle();
  EXPECT_NE(world.shard().leaks().find("task spawned at"), std::string::npos);
  {
    const Shard::Scope scope(world.shard());
    never.set();
  }
  world.settle();
  EXPECT_EQ(world.shard().leaks(), "");
}

TEST(Kill, DestroysFramesAtAnySuspensionPointWithoutRunningThem) {
  for (int steps = 0; steps < 12; ++steps) {
    ManualWorld world;
    Diary diary;
    world.spawn([&d = diary]() -> Task<void> {
      Semaphore semaphore(1);
      Gate gate;
      Channel<int> channel(1);
      TaskGroup group;
      for (int i = 0; i < 3; ++i) {
        group.spawn([&](Cancel cancel) -> Task<void> {
          auto pass = gate.enter();
          auto permit = co_await semaphore.acquire(1, cancel);
          (void)co_await channel.send(1, cancel);
          (void)co_await sleep_for(milliseconds(5), cancel);
        });
      }
      (void)co_await channel.receive();
      (void)co_await channel.receive();
      co_await group.stop();
      co_await gate.close();
      d.note("end");
    });
    {
      const Shard::Scope scope(world.shard());
      for (int i = 0; i < steps; ++i) world.shard().run_one();
    }
    const std::string before = diary.lines();
    world.kill();
    EXPECT_EQ(diary.lines(), before);
    EXPECT_EQ(world.shard().frames().live(), 0);
  }
}

TEST(Event, WakesAllInOrderAndStaysSet) {
  ManualWorld world;
  Diary diary;
  Event event;
  const auto waits = [&](std::string name) -> Task<void> {
    co_await event.wait();
    diary.note(name);
  };
  world.spawn([&]() { return waits("a"); });
  world.spawn([&]() { return waits("b"); });
  world.settle();
  EXPECT_EQ(diary.lines(), "");
  {
    const Shard::Scope scope(world.shard());
    event.set();
  }
  world.settle();
  world.run([&]() -> Task<void> { co_await waits("c"); });
  EXPECT_EQ(diary.lines(), "a b c");
}

TEST(Event, ACancelledWaitEndsAloneAndTheOthersStay) {
  ManualWorld world;
  Diary diary;
  Event event;
  world.run([&]() -> Task<void> {
    CancelSource source;
    TaskGroup group;
    group.spawn([&](Cancel) -> Task<void> {
      diary.note((co_await event.wait(source.token())).ok() ? "set" : "cancelled");
    });
    group.spawn([&](Cancel cancel) -> Task<void> {
      diary.note((co_await event.wait(cancel)).ok() ? "set" : "cancelled");
    });
    co_await yield();
    source.request();
    co_await yield();
    event.set();
    co_await group.wait();
    diary.note((co_await event.wait(source.token())).ok() ? "set" : "cancelled");
  });
  EXPECT_EQ(diary.lines(), "cancelled set set");
}

TEST(Cancel, AGrantThatCameFirstWins) {
  ManualWorld world;
  Diary diary;
  world.run([&]() -> Task<void> {
    Event event;
    Semaphore semaphore(1);
    CancelSource source;
    TaskGroup group;
    auto held = (co_await semaphore.acquire(1)).value();
    group.spawn([&](Cancel) -> Task<void> {
      diary.note((co_await event.wait(source.token())).ok() ? "set" : "cancelled");
    });
    group.spawn([&](Cancel) -> Task<void> {
      diary.note((co_await semaphore.acquire(1, source.token())).ok() ? "got" : "cancelled");
    });
    co_await yield();
    event.set();
    held.give_back();
    source.request();
    co_await group.wait();
    EXPECT_EQ(semaphore.available(), 1);
  });
  EXPECT_EQ(diary.lines(), "set got");
}

TEST(Semaphore, ServesInOrderAndAWaiterThatLeavesLetsTheNextFit) {
  ManualWorld world;
  Diary diary;
  world.run([&]() -> Task<void> {
    Semaphore semaphore(3);
    CancelSource impatient;
    TaskGroup group;
    auto held = (co_await semaphore.acquire(2)).value();
    group.spawn([&](Cancel) -> Task<void> {
      diary.note((co_await semaphore.acquire(3, impatient.token())).ok() ? "big" : "gave-up");
    });
    group.spawn([&](Cancel) -> Task<void> {
      auto permit = co_await semaphore.acquire(1);
      diary.note("small");
    });
    co_await yield();
    EXPECT_EQ(diary.lines(), "");
    impatient.request();
    co_await group.wait();
    held.give_back();
    EXPECT_EQ(semaphore.available(), 3);
  });
  EXPECT_EQ(diary.lines(), "gave-up small");
}

TEST(Semaphore, AGrantThatNobodyResumesForComesBack) {
  ManualWorld world;
  Semaphore semaphore(1);
  world.run([&]() -> Task<void> {
    auto held = (co_await semaphore.acquire(1)).value();
    const auto result =
        co_await with_timeout(milliseconds(1), {}, [&](Cancel cancel) -> Task<Result<Semaphore::Permit>> {
          co_return co_await semaphore.acquire(1, cancel);
        });
    EXPECT_EQ(result.error().code(), Errc::timed_out);
  });
  world.pass(milliseconds(2));
  EXPECT_EQ(semaphore.available(), 1);
}

TEST(Channel, BlocksWhenFullAndDrainsAfterClose) {
  ManualWorld world;
  Diary diary;
  world.run([&]() -> Task<void> {
    Channel<int> channel(2);
    TaskGroup group;
    group.spawn([&](Cancel) -> Task<void> {
      for (int i = 0; i < 5; ++i) EXPECT_TRUE((co_await channel.send(i)).ok());
      channel.close();
    });
    for (int i = 0; i < 3; ++i) co_await yield();
    EXPECT_EQ(channel.size(), 2U);
    for (;;) {
      auto item = co_await channel.receive();
      if (!item.ok()) break;
      diary.note(std::to_string(*item));
    }
    EXPECT_EQ((co_await channel.send(9)).error().code(), Errc::closed);
    co_await group.wait();
  });
  EXPECT_EQ(diary.lines(), "0 1 2 3 4");
}

TEST(Gate, CloseWaitsForWhoIsInsideAndRefusesTheRest) {
  ManualWorld world;
  Diary diary;
  world.run([&]() -> Task<void> {
    Gate gate;
    TaskGroup group;
    auto pass = gate.enter();
    group.spawn([&](Cancel) -> Task<void> {
      co_await gate.close();
      diary.note("closed");
    });
    co_await yield();
    EXPECT_EQ(gate.enter().error().code(), Errc::closed);
    diary.note("leaving");
    pass->leave();
    co_await group.wait();
  });
  EXPECT_EQ(diary.lines(), "leaving closed");
}

TEST(When, AllGivesEveryResultInOrder) {
  ManualWorld world;
  world.run([&]() -> Task<void> {
    auto [a, b] = co_await when_all(sum_to(3), sum_to(4));
    EXPECT_EQ(a, 6);
    EXPECT_EQ(b, 10);
    std::vector<Task<int>> tasks;
    for (int i = 0; i < 5; ++i) tasks.push_back(sum_to(i));
    EXPECT_EQ(co_await when_all(std::move(tasks)), (std::vector<int>{0, 1, 3, 6, 10}));
  });
}

TEST(When, AnyCancelsAndAwaitsTheLosers) {
  ManualWorld world;
  Diary diary;
  const auto sleeper = [&](Duration duration) {
    return [&diary, duration](Cancel cancel) -> Task<int> {
      const bool slept = (co_await sleep_for(duration, cancel)).ok();
      diary.note(slept ? "slept" : "cancelled");
      co_return static_cast<int>(slept);
    };
  };
  world.spawn(
      [&d = diary, slow = sleeper(milliseconds(50)), fast = sleeper(milliseconds(5))]() -> Task<void> {
        const auto first = co_await when_any(Cancel(), slow, fast);
        d.note("winner " + std::to_string(first.index));
      });
  world.pass(milliseconds(0));
  world.pass(milliseconds(6));
  EXPECT_EQ(diary.lines(), "slept cancelled winner 1");
}

TEST(When, ADeadlineEndsWhatIsLateAndOnlyThat) {
  ManualWorld world;
  Diary diary;
  world.spawn([&d = diary]() -> Task<void> {
    const auto work = [](Duration needed) {
      return [needed](Cancel cancel) -> Task<Result<int>> {
        OTTLA_CO_CHECK(co_await sleep_for(needed, cancel));
        co_return 1;
      };
    };
    d.note((co_await with_timeout(milliseconds(10), {}, work(milliseconds(5)))).ok() ? "ok" : "late");
    const auto late = co_await with_timeout(milliseconds(10), {}, work(milliseconds(50)));
    d.note(std::string(name_of(late.error().code())));
  });
  for (int i = 0; i < 40; ++i) world.pass(milliseconds(1));
  EXPECT_EQ(diary.lines(), "ok timed_out");
}

TEST(Priority, BackgroundWorkWaitsForForegroundWorkAndInheritsItsRank) {
  ManualWorld world;
  Diary diary;
  {
    const Shard::Scope scope(world.shard());
    world.shard().set_priority(Priority::background);
    world.shard().root().spawn([](Diary& d) -> Task<void> {
      d.note("back1");
      co_await yield();
      d.note("back2");
    }(diary));
    world.shard().set_priority(Priority::foreground);
    world.shard().root().spawn([](Diary& d) -> Task<void> {
      d.note("fore1");
      co_await yield();
      d.note("fore2");
    }(diary));
  }
  world.settle();
  EXPECT_EQ(diary.lines(), "fore1 fore2 back1 back2");
}

}  // namespace
}  // namespace ottla
