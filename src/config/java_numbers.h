// Texts as Java's own methods understand them, where the reference leans on these.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace ottla::config {

// Without control characters and blanks at both ends, as String.trim() takes them away.
std::string_view java_trimmed(std::string_view text);
// The elements between commas, without white space around them; an empty text has none.
std::vector<std::string> java_list(std::string_view text);
// Double.parseDouble(): also NaN, Infinity, a suffix of f or d, and hexadecimal digits with an exponent.
std::optional<double> java_double(std::string_view text);
// Duration.parse() of ISO 8601 such as P2DT3H4.5S, in milliseconds; nothing for what it refuses.
std::optional<std::int64_t> java_duration_ms(std::string_view text);

}  // namespace ottla::config
