// How much a shard has had to do of late, and whether it has room for more connections. Pure.
//
// Use:         load.look(now) as often as one likes;   if (load.takes_one_more()) …
// Lifetime:    of the shard's own connections; the counter outlives it.
// Invariants:  1. what is said is of at least kWindow, and of no more than that when somebody looks often
//              2. within one window no more than kMostTaken are taken: what they bring shows in the next one
#pragma once

#include <chrono>
#include <cstdint>

#include "base/metric.h"
#include "runtime/clock.h"

namespace ottla::server {

class ShardLoad {
 public:
  static constexpr Duration kWindow = std::chrono::milliseconds(100);
  static constexpr std::uint32_t kMostTaken = 8;
  static constexpr double kLeisure = 0.5;     // of the time
  static constexpr double kUsualSwing = 0.1;  // from one window to the next

  // `slept`: the nanoseconds in which it has had nothing to do so far.
  ShardLoad(Instant now, const Counter& slept) : slept_(slept), since_(now), slept_since_(slept.value()) {}

  void look(Instant now) {
    if (now - since_ < kWindow) return;
    const std::uint64_t slept = slept_.value();
    const std::chrono::duration<double> asleep = Duration(slept - slept_since_);
    const std::chrono::duration<double> passed = now - since_;
    busy_ = 1 - asleep / passed;
    since_ = now;
    slept_since_ = slept;
    taken_ = 0;
  }
  // The part of the time in which it was not asleep.
  double busy() const { return busy_; }
  // Than another one, but for what one window differs from the next.
  bool no_busier_than(double other) const { return busy_ <= other + kUsualSwing; }
  bool takes_one_more() {
    if (busy_ >= kLeisure || taken_ >= kMostTaken) return false;
    ++taken_;
    return true;
  }

 private:
  const Counter& slept_;
  Instant since_;
  std::uint64_t slept_since_;
  double busy_ = 0;          // before the first window is over
  std::uint32_t taken_ = 0;  // in this window
};

}  // namespace ottla::server
