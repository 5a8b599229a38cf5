// Time as this house sees it: a monotonic Instant for waiting, a WallTime for telling people and records.
//
// Neither type can read a clock: now comes from the shard (Shard::now, Shard::wall_now), so that a simulated
// world can decide it.
#pragma once

#include <chrono>
#include <cstdint>

namespace ottla {

using Duration = std::chrono::nanoseconds;

struct MonotonicTimeline {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  static constexpr bool is_steady = true;
};
using Instant = std::chrono::time_point<MonotonicTimeline, Duration>;

struct WallTimeline {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  static constexpr bool is_steady = false;
};
// Nanoseconds since 1970-01-01T00:00:00Z; may jump both ways.
using WallTime = std::chrono::time_point<WallTimeline, Duration>;

inline std::int64_t to_epoch_millis(WallTime time) {
  return std::chrono::floor<std::chrono::milliseconds>(time.time_since_epoch()).count();
}

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant monotonic() = 0;
  virtual WallTime wall() = 0;
};

}  // namespace ottla
