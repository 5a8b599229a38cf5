// Tokens that come back at a steady rate, up to what all windows together bring. Mutations of the cluster are paid with
// them; a bucket may go below zero, and what is missing says how long to wait.
//
// Concurrency: pure.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>

#include "server/quotas/rate.h"

namespace ottla::server {

class TokenBucket {
 public:
  explicit TokenBucket(RateWindows windows) : windows_(windows) {}

  // `bound`: tokens a second.
  double tokens(double bound, std::int64_t now_ms) {
    refill(bound, now_ms);
    return tokens_;
  }
  void take(double count, double bound, std::int64_t now_ms) {
    refill(bound, now_ms);
    tokens_ = std::min(burst(bound), tokens_ - count);
  }
  // Until there are no fewer than none.
  std::int64_t throttle_ms(double bound, std::int64_t now_ms) {
    const double now = tokens(bound, now_ms);
    return now >= 0 ? 0 : std::llround(-now / bound * 1000.0);
  }

 private:
  double burst(double bound) const {
    return static_cast<double>(windows_.count) * (static_cast<double>(windows_.length_ms) / 1000.0) * bound;
  }
  void refill(double bound, std::int64_t now_ms) {
    const double elapsed = static_cast<double>(now_ms - last_ms_) / 1000.0;
    tokens_ = std::min(burst(bound), tokens_ + bound * elapsed);
    last_ms_ = now_ms;
  }

  RateWindows windows_;
  double tokens_ = std::numeric_limits<double>::infinity();  // a new bucket is full, whatever fits into it
  std::int64_t last_ms_ = 0;
};

}  // namespace ottla::server
