// How long the active controller takes for what it is asked: a line in the log for what took very long, and one for each
// period that sums it up.
//
// Use:         if (speed.is_slow(taken)) …;   if (auto past = speed.count(name, taken, now)) → tell of the period
// Concurrency: pure.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "runtime/clock.h"

namespace ottla::controller {

class EventSpeed {
 public:
  struct Period {
    std::uint64_t events = 0;
    Duration all{};  // their times together
    std::string_view slowest = {};
    Duration longest{};
  };

  // controller.performance.sample.period.ms and controller.performance.always.log.threshold.ms. A period begins with
  // an event, so that nothing is said of those in which nothing happens.
  EventSpeed(Duration period, Duration threshold) : period_(period), threshold_(threshold) {}

  bool is_slow(Duration taken) const { return taken > threshold_; }
  // One more event, whose name is a constant. Gives the period before when this one is the first after it.
  std::optional<Period> count(std::string_view name, Duration taken, Instant now) {
    std::optional<Period> past;
    if (!ends_) ends_ = now + period_;
    if (now >= *ends_) {
      past = current_;
      current_ = {};
      ends_ = now + period_;
    }
    ++current_.events;
    current_.all += taken;
    if (current_.events == 1 || taken > current_.longest) {
      current_.slowest = name;
      current_.longest = taken;
    }
    return past;
  }

 private:
  const Duration period_;
  const Duration threshold_;
  std::optional<Instant> ends_;
  Period current_;
};

}  // namespace ottla::controller
