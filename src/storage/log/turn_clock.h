// The time of day that appends and batches go by: read once a turn of the shard, since reading it costs as much as the rest
// of what a small append asks for.
//
// Lifetime:    outlives the logs.
// Concurrency: confined to its shard.
#pragma once

#include <cstdint>

#include "runtime/clock.h"
#include "runtime/shard.h"

namespace ottla::storage {

class TurnClock {
 public:
  std::int64_t millis() {
    Shard& shard = this_shard();
    if (const Instant turn = shard.now(); !read_ || turn != turn_) {
      turn_ = turn;
      millis_ = to_epoch_millis(shard.wall_now());
      read_ = true;
    }
    return millis_;
  }

 private:
  Instant turn_;
  std::int64_t millis_ = 0;
  bool read_ = false;
};

}  // namespace ottla::storage
