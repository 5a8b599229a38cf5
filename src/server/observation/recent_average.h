// The average of what happened within about the last minute, as the reference averages: over two samples of half a minute,
// of which the older one is forgotten when it has become too old.
//
// Lifetime:    a value.
// Concurrency: pure; whoever owns it says what time it is.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "runtime/clock.h"

namespace ottla::server {

class RecentAverage {
 public:
  static constexpr Duration kSample = std::chrono::seconds(30);
  static constexpr std::size_t kSamples = 2;

  void add(double value, Instant now) {
    Sample* current = &samples_[newest_];
    if (now - current->begun >= kSample) {
      newest_ = (newest_ + 1) % kSamples;
      current = &samples_[newest_];
      *current = {.begun = now};
    }
    current->sum += value;
    ++current->count;
  }
  // Nothing when nothing happened.
  std::optional<double> value(Instant now) const {
    double sum = 0;
    std::uint64_t count = 0;
    for (const Sample& each : samples_) {
      if (now - each.begun >= kSample * kSamples) continue;
      sum += each.sum;
      count += each.count;
    }
    return count > 0 ? std::optional(sum / static_cast<double>(count)) : std::nullopt;
  }

 private:
  struct Sample {
    Instant begun{};
    double sum = 0;
    std::uint64_t count = 0;
  };

  std::array<Sample, kSamples> samples_;
  std::size_t newest_ = 0;
};

}  // namespace ottla::server
