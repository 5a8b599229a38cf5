#include "base/json_text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <string_view>

#include "base/java_double.h"
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

void JsonText::real(double value) {
  if (!std::isfinite(value)) return text(java_text(value));
  separate();
  out_ += java_text(value);
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
