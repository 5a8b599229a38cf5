#include "server/quotas/rate.h"

#include <algorithm>
#include <cmath>

namespace ottla::server {

void Rate::record(double amount, std::int64_t now_ms) {
  if (samples_.empty()) samples_.push_back({.started_ms = now_ms, .last_event_ms = now_ms});
  if (now_ms - samples_[current_].started_ms >= windows_.length_ms) {
    current_ = (current_ + 1) % static_cast<std::size_t>(windows_.count + 1);
    const Sample fresh = {.started_ms = now_ms, .last_event_ms = now_ms};
    if (current_ < samples_.size()) {
      samples_[current_] = fresh;
    } else {
      samples_.push_back(fresh);
    }
  }
  samples_[current_].value += amount;
  samples_[current_].last_event_ms = now_ms;
}

double Rate::per_second(std::int64_t now_ms) {
  forget_old(now_ms);
  double sum = 0;
  for (const Sample& sample : samples_) sum += sample.value;
  return sum / (static_cast<double>(window_ms(now_ms)) / 1000.0);
}

std::int64_t Rate::throttle_ms(double bound, std::int64_t now_ms) {
  const double observed = per_second(now_ms);
  if (observed <= bound) return 0;
  const double delay = (observed - bound) / bound * static_cast<double>(window_ms(now_ms));
  constexpr double kMost = 1e15;
  return delay >= kMost ? static_cast<std::int64_t>(kMost) : std::llround(delay);
}

void Rate::forget_old(std::int64_t now_ms) {
  for (Sample& sample : samples_) {
    if (now_ms - sample.last_event_ms >= windows_.count * windows_.length_ms) {
      sample = {.started_ms = now_ms, .last_event_ms = now_ms};
    }
  }
}

std::int64_t Rate::window_ms(std::int64_t now_ms) {
  forget_old(now_ms);
  std::int64_t oldest = now_ms;
  for (const Sample& sample : samples_) oldest = std::min(oldest, sample.started_ms);
  std::int64_t elapsed = now_ms - oldest;
  const std::int64_t full = elapsed / windows_.length_ms;
  if (full < windows_.count - 1) elapsed += (windows_.count - 1 - full) * windows_.length_ms;
  return std::max<std::int64_t>(elapsed, 1);
}

}  // namespace ottla::server
