#include "cli/storage/feature_argument.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/result.h"
#include "base/text_lines.h"
#include "metadata/bootstrap.h"

namespace ottla::cli {
namespace {

Error failure(std::string_view argument, std::string_view what) {
  return {Errc::invalid_argument, fmt::format("Can't parse feature=level string {}: {}", argument, what)};
}

}  // namespace

std::optional<std::int16_t> feature_level_of(std::string_view text) {
  using Limits = std::numeric_limits<std::int16_t>;
  const auto number = parse_int32(text);
  if (!number || *number < Limits::min() || *number > Limits::max()) return std::nullopt;
  return static_cast<std::int16_t>(*number);
}

Result<metadata::FeatureLevels> parse_features(std::span<const std::string_view> arguments) {
  metadata::FeatureLevels levels;
  for (const std::string_view argument : arguments) {
    const std::size_t equals = argument.find('=');
    if (equals == std::string_view::npos) return failure(argument, "equals sign not found.");
    const std::string_view text = argument.substr(equals + 1);
    const auto level = feature_level_of(text);
    if (!level) return failure(argument, fmt::format("unable to parse {} as a short.", text));
    levels.insert_or_assign(std::string(argument.substr(0, equals)), *level);
  }
  return levels;
}

}  // namespace ottla::cli
