// How much of something a second, over sliding windows, as the reference counts it: the same events at the same times
// give the same numbers, and so the same times of throttling.
//
// Lifetime:    a value.
// Concurrency: pure; whoever owns it says what time it is.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ottla::server {

struct RateWindows {
  std::int64_t count = 11;        // quota.window.num
  std::int64_t length_ms = 1000;  // quota.window.size.seconds

  friend bool operator==(const RateWindows&, const RateWindows&) = default;
};

class Rate {
 public:
  explicit Rate(RateWindows windows) : windows_(windows) {}

  void record(double amount, std::int64_t now_ms);
  double per_second(std::int64_t now_ms);
  // For how long nothing may be added until the rate is down to `bound` again; zero when it is within.
  std::int64_t throttle_ms(double bound, std::int64_t now_ms);

 private:
  struct Sample {
    std::int64_t started_ms;
    std::int64_t last_event_ms;
    double value = 0;
  };

  void forget_old(std::int64_t now_ms);
  // From the start of the oldest sample on, and never less than all windows but the last.
  std::int64_t window_ms(std::int64_t now_ms);

  RateWindows windows_;
  std::vector<Sample> samples_;  // one more than windows: the oldest may overlap the time that is looked at
  std::size_t current_ = 0;
};

}  // namespace ottla::server
