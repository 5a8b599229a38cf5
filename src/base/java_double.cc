#include "base/java_double.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

namespace ottla {

// Java writes 10^-3 up to 10^7 plainly and the rest with an exponent; always a digit on both sides of the point.
std::string java_text(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-3 && size < 1e7);
  std::array<char, 32> digits;
  const char* end = std::to_chars(digits.begin(), digits.end(), value,
                                  plain ? std::chars_format::fixed : std::chars_format::scientific)
                        .ptr;
  const std::string_view shortest(digits.data(), end);
  const std::string_view mantissa = shortest.substr(0, shortest.find('e'));
  std::string text(mantissa);
  if (mantissa.find('.') == std::string_view::npos) text += ".0";
  if (plain) return text;
  std::string_view exponent = shortest.substr(mantissa.size() + 1);
  text += 'E';
  if (exponent.front() == '-') text += '-';
  exponent.remove_prefix(1);  // its sign
  exponent.remove_prefix(std::min(exponent.find_first_not_of('0'), exponent.size() - 1));
  text += exponent;
  return text;
}

}  // namespace ottla
