// A host's own idea of time: skewed, drifting, jumping or frozen against the world's.
//
// Concurrency: confined to the world's one thread.
// Invariants:  1. monotonic time never goes back
//              2. a deadline in monotonic time maps to the first world time at which it is reached
#pragma once

#include <cstdint>
#include <optional>

#include "runtime/clock.h"

namespace ottla::sim {

class HostClock {
 public:
  explicit HostClock(Instant world_start) : since_(world_start), base_(world_start) {}

  Instant monotonic(Instant world_now) const { return base_ + elapsed(world_now); }
  WallTime wall(Instant world_now) const;
  // When this clock will show `deadline`; nothing while it is frozen.
  std::optional<Instant> when(Instant deadline, Instant world_now) const;

  // Both clocks run faster or slower by so many parts in a million; -1'000'000 stands still.
  void set_drift(std::int64_t parts_per_million, Instant world_now);
  // The wall clock alone, either way.
  void jump_wall(Duration by) { wall_offset_ += by; }
  bool frozen() const { return rate_ == 0; }

 private:
  static constexpr std::int64_t kMillion = 1'000'000;

  Duration elapsed(Instant world_now) const;

  Instant since_;  // the world's time of the last change of rate
  Instant base_;   // what this clock showed then
  std::int64_t rate_ = kMillion;
  Duration wall_offset_{0};
};

}  // namespace ottla::sim
