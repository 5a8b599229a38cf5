#include "base/text_lines.h"

#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

namespace ottla {
namespace {

template <typename T>
std::optional<T> parse(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) return std::nullopt;
  }
  T value = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::string_view> LineReader::next() {
  if (left_.empty()) return std::nullopt;
  ++number_;
  const std::size_t end = left_.find_first_of("\r\n");
  const std::string_view line = left_.substr(0, end);
  if (end == std::string_view::npos) {
    left_ = {};
  } else {
    const bool both = left_.substr(end).starts_with("\r\n");
    left_.remove_prefix(end + (both ? 2 : 1));
  }
  return line;
}

std::optional<std::int32_t> parse_int32(std::string_view text) {
  return parse<std::int32_t>(text);
}
std::optional<std::int64_t> parse_int64(std::string_view text) {
  return parse<std::int64_t>(text);
}

std::string shown(std::string_view bytes) {
  constexpr std::size_t kLongest = 80;
  std::string text = "\"";
  for (const char each : bytes.substr(0, kLongest)) text += each < ' ' || each > '~' ? '?' : each;
  text += bytes.size() > kLongest ? "\"…" : "\"";
  return text;
}

}  // namespace ottla
