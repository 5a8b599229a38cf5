#include "server/observation/process_metrics.h"

#include <gtest/gtest.h>

namespace ottla::server {
namespace {

constexpr std::string_view kStat =
    "1234 (a (b) c) S 1 1234 1234 0 -1 4194560 500 0 0 0 250 50 0 0 20 0 7 0 1000 8192000 300 "
    "18446744073709551615 1 1\n";

TEST(ProcessMetrics, AreReadBehindANameWithBrackets) {
  const auto times = parse_process_stat(kStat);
  ASSERT_TRUE(times.has_value());
  EXPECT_DOUBLE_EQ(times->user_seconds, 2.5);
  EXPECT_DOUBLE_EQ(times->system_seconds, 0.5);
  EXPECT_DOUBLE_EQ(times->threads, 7);
  EXPECT_DOUBLE_EQ(times->virtual_bytes, 8192000);
  EXPECT_DOUBLE_EQ(times->resident_bytes, 300 * 4096.0);
}

TEST(ProcessMetrics, AreNoneInAnotherText) {
  EXPECT_FALSE(parse_process_stat(""));
  EXPECT_FALSE(parse_process_stat("1 (a"));
  EXPECT_FALSE(parse_process_stat("1 (a) S 1 2 3"));
  EXPECT_FALSE(parse_process_stat(")   \n \n"));
}

}  // namespace
}  // namespace ottla::server
