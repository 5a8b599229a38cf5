// Keeps work that can wait within so many bytes a second: whoever has moved some waits until they are paid for.
//
// Use:         OTTLA_CO_CHECK(co_await pace.spend(bytes, cancel));
// Lifetime:    outlives those who wait.
// Concurrency: confined to its shard; any number may share it, first come, first served.
// Invariants:  1. over any span of time no more is begun than the rate pays for, and one portion of each who shares it
//              2. a rest is not saved up: who comes after it is held to the rate at once
// Errors:      cancelled; what was moved is owed all the same.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/when.h"

namespace ottla::storage {

class IoPace {
 public:
  static constexpr std::uint64_t kNoLimit = std::numeric_limits<std::uint64_t>::max();

  // A rate of 0 lets nothing pass until it is raised.
  explicit IoPace(std::uint64_t bytes_per_second = kNoLimit) : rate_(bytes_per_second) {}
  IoPace(const IoPace&) = delete;
  IoPace& operator=(const IoPace&) = delete;

  std::uint64_t rate() const { return rate_; }
  // From now on; those who wait already wait by it, too.
  void set_rate(std::uint64_t bytes_per_second) {
    settle(this_shard().exact_now());
    rate_ = bytes_per_second;
    changed_.wake_all();
  }

  // How much to move at once: `most`, or what a slow rate pays for in a short while.
  std::uint64_t portion(std::uint64_t most) const {
    return std::min(most, std::max(rate_ / kPortionsPerSecond, kSmallestPortion));
  }

  // So many bytes were moved: waits until they are paid for.
  Task<Result<void>> spend(std::uint64_t bytes, Cancel cancel) {
    if (cancel.requested()) co_return Errc::cancelled;
    if (rate_ == kNoLimit) co_return Result<void>();
    settle(this_shard().exact_now());
    debt_ += static_cast<double>(bytes);
    spent_ += bytes;
    const std::uint64_t mine = spent_;
    // What others spent meanwhile is paid for after this.
    while (debt_ > static_cast<double>(spent_ - mine)) {
      const Duration wait = time_for(debt_ - static_cast<double>(spent_ - mine));
      const Result<void> waited =
          co_await with_timeout(wait, cancel, [this](Cancel until) { return wait_for_change(until); });
      if (!waited.ok() && !(waited.error() == Errc::timed_out)) co_return waited;
      settle(this_shard().exact_now());
    }
    co_return Result<void>();
  }

 private:
  static constexpr std::uint64_t kPortionsPerSecond = 10;
  static constexpr std::uint64_t kSmallestPortion = 4096;

  Task<Result<void>> wait_for_change(Cancel until) { co_return co_await changed_.wait(until); }
  // What passed since the last time has paid for some.
  void settle(Instant now) {
    const double seconds = std::chrono::duration<double>(now - settled_).count();
    settled_ = now;
    debt_ = rate_ == kNoLimit ? 0.0 : std::max(0.0, debt_ - seconds * static_cast<double>(rate_));
  }
  // Looks again from time to time, since a slow rate asks for longer than a clock can tell.
  Duration time_for(double bytes) const {
    const double seconds = bytes / std::max(static_cast<double>(rate_), 1e-3);
    const auto span = std::chrono::duration<double>(std::min(seconds, 3600.0));
    return std::chrono::duration_cast<Duration>(span) + Duration(1);
  }

  std::uint64_t rate_;
  std::uint64_t spent_ = 0;  // ever
  double debt_ = 0;          // of it, not paid for yet
  Instant settled_{};
  Event changed_;
};

}  // namespace ottla::storage
