// Guards the hot loops of the scheduler: tasks, groups, timers, messages.
#include <benchmark/benchmark.h>

#include <memory>
#include <vector>

#include "runtime/cross_shard.h"
#include "runtime/event.h"
#include "runtime/sleep.h"
#include "runtime/testing/manual_world.h"
#include "runtime/timer_wheel.h"

namespace ottla {
namespace {

[[gnu::noinline]] Task<int> answer() {
  co_return 42;
}

void BM_AwaitTask(benchmark::State& state) {
  ManualWorld world;
  world.run([&]() -> Task<void> {
    for (auto _ : state) benchmark::DoNotOptimize(co_await answer());
  });
}
BENCHMARK(BM_AwaitTask);

void BM_SpawnAndWait(benchmark::State& state) {
  ManualWorld world;
  world.run([&]() -> Task<void> {
    for (auto _ : state) {
      TaskGroup group;
      for (int i = 0; i < 100; ++i) group.spawn([](Cancel) -> Task<void> { co_return; });
      co_await group.wait();
    }
  });
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(BM_SpawnAndWait);

void BM_SpawnTaskAndWait(benchmark::State& state) {
  ManualWorld world;
  world.run([&]() -> Task<void> {
    for (auto _ : state) {
      TaskGroup group;
      for (int i = 0; i < 100; ++i) group.spawn([]() -> Task<void> { co_return; }());
      co_await group.wait();
    }
  });
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(BM_SpawnTaskAndWait);

void BM_Yield(benchmark::State& state) {
  ManualWorld world;
  world.run([&]() -> Task<void> {
    for (auto _ : state) co_await yield();
  });
}
BENCHMARK(BM_Yield);

void BM_CrossShardCallSameThread(benchmark::State& state) {
  ManualWorld world(2);
  world.run([&]() -> Task<void> {
    for (auto _ : state) {
      TaskGroup group;
      for (int i = 0; i < 100; ++i) {
        group.spawn([&](Cancel) -> Task<void> { co_await on(world.shard(1), [] {}); });
      }
      co_await group.wait();
    }
  });
  state.SetItemsProcessed(state.iterations() * 100);
}
BENCHMARK(BM_CrossShardCallSameThread);

class SilentTimer final : public Timer {
 public:
  void on_timer() override {}
};

void BM_TimerAddCancel(benchmark::State& state) {
  TimerWheel wheel(Instant(std::chrono::seconds(1)));
  std::vector<std::unique_ptr<SilentTimer>> timers;
  for (int i = 0; i < 1'000'000; ++i) timers.push_back(std::make_unique<SilentTimer>());
  Random random(1);
  for (auto _ : state) {
    for (auto& timer : timers) {
      wheel.arm(*timer,
                Instant(std::chrono::seconds(1)) + Duration(static_cast<std::int64_t>(random.next() >> 30)));
    }
    for (auto& timer : timers) timer->disarm();
  }
  state.SetItemsProcessed(state.iterations() * 1'000'000);
}
BENCHMARK(BM_TimerAddCancel)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace ottla
