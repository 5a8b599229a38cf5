#include "bench/load/schedule.h"

#include <cstdint>

namespace ottla::bench {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;

TEST(Schedule, AsManyAreDueInEachSecondAsTheRateSays) {
  for (const std::uint64_t rate : {1U, 3U, 7U, 1'000U, 20'000U, 999'983U}) {
    const Schedule schedule(100, rate);
    for (const std::uint64_t second : {0U, 1U, 2U, 1'000'000U}) {
      EXPECT_EQ(schedule.due_ns(second * rate), 100 + static_cast<std::int64_t>(second) * kSecond) << rate;
    }
  }
}

TEST(Schedule, NeverGoesBackAndIsEven) {
  const Schedule schedule(0, 7);
  for (std::uint64_t number = 1; number < 1000; ++number) {
    const std::int64_t step = schedule.due_ns(number) - schedule.due_ns(number - 1);
    ASSERT_GE(step, kSecond / 7);
    ASSERT_LE(step, kSecond / 7 + 1);
  }
}

TEST(Schedule, HoldsForHoursOfTheHighestRates) {
  const Schedule schedule(0, 10'000'000);
  const std::uint64_t day = 86'400;
  EXPECT_EQ(schedule.due_ns(day * 10'000'000), static_cast<std::int64_t>(day) * kSecond);
}

}  // namespace
}  // namespace ottla::bench
