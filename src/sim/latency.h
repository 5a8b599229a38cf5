// How long something takes: a floor, an even spread above it, and now and then a long tail.
//
// Integers only, so that every machine draws the same numbers.
#pragma once

#include <cstdint>

#include "runtime/clock.h"
#include "runtime/random.h"

namespace ottla::sim {

struct Latency {
  Duration base{0};
  Duration spread{0};
  Duration tail{0};
  std::uint32_t tail_per_million = 0;

  Duration draw(Random& random) const {
    Duration result = base;
    if (spread.count() > 0) result += Duration(static_cast<std::int64_t>(below(random, spread)));
    if (tail_per_million > 0 && random.chance(tail_per_million, 1'000'000)) {
      result += Duration(static_cast<std::int64_t>(below(random, tail)));
    }
    return result;
  }

 private:
  static std::uint64_t below(Random& random, Duration bound) {
    return random.below(static_cast<std::uint64_t>(bound.count()) + 1);
  }
};

}  // namespace ottla::sim
