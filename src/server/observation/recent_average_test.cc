#include "server/observation/recent_average.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>
#include <optional>

namespace ottla::server {
namespace {

Instant at(std::int64_t seconds) {
  return Instant(std::chrono::seconds(seconds));
}

TEST(RecentAverage, IsOfNothingAtFirst) {
  EXPECT_EQ(RecentAverage().value(at(1000)), std::nullopt);
}

TEST(RecentAverage, ForgetsSampleBySample) {
  RecentAverage average;
  average.add(10, at(1000));
  average.add(20, at(1010));
  EXPECT_EQ(average.value(at(1020)), 15);
  average.add(60, at(1031));
  EXPECT_EQ(average.value(at(1059)), 30);
  EXPECT_EQ(average.value(at(1060)), 60);
  EXPECT_EQ(average.value(at(1091)), std::nullopt);
}

}  // namespace
}  // namespace ottla::server
