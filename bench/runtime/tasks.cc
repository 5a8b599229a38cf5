#include <memory>
#include <vector>

#include "bench/runtime/rows.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"
#include "runtime/timer_wheel.h"

namespace ottla::bench {
namespace {

constexpr int kTasks = 2'000'000;
constexpr int kBatch = 100;
constexpr int kTimers = 1'000'000;

[[gnu::noinline]] Task<int> answer(int n) {
  co_return n;
}
[[gnu::noinline]] Task<void> nothing() {
  co_return;
}

Task<double> await_tasks(Process&, Cancel) {
  int sum = 0;
  const double start = thread_cpu_ns();
  for (int i = 0; i < kTasks; ++i) sum += co_await answer(1);
  const double spent = thread_cpu_ns() - start;
  OTTLA_INVARIANT(sum == kTasks, "a task lost its value", sum);
  co_return spent / kTasks;
}

Task<double> spawn_tasks(Process&, Cancel) {
  const double start = thread_cpu_ns();
  for (int i = 0; i < kTasks / kBatch; ++i) {
    TaskGroup group;
    for (int j = 0; j < kBatch; ++j) group.spawn(nothing());
    co_await group.wait();
  }
  co_return (thread_cpu_ns() - start) / kTasks;
}

// Mallocs for frames in the steady state: of a thousand batches after a first one.
Task<double> count_mallocs(Process&, Cancel) {
  std::uint64_t before = 0;
  for (int i = 0; i <= 1000; ++i) {
    TaskGroup group;
    for (int j = 0; j < kBatch; ++j) group.spawn(nothing());
    co_await group.wait();
    if (i == 0) before = this_shard().frames().mallocs();
  }
  co_return static_cast<double>(this_shard().frames().mallocs() - before);
}

class SilentTimer final : public Timer {
 public:
  void on_timer() override {}
};

double arm_and_disarm() {
  TimerWheel wheel(Instant(std::chrono::seconds(1)));
  const std::unique_ptr<SilentTimer[]> timers(new SilentTimer[kTimers]);
  Random random(1);
  const double start = thread_cpu_ns();
  for (int i = 0; i < kTimers; ++i) {
    wheel.arm(timers[static_cast<std::size_t>(i)],
              Instant(std::chrono::seconds(1)) + Duration(static_cast<std::int64_t>(random.next() >> 30)));
  }
  for (int i = 0; i < kTimers; ++i) timers[static_cast<std::size_t>(i)].disarm();
  return (thread_cpu_ns() - start) / (2.0 * kTimers);
}

}  // namespace

void task_rows(Report& report, int pairs) {
  report.add(measure(
      "await a task", "ns", pairs, [] { return in_process(1, await_tasks); }, Goal::value_at_most(30)));
  report.add(measure(
      "spawn into a group and await the group", "ns", pairs, [] { return in_process(1, spawn_tasks); },
      Goal::value_at_most(30)));
  report.add(measure(
      "mallocs of 100,000 spawned tasks", "mallocs", 1, [] { return in_process(1, count_mallocs); },
      Goal::value_at_most(0)));
}

void timer_rows(Report& report, int pairs) {
  report.add(
      measure("timer: add or cancel, 1 M of them", "ns", pairs, arm_and_disarm, Goal::value_at_most(100)));
}

}  // namespace ottla::bench
