#include "config/java_numbers.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/text_lines.h"

namespace ottla::config {
namespace {

constexpr std::string_view kSpace = " \t\n\v\f\r";
constexpr std::string_view kDecimal = "0123456789";
constexpr std::string_view kHexadecimal = "0123456789abcdefABCDEF";

std::string_view without_space(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kSpace), text.size()));
  return text.substr(0, text.find_last_not_of(kSpace) + 1);
}

std::size_t skip(std::string_view text, std::size_t at, std::string_view digits) {
  return std::min(text.find_first_not_of(digits, at), text.size());
}

// Where an exponent ends that begins at `at` with one of `letters`; `at` itself when there is none, nothing when it is
// broken.
std::optional<std::size_t> after_exponent(std::string_view text, std::size_t at, std::string_view letters) {
  if (at == text.size() || letters.find(text[at]) == std::string_view::npos) return at;
  ++at;
  if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
  const std::size_t end = skip(text, at, kDecimal);
  if (end == at) return std::nullopt;
  return end;
}

// Whether this, without its sign, is a number as Java writes it in source code.
bool is_literal(std::string_view text) {
  const bool hexadecimal = text.starts_with("0x") || text.starts_with("0X");
  if (hexadecimal) text.remove_prefix(2);
  const std::string_view digits = hexadecimal ? kHexadecimal : kDecimal;
  const std::size_t whole = skip(text, 0, digits);
  std::size_t at = whole;
  std::size_t fraction = 0;
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = skip(text, at + 1, digits);
    fraction = end - at - 1;
    at = end;
  }
  if (whole + fraction == 0) return false;
  const auto end = after_exponent(text, at, hexadecimal ? "pP" : "eE");
  if (!end || (hexadecimal && *end == at)) return false;
  const std::string_view rest = text.substr(*end);
  return rest.empty() ||
         (rest.size() == 1 && std::string_view("fFdD").find(rest.front()) != std::string_view::npos);
}

bool take(std::string_view& text, char upper) {
  if (text.empty() || (text.front() & ~0x20) != upper) return false;
  text.remove_prefix(1);
  return true;
}

// One part of a duration: a number with its sign, and perhaps a fraction of it, before the letter of a unit.
struct DurationPart {
  std::int64_t whole;
  std::int64_t milliseconds;  // of the fraction
};

std::optional<DurationPart> take_part(std::string_view& text, char unit, bool with_fraction) {
  std::size_t at = !text.empty() && (text.front() == '+' || text.front() == '-') ? 1 : 0;
  const std::size_t end = skip(text, at, kDecimal);
  if (end == at) return std::nullopt;
  const auto whole = parse_int64(text.substr(0, end));
  if (!whole) return std::nullopt;
  std::string_view rest = text.substr(end);
  std::int64_t fraction = 0;
  if (with_fraction && (rest.starts_with('.') || rest.starts_with(','))) {
    const std::size_t digits = skip(rest, 1, kDecimal) - 1;
    if (digits > 9) return std::nullopt;
    std::string shown(rest.substr(1, std::min<std::size_t>(digits, 3)));
    shown.resize(3, '0');
    fraction = parse_int64(shown).value_or(0);
    rest.remove_prefix(1 + digits);
  }
  if (!take(rest, unit)) return std::nullopt;
  const bool negative = text.starts_with('-');
  text = rest;
  return DurationPart{.whole = *whole, .milliseconds = negative ? -fraction : fraction};
}

// Java counts seconds in 64 bits, and what is below a second apart from them.
struct DurationSum {
  std::int64_t seconds = 0;
  std::int64_t milliseconds = 0;
};

// Adds `part` of a unit; false when it does not fit.
bool add(DurationSum& sum, const DurationPart& part, std::int64_t unit_seconds) {
  std::int64_t product = 0;
  sum.milliseconds += part.milliseconds;
  return !__builtin_mul_overflow(part.whole, unit_seconds, &product) &&
         !__builtin_add_overflow(sum.seconds, product, &sum.seconds);
}

// What is out of range is as far as the range goes.
std::int64_t in_milliseconds(const DurationSum& sum) {
  std::int64_t all = 0;
  if (__builtin_mul_overflow(sum.seconds, std::int64_t{1000}, &all) ||
      __builtin_add_overflow(all, sum.milliseconds, &all)) {
    return sum.seconds < 0 ? -std::numeric_limits<std::int64_t>::max()
                           : std::numeric_limits<std::int64_t>::max();
  }
  return all;
}

struct DurationUnit {
  char letter;
  std::int64_t seconds;
};

// Takes those of the units that come, in their order; false when one does not fit.
bool take_parts(std::string_view& text, DurationSum& sum, bool& any,
                std::initializer_list<DurationUnit> units) {
  for (const DurationUnit& unit : units) {
    const auto part = take_part(text, unit.letter, unit.letter == 'S');
    if (!part) continue;
    any = true;
    if (!add(sum, *part, unit.seconds)) return false;
  }
  return true;
}

}  // namespace

std::string_view java_trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

std::vector<std::string> java_list(std::string_view text) {
  text = java_trimmed(text);
  std::vector<std::string> elements;
  if (text.empty()) return elements;
  for (std::size_t comma = 0; comma != std::string_view::npos;) {
    comma = text.find(',');
    std::string_view element = text.substr(0, comma);
    // White space belongs to a comma beside it; what is left at the ends of the text was trimmed before.
    if (!elements.empty()) element.remove_prefix(std::min(element.find_first_not_of(kSpace), element.size()));
    if (comma != std::string_view::npos) {
      element = element.substr(0, element.find_last_not_of(kSpace) + 1);
      text.remove_prefix(comma + 1);
    }
    elements.emplace_back(element);
  }
  return elements;
}

std::optional<double> java_double(std::string_view text) {
  text = without_space(java_trimmed(text));
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  if (text == "Infinity") return negative ? -kInfinity : kInfinity;
  if (!is_literal(text)) return std::nullopt;
  const double size = std::strtod(std::string(text).c_str(), nullptr);
  return negative ? -size : size;
}

std::optional<std::int64_t> java_duration_ms(std::string_view text) {
  const bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (!take(text, 'P')) return std::nullopt;
  DurationSum sum;
  bool any = false;
  if (!take_parts(text, sum, any, {{'D', 86400}})) return std::nullopt;
  if (take(text, 'T')) {
    any = false;
    if (!take_parts(text, sum, any, {{'H', 3600}, {'M', 60}, {'S', 1}})) return std::nullopt;
  }
  if (!any || !text.empty()) return std::nullopt;
  const std::int64_t ms = in_milliseconds(sum);
  return negative ? -ms : ms;
}

}  // namespace ottla::config
