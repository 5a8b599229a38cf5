// Whether a shard that has nothing to do looks for a message a little longer before it goes to sleep.
//
// A wake-up costs 15 to 100 us on a virtual machine, an answer of another busy shard comes within a few. So
// who exchanges messages and was answered in time the last time looks again; who was not tries again only now
// and then. A shard that exchanges no messages never looks: an idle process sleeps.
//
// Concurrency: confined to its shard's thread.
#pragma once

#include <cstdint>

#include "runtime/clock.h"

namespace ottla {

class Patience {
 public:
  // Less than what the sleep would cost: a look in vain at most doubles its price.
  static constexpr Duration kLooks = std::chrono::microseconds(15);
  static constexpr std::uint64_t kTriesOneIn = 32;

  // Before a sleep. `taken`: how often messages were taken in so far.
  bool worthwhile(std::uint64_t taken) {
    if (taken == taken_) return false;
    taken_ = taken;
    return rewarded_ || ++sleeps_ % kTriesOneIn == 0;
  }
  // How the look ended.
  void note(bool message_came) { rewarded_ = message_came; }

 private:
  std::uint64_t taken_ = 0;
  std::uint64_t sleeps_ = 0;
  bool rewarded_ = false;
};

}  // namespace ottla
