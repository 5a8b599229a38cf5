#include "sim/host_clock.h"

#include <gtest/gtest.h>

namespace ottla::sim {
namespace {

using std::chrono::seconds;

constexpr Instant at(std::int64_t s) {
  return Instant(seconds(s));
}

TEST(HostClock, RunsWithTheWorldAtFirst) {
  const HostClock clock(at(1));
  EXPECT_EQ(clock.monotonic(at(5)), at(5));
  EXPECT_EQ(clock.wall(at(5)) - clock.wall(at(3)), seconds(2));
}

TEST(HostClock, DriftsWithoutGoingBack) {
  HostClock clock(at(0));
  clock.set_drift(500'000, at(10));
  EXPECT_EQ(clock.monotonic(at(10)), at(10));
  EXPECT_EQ(clock.monotonic(at(20)), at(25));
  clock.set_drift(0, at(20));
  EXPECT_EQ(clock.monotonic(at(21)), at(26));
}

TEST(HostClock, TellsWhenADeadlineWillBeReached) {
  HostClock clock(at(0));
  EXPECT_EQ(clock.when(at(7), at(3)), at(7));
  EXPECT_EQ(clock.when(at(2), at(3)), at(3));
  clock.set_drift(999'999, at(0));
  const std::optional<Instant> when = clock.when(at(7), at(0));
  ASSERT_TRUE(when);
  EXPECT_GE(clock.monotonic(*when), at(7));
  EXPECT_LT(clock.monotonic(*when - Duration(1)), at(7));
}

TEST(HostClock, AFrozenClockReachesNoDeadline) {
  HostClock clock(at(0));
  clock.set_drift(-1'000'000, at(4));
  EXPECT_TRUE(clock.frozen());
  EXPECT_EQ(clock.monotonic(at(9)), at(4));
  EXPECT_EQ(clock.when(at(5), at(9)), std::nullopt);
  clock.set_drift(0, at(9));
  EXPECT_EQ(clock.monotonic(at(10)), at(5));
}

TEST(HostClock, JumpsMoveTheWallClockAlone) {
  HostClock clock(at(0));
  const WallTime before = clock.wall(at(3));
  clock.jump_wall(-seconds(100));
  EXPECT_EQ(before - clock.wall(at(3)), seconds(100));
  EXPECT_EQ(clock.monotonic(at(3)), at(3));
}

}  // namespace
}  // namespace ottla::sim
