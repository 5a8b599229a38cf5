// The argument of --feature: name=level.
//
// Errors: invalid_argument, in the reference's words.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "metadata/bootstrap.h"

namespace ottla::cli {

// A number of Java's type Short.
std::optional<std::int16_t> feature_level_of(std::string_view text);

// Of several for one feature the last one counts.
Result<metadata::FeatureLevels> parse_features(std::span<const std::string_view> arguments);

}  // namespace ottla::cli
