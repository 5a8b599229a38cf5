// When each of many records was meant to be sent, whatever became of those before it.
//
// Latency counted from these times shows what a client would have waited that does not slow down when the server does.
//
// Concurrency: pure.
// Invariants:  due(n) never goes back, and in each second after the start as many are due as the rate says
#pragma once

#include <cstdint>

namespace ottla::bench {

class Schedule {
 public:
  // `per_second` is more than 0.
  Schedule(std::int64_t start_ns, std::uint64_t per_second) : start_ns_(start_ns), per_second_(per_second) {}

  std::int64_t due_ns(std::uint64_t number) const {
    constexpr std::uint64_t kSecond = 1'000'000'000;
    // In two parts: whole numbers of nanoseconds would run over after some hours.
    return start_ns_ + static_cast<std::int64_t>(number / per_second_ * kSecond +
                                                 number % per_second_ * kSecond / per_second_);
  }

 private:
  std::int64_t start_ns_;
  std::uint64_t per_second_;
};

}  // namespace ottla::bench
