#include "controller/event_speed.h"

#include <gtest/gtest.h>

#include <chrono>

namespace ottla::controller {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(EventSpeeds, AreSummedUpWhenAPeriodIsOver) {
  const Instant begin{};
  EventSpeed speed(seconds(60), seconds(2));
  EXPECT_FALSE(speed.count("a", milliseconds(3), begin + seconds(1)));
  EXPECT_FALSE(speed.count("b", milliseconds(9), begin + seconds(2)));
  EXPECT_FALSE(speed.count("c", milliseconds(6), begin + seconds(60)));
  const auto past = speed.count("d", milliseconds(1), begin + seconds(61));
  ASSERT_TRUE(past);
  EXPECT_EQ(past->events, 3u);
  EXPECT_EQ(past->all, milliseconds(18));
  EXPECT_EQ(past->slowest, "b");
  EXPECT_EQ(past->longest, milliseconds(9));
  const auto next = speed.count("e", milliseconds(1), begin + seconds(200));
  ASSERT_TRUE(next);
  EXPECT_EQ(next->slowest, "d");
}

TEST(EventSpeeds, HavePeriodsThatBeginWithAnEvent) {
  EventSpeed speed(seconds(1), seconds(2));
  EXPECT_FALSE(speed.count("a", milliseconds(1), Instant{}));
  EXPECT_TRUE(speed.count("b", milliseconds(1), Instant{} + seconds(1)));
  EXPECT_TRUE(speed.count("c", milliseconds(1), Instant{} + seconds(10)));
}

TEST(EventSpeeds, KnowWhatIsSlow) {
  const EventSpeed speed(seconds(1), seconds(2));
  EXPECT_FALSE(speed.is_slow(seconds(2)));
  EXPECT_TRUE(speed.is_slow(seconds(2) + milliseconds(1)));
}

}  // namespace
}  // namespace ottla::controller
