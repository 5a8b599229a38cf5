// Keeps the cleaners of a shard within log.cleaner.io.max.bytes.per.second, reading and writing together.
//
// Lifetime:    outlives who waits.
// Concurrency: confined to its shard.
// Invariants:  over any span of time no more passes than the rate allows, and one chunk
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "runtime/task.h"

namespace ottla::storage {

class CleanerThrottle {
 public:
  static constexpr double kNoLimit = std::numeric_limits<double>::infinity();

  explicit CleanerThrottle(double bytes_per_second = kNoLimit) : rate_(bytes_per_second) {}

  void set_rate(double bytes_per_second) { rate_ = bytes_per_second; }

  // So many bytes were moved: waits until that was no more than allowed.
  Task<Result<void>> spend(std::uint64_t bytes, Cancel cancel) {
    if (cancel.requested()) co_return Errc::cancelled;
    // As many bytes as a disk could ever move do not fit into a duration of a slow rate.
    const double seconds = static_cast<double>(bytes) / std::max(rate_, 1.0);
    if (seconds < 1e-9) co_return Result<void>();
    const auto span =
        std::chrono::duration_cast<Duration>(std::chrono::duration<double>(std::min(seconds, 3600.0)));
    paid_until_ = std::max(paid_until_, this_shard().exact_now()) + span;
    co_return co_await sleep_until(paid_until_, cancel);
  }

 private:
  double rate_;
  Instant paid_until_{};  // what was moved has taken until then at the allowed rate
};

}  // namespace ottla::storage
