#include "cli/start/recovery_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "replica/log_loading.h"
#include "runtime/clock.h"

namespace ottla::cli {
namespace {

constexpr Duration kBetweenLines = std::chrono::seconds(1);
constexpr double kMegabyte = 1e6;
constexpr double kGigabyte = 1e9;

std::string size_of(std::uint64_t bytes) {
  const auto size = static_cast<double>(bytes);
  return size < kGigabyte ? fmt::format("{:.1f} MB", size / kMegabyte)
                          : fmt::format("{:.1f} GB", size / kGigabyte);
}

}  // namespace

std::optional<std::string> RecoveryReport::line(Instant now, const replica::LoadingProgress& progress) {
  if (now - told_ < kBetweenLines) return std::nullopt;
  told_ = now;
  std::string text = fmt::format("opened {} of {} logs", progress.logs_done, progress.logs);
  if (progress.bytes == 0) return text;
  const double seconds = std::chrono::duration<double>(now - began_).count();
  const double speed = static_cast<double>(progress.bytes_done) / std::max(seconds, 0.001);
  text += fmt::format("; recovered {} % of {}, {:.0f} MB/s", progress.bytes_done * 100 / progress.bytes,
                      size_of(progress.bytes), speed / kMegabyte);
  if (speed > 0) {
    text += fmt::format(", {:.0f} s left", static_cast<double>(progress.bytes - progress.bytes_done) / speed);
  }
  return text;
}

}  // namespace ottla::cli
