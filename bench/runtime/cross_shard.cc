#include <sys/eventfd.h>
#include <unistd.h>

#include <cstdint>
#include <thread>

#include "bench/runtime/rows.h"
#include "runtime/cross_shard.h"
#include "runtime/sleep.h"
#include "runtime/task_group.h"

namespace ottla::bench {
namespace {

constexpr int kCallers = 64;
constexpr int kCallsEach = 20'000;
constexpr int kPingPongs = 20'000;

// Wall time a call while both shards are busy: callers on each side call the other side.
Task<void> call_often(Shard& target) {
  for (int i = 0; i < kCallsEach; ++i) co_await on(target, [] {});
}

Task<void> call_from_many(Shard& target) {
  TaskGroup group;
  for (int i = 0; i < kCallers; ++i) group.spawn(call_often(target));
  co_await group.wait();
}

Task<double> busy_calls(Process& process, Cancel) {
  Shard& mine = process.shard(ShardId(0));
  Shard& other = process.shard(ShardId(1));
  const double start = now_ns();
  TaskGroup group;
  group.spawn(call_from_many(other));
  group.spawn([&](Cancel) -> Task<void> {
    co_await on(other, [&mine]() -> Task<void> { co_await call_from_many(mine); });
  });
  co_await group.wait();
  co_return (now_ns() - start) / (2.0 * kCallers * kCallsEach);
}

Task<double> idle_calls(Process& process, Cancel) {
  Shard& other = process.shard(ShardId(1));
  const double start = now_ns();
  for (int i = 0; i < kPingPongs; ++i) co_await on(other, [] {});
  co_return (now_ns() - start) / kPingPongs;
}

double bare_ping_pong() {
  const int there = ::eventfd(0, EFD_CLOEXEC);
  const int back = ::eventfd(0, EFD_CLOEXEC);
  std::uint64_t word = 0;
  std::thread other([&] {
    std::uint64_t count = 0;
    const std::uint64_t one = 1;
    for (int i = 0; i < kPingPongs; ++i) {
      (void)!::read(there, &count, sizeof count);
      (void)!::write(back, &one, sizeof one);
    }
  });
  const std::uint64_t one = 1;
  const double start = now_ns();
  for (int i = 0; i < kPingPongs; ++i) {
    (void)!::write(there, &one, sizeof one);
    (void)!::read(back, &word, sizeof word);
  }
  const double spent = now_ns() - start;
  other.join();
  ::close(there);
  ::close(back);
  return spent / kPingPongs;
}

}  // namespace

void cross_shard_rows(Report& report, int pairs) {
  report.add(measure(
      "call to a busy shard, 64 callers a side", "ns", pairs, [] { return in_process(2, busy_calls); },
      Goal::value_at_most(300)));
  report.add(measure_pairs(
      "call to an idle shard / eventfd ping-pong", "ns", pairs, [] { return in_process(2, idle_calls); },
      bare_ping_pong, Goal::ratio_at_most(2)));
}

}  // namespace ottla::bench
