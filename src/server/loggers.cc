#include "server/loggers.h"

#include <algorithm>
#include <utility>

namespace ottla::server {
namespace {

constexpr std::pair<std::string_view, LogLevel> kNames[] = {
    {"TRACE", LogLevel::trace}, {"DEBUG", LogLevel::debug}, {"INFO", LogLevel::info},
    {"WARN", LogLevel::warn},   {"ERROR", LogLevel::error}, {"FATAL", LogLevel::error},
};
// The slot that all modules beyond the table's room share: what is declared later gets its level.
constexpr std::string_view kOther = "other";
constexpr LogLevel kInitial = LogLevel::info;

std::string text_of(LogLevel level) {
  const auto found = std::ranges::find(kNames, level, &std::pair<std::string_view, LogLevel>::second);
  return found != std::end(kNames) ? std::string(found->first) : "OFF";
}

}  // namespace

std::vector<LoggerState> all_loggers(const LogLevels& levels) {
  std::vector<LoggerState> all;
  for (const LogLevels::Entry& each : levels.list()) {
    if (each.module == kOther) continue;
    all.push_back({.name = std::string(each.module), .level = text_of(each.level)});
  }
  const Result<LogLevel> root = levels.get(kOther);
  all.push_back({.name = std::string(kRootLogger), .level = text_of(root.ok() ? *root : kInitial)});
  std::ranges::sort(all, {}, &LoggerState::name);
  return all;
}

bool logger_exists(const LogLevels& levels, std::string_view name) {
  return name == kRootLogger || (name != kOther && levels.get(name).ok());
}

std::optional<LogLevel> level_of(std::string_view text) {
  const auto found = std::ranges::find(kNames, text, &std::pair<std::string_view, LogLevel>::first);
  return found != std::end(kNames) ? std::optional(found->second) : std::nullopt;
}

void set_logger(LogLevels& levels, std::string_view name, std::optional<LogLevel> level) {
  if (name == kRootLogger) {
    levels.set_all(level.value_or(kInitial));
    return;
  }
  const Result<LogLevel> root = levels.get(kOther);
  const LogLevel inherited = root.ok() ? *root : kInitial;
  (void)levels.set(name, level.value_or(inherited));
}

}  // namespace ottla::server
