#include "cli/start/start_plan.h"

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>

#include "base/log_level.h"
#include "base/result.h"

namespace ottla::cli {

Result<LogWishes> parse_log_levels(std::string_view text) {
  LogWishes wishes;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string_view part = text.substr(at, end - at);
    at = end + 1;
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos) {
      OTTLA_TRY(wishes.level, parse_log_level(part));
    } else {
      OTTLA_TRY(const LogLevel level, parse_log_level(part.substr(equals + 1)));
      wishes.modules.push_back({.name = std::string(part.substr(0, equals)), .level = level});
    }
  }
  return wishes;
}

}  // namespace ottla::cli
