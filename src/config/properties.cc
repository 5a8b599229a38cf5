#include "config/properties.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/text_lines.h"

namespace ottla::config {
namespace {

constexpr std::string_view kBlank = " \t\f";

std::string_view without_blanks(std::string_view line) {
  return line.substr(std::min(line.find_first_not_of(kBlank), line.size()));
}

// An odd number of backslashes at its end: the next line belongs to this one.
bool goes_on(std::string_view line) {
  const std::size_t last = line.find_last_not_of('\\');
  const std::size_t count = line.size() - (last == std::string_view::npos ? 0 : last + 1);
  return count % 2 == 1;
}

// A line that says something, with all lines that belong to it, and where it begins.
struct LogicalLine {
  std::string text;
  std::size_t number;
};

std::optional<LogicalLine> next_logical(LineReader& lines) {
  std::optional<std::string_view> line;
  do {
    line = lines.next();
    if (!line) return std::nullopt;
    line = without_blanks(*line);
  } while (line->empty() || line->front() == '#' || line->front() == '!');
  LogicalLine whole{.text = std::string(*line), .number = lines.number()};
  while (goes_on(whole.text)) {
    whole.text.pop_back();
    const auto more = lines.next();
    if (!more) break;
    whole.text += without_blanks(*more);
  }
  return whole;
}

void append_utf8(std::string& out, std::uint32_t character) {
  if (character < 0x80) {
    out += static_cast<char>(character);
    return;
  }
  const int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
  constexpr std::uint32_t kFirst[] = {0, 0xc0, 0xe0, 0xf0};
  out += static_cast<char>(kFirst[more] | character >> (6 * more));
  for (int each = more - 1; each >= 0; --each)
    out += static_cast<char>(0x80 | (character >> (6 * each) & 0x3f));
}

std::optional<std::uint32_t> hex_unit(std::string_view digits) {
  if (digits.size() != 4) return std::nullopt;
  std::uint32_t unit = 0;
  for (const char each : digits) {
    const std::size_t digit = std::string_view("0123456789abcdef").find(static_cast<char>(each | 0x20));
    if (digit == std::string_view::npos || (each < '0' || (each > '9' && each < 'A'))) return std::nullopt;
    unit = unit << 4 | static_cast<std::uint32_t>(digit);
  }
  return unit;
}

// The character behind "\\u", of which two of 16 bits may be needed; a half alone is Java's '?'. Moves to its last digit.
std::optional<std::uint32_t> escaped_character(std::string_view text, std::size_t& at) {
  const auto first = hex_unit(text.substr(at + 1, 4));
  if (!first) return std::nullopt;
  at += 4;
  if (*first < 0xd800 || *first > 0xdfff) return first;
  const std::string_view rest = text.substr(at + 1);
  const auto second = rest.starts_with("\\u") ? hex_unit(rest.substr(2, 4)) : std::nullopt;
  if (*first > 0xdbff || !second || *second < 0xdc00 || *second > 0xdfff) return '?';
  at += 6;
  return 0x10000 + ((*first - 0xd800) << 10) + (*second - 0xdc00);
}

// Nothing when an escape is wrong.
std::optional<std::string> unescaped(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\' || ++at == text.size()) {
      if (at < text.size()) out += text[at];
      continue;
    }
    switch (text[at]) {
      case 't':
        out += '\t';
        break;
      case 'r':
        out += '\r';
        break;
      case 'n':
        out += '\n';
        break;
      case 'f':
        out += '\f';
        break;
      case 'u': {
        const auto character = escaped_character(text, at);
        if (!character) return std::nullopt;
        append_utf8(out, *character);
        break;
      }
      default:
        out += text[at];
    }
  }
  return out;
}

// Where the key ends: at the first blank, '=' or ':' that no backslash stands before.
std::size_t end_of_key(std::string_view line) {
  for (std::size_t at = 0; at < line.size(); ++at) {
    if (line[at] == '\\') {
      ++at;
    } else if (std::string_view("=: \t\f").find(line[at]) != std::string_view::npos) {
      return at;
    }
  }
  return line.size();
}

std::string escaped(std::string_view text, bool key) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const char each = text[at];
    switch (each) {
      case '\t':
        out += "\\t";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\f':
        out += "\\f";
        break;
      case ' ':
        out += key || at == 0 ? "\\ " : " ";
        break;
      case '=':
      case ':':
      case '#':
      case '!':
      case '\\':
        out += '\\';
        [[fallthrough]];
      default:
        out += each;
    }
  }
  return out;
}

}  // namespace

Result<std::vector<Property>> parse_properties(std::string_view text, std::string_view path) {
  std::vector<Property> properties;
  LineReader lines(text);
  while (const auto line = next_logical(lines)) {
    const std::string_view whole = line->text;
    const std::size_t end = end_of_key(whole);
    std::string_view value = without_blanks(whole.substr(end));
    if (value.starts_with('=') || value.starts_with(':')) value = without_blanks(value.substr(1));
    const auto key = unescaped(whole.substr(0, end));
    const auto meaning = unescaped(value);
    if (!key || !meaning) {
      return Error(Errc::malformed,
                   fmt::format("{} line {} {}: \\u wants four hexadecimal digits. Correct the line.", path,
                               line->number, shown(whole)));
    }
    properties.push_back({.key = *key, .value = *meaning, .line = line->number});
  }
  return properties;
}

std::string encode_properties(const std::vector<Property>& properties, std::int64_t unix_seconds) {
  constexpr std::string_view kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::string_view kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::chrono::sys_seconds time{std::chrono::seconds(unix_seconds)};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  std::string text = fmt::format(
      "#\n#{} {} {:02} {:02}:{:02}:{:02} UTC {}\n", kDays[std::chrono::weekday(day).c_encoding()],
      kMonths[static_cast<unsigned>(date.month()) - 1], static_cast<unsigned>(date.day()),
      clock.hours().count(), clock.minutes().count(), clock.seconds().count(), static_cast<int>(date.year()));
  for (const auto& [key, value, line] : properties) {
    fmt::format_to(std::back_inserter(text), "{}={}\n", escaped(key, true), escaped(value, false));
  }
  return text;
}

}  // namespace ottla::config
