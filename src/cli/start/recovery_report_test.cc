#include "cli/start/recovery_report.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>

#include "replica/log_loading.h"
#include "runtime/clock.h"

namespace ottla::cli {
namespace {

constexpr Instant kStart{std::chrono::seconds(100)};

TEST(RecoveryReport, TellsPercentSpeedAndTime) {
  RecoveryReport report(kStart);
  const replica::LoadingProgress progress{
      .logs_done = 12, .logs = 40, .bytes_done = 3'000'000'000, .bytes = 10'000'000'000};
  EXPECT_EQ(report.line(kStart + std::chrono::seconds(4), progress),
            "opened 12 of 40 logs; recovered 30 % of 10.0 GB, 750 MB/s, 9 s left");
}

TEST(RecoveryReport, IsALineASecond) {
  RecoveryReport report(kStart);
  const replica::LoadingProgress progress{.logs_done = 1, .logs = 2};
  EXPECT_EQ(report.line(kStart + std::chrono::milliseconds(999), progress), std::nullopt);
  EXPECT_EQ(report.line(kStart + std::chrono::milliseconds(1000), progress), "opened 1 of 2 logs");
  EXPECT_EQ(report.line(kStart + std::chrono::milliseconds(1999), progress), std::nullopt);
  EXPECT_EQ(report.line(kStart + std::chrono::milliseconds(2000), progress), "opened 1 of 2 logs");
}

TEST(RecoveryReport, GuessesNoTimeBeforeAnythingWasRead) {
  RecoveryReport report(kStart);
  EXPECT_EQ(report.line(kStart + std::chrono::seconds(1),
                        {.logs_done = 0, .logs = 1, .bytes_done = 0, .bytes = 5'000'000}),
            "opened 0 of 1 logs; recovered 0 % of 5.0 MB, 0 MB/s");
}

}  // namespace
}  // namespace ottla::cli
