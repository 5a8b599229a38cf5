#include "base/json_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/log_escape.h"

namespace ottla {

void JsonText::null() {
  separate();
  out_ += "null";
}

void JsonText::boolean(bool value) {
  separate();
  out_ += value ? "true" : "false";
}

void JsonText::integer(std::int64_t value) {
  separate();
  std::array<char, 24> digits;
  out_.append(digits.data(), std::to_chars(digits.begin(), digits.end(), value).ptr);
}

// Java writes 10^-3 up to 10^7 plainly and the rest with an exponent; always a digit on both sides of the point.
void JsonText::real(double value) {
  if (std::isnan(value)) return text("NaN");
  if (std::isinf(value)) return text(value > 0 ? "Infinity" : "-Infinity");
  separate();
  const double size = std::abs(value);
  const bool plain = size == 0 || (size >= 1e-3 && size < 1e7);
  std::array<char, 32> digits;
  const char* end = std::to_chars(digits.begin(), digits.end(), value,
                                  plain ? std::chars_format::fixed : std::chars_format::scientific)
                        .ptr;
  const std::string_view shortest(digits.data(), end);
  const std::string_view mantissa = shortest.substr(0, shortest.find('e'));
  out_ += mantissa;
  if (mantissa.find('.') == std::string_view::npos) out_ += ".0";
  if (plain) return;
  std::string_view exponent = shortest.substr(mantissa.size() + 1);
  out_ += 'E';
  if (exponent.front() == '-') out_ += '-';
  exponent.remove_prefix(1);  // its sign
  exponent.remove_prefix(std::min(exponent.find_first_not_of('0'), exponent.size() - 1));
  out_ += exponent;
}

void JsonText::text(std::string_view value) {
  separate();
  out_ += '"';
  append_escaped_json(out_, value);
  out_ += '"';
}

void JsonText::key(std::string_view name) {
  if (!first_) out_ += ',';
  new_line();
  out_ += '"';
  append_escaped_json(out_, name);
  out_ += pretty_ ? "\" : " : "\":";
  first_ = false;
  after_key_ = true;
}

void JsonText::begin(char bracket) {
  separate();
  out_ += bracket;
  first_ = true;
  ++open_;
  if (bracket == '{') ++objects_;
}

void JsonText::end(char bracket) {
  if (bracket == '}') --objects_;
  if (bracket == '}' && !first_) {
    new_line();
  } else if (pretty_) {
    out_ += ' ';
  }
  out_ += bracket;
  first_ = false;
  --open_;
}

void JsonText::new_line() {
  if (!pretty_) return;
  out_ += '\n';
  out_.append(std::size_t{2} * objects_, ' ');
}

void JsonText::separate() {
  if (after_key_ || open_ == 0) {
    after_key_ = false;
    return;
  }
  if (!first_) out_ += ',';
  if (pretty_) out_ += ' ';
  first_ = false;
}

}  // namespace ottla
