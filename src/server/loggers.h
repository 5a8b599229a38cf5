// The parts of the program whose lines can be let through one by one, as the reference's loggers: by the names of
// LogLevels, and `root` for all of them.
//
// Concurrency: as LogLevels.
// Errors:      invalid_argument, in the words of the reference.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/log_level.h"
#include "base/result.h"

namespace ottla::server {

inline constexpr std::string_view kRootLogger = "root";

struct LoggerState {
  std::string name;
  std::string level;  // INFO
};
// By name, `root` among them.
std::vector<LoggerState> all_loggers(const LogLevels& levels);

bool logger_exists(const LogLevels& levels, std::string_view name);
// As the reference writes levels; FATAL is taken for ERROR. Nothing for what is none.
std::optional<LogLevel> level_of(std::string_view text);
inline constexpr std::string_view kLoggerLevels = "DEBUG, ERROR, FATAL, INFO, TRACE, WARN";

// The logger exists. Without a level it gets back the one that it had at first.
void set_logger(LogLevels& levels, std::string_view name, std::optional<LogLevel> level);

}  // namespace ottla::server
