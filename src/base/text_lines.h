// Lines and numbers of small text files, read as Java reads them: the reference writes the same files.
//
// Use:      LineReader lines(text);  while (auto line = lines.next()) …
// Lifetime: lines point into the text.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ottla {

// A line ends with "\n", "\r", "\r\n" or the text.
class LineReader {
 public:
  explicit LineReader(std::string_view text) : left_(text) {}

  std::optional<std::string_view> next();
  // Of the line that was read last; the first is 1.
  std::size_t number() const { return number_; }

 private:
  std::string_view left_;
  std::size_t number_ = 0;
};

// Decimal digits behind at most one sign; nothing else, and no number that does not fit.
std::optional<std::int32_t> parse_int32(std::string_view text);
std::optional<std::int64_t> parse_int64(std::string_view text);

// Bytes from a file as they may stand in a message: short, in quotes, without control characters.
std::string shown(std::string_view bytes);

}  // namespace ottla
