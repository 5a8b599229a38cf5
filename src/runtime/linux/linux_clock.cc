#include "runtime/linux/linux_clock.h"

#include <time.h>

namespace ottla {
namespace {

Duration read_clock(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

}  // namespace

Instant LinuxClock::monotonic() {
  return Instant(read_clock(CLOCK_MONOTONIC));
}
WallTime LinuxClock::wall() {
  return WallTime(read_clock(CLOCK_REALTIME));
}

}  // namespace ottla
