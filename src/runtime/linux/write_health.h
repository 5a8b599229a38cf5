// Whether buffered writes to one disk end fast enough to be made on a shard itself.
//
// While healthy, small writes run inline. One long stall, or many short ones, sends all writes to the
// helpers; there they are measured too, and a run of fast ones brings them back. So a sick disk is probed
// without stopping a shard.
//
// Concurrency: any thread. The numbers are relaxed atomics: a lost update only delays a verdict.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>

#include "runtime/clock.h"

namespace ottla {

class WriteHealth {
 public:
  // Of the moving average, so that one stall of eight times this is as bad. Measured: writes that only copy are
  // never late, those that wait for the disk are so by 20 ms and more; this stands well apart from both
  // (docs/decisions/0010-disk-thresholds.md).
  static constexpr Duration kTolerated = std::chrono::milliseconds(1);
  static constexpr std::int64_t kFastRunThatHeals = 16;

  bool healthy() const { return healthy_.load(std::memory_order_relaxed); }

  // A write of `bytes` took `time`. Copying is not the disk's fault: a nanosecond a byte is free.
  void note(Duration time, std::uint64_t bytes) {
    const std::int64_t late =
        std::max<std::int64_t>(0, time.count() - static_cast<std::int64_t>(std::min(bytes, kFreeBytes)));
    const std::int64_t before = average_.load(std::memory_order_relaxed);
    const std::int64_t average = before + (late - before) / 8;
    if (average != before) average_.store(average, std::memory_order_relaxed);
    if (healthy()) {
      if (average > kTolerated.count()) fall_ill();
      return;
    }
    if (late > kTolerated.count() / 2) {
      fast_run_.store(0, std::memory_order_relaxed);
    } else if (fast_run_.fetch_add(1, std::memory_order_relaxed) + 1 >= kFastRunThatHeals) {
      average_.store(0, std::memory_order_relaxed);
      healthy_.store(true, std::memory_order_relaxed);
    }
  }

 private:
  static constexpr std::uint64_t kFreeBytes = 1 << 30;

  void fall_ill() {
    fast_run_.store(0, std::memory_order_relaxed);
    healthy_.store(false, std::memory_order_relaxed);
  }

  std::atomic<bool> healthy_{true};
  std::atomic<std::int64_t> average_{0};   // nanoseconds of lateness, weight 1/8
  std::atomic<std::int64_t> fast_run_{0};  // writes in a row, while ill
};

}  // namespace ottla
