#include "storage/format/checkpoint_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/text_lines.h"

namespace ottla::storage {
namespace {

constexpr std::int32_t kVersion = 0;
constexpr std::string_view kBlank = " \t\v\f";

Error fault(Errc code, const CheckpointAbout& about, std::size_t line, std::string_view text,
            std::string_view what) {
  return Error(code, fmt::format("{} line {} {}: {}. {}", about.path, line, shown(text), what, about.cure));
}

// Words as the reference splits them: blanks at the end of a line do no harm, those at its start come behind an empty
// word. Returns whether there are exactly so many.
bool split(CheckpointLine& line, std::size_t words) {
  std::string_view left = line.text;
  std::size_t count = 0;
  while (count < words) {
    const std::size_t end = std::min(left.find_first_of(kBlank), left.size());
    line.words[count++] = left.substr(0, end);
    const std::size_t next = left.find_first_not_of(kBlank, end);
    left = next == std::string_view::npos ? std::string_view() : left.substr(next);
    if (left.empty()) break;
  }
  return count == words && left.empty();
}

// Names of topics are ASCII, so that a file with other bytes is not what it claims to be.
bool is_ascii(std::string_view text) {
  return std::ranges::none_of(text, [](char each) { return static_cast<unsigned char>(each) >= 0x80; });
}

}  // namespace

Result<std::vector<CheckpointLine>> read_checkpoint(std::string_view text, std::size_t words,
                                                    const CheckpointAbout& about) {
  std::vector<CheckpointLine> lines;
  LineReader reader(text);
  const auto first = reader.next();
  if (!first) return lines;
  const auto version = parse_int32(*first);
  if (!version) return fault(Errc::malformed, about, 1, *first, "the version is not a number");
  if (*version != kVersion) {
    return fault(Errc::unsupported, about, 1, *first, "the only version known is 0");
  }
  const auto second = reader.next();
  if (!second) return lines;
  const auto count = parse_int32(*second);
  if (!count || *count < 0) return fault(Errc::malformed, about, 2, *second, "not a count of entries");
  // Two bytes at least a line: what the file claims does not decide how much is allocated.
  lines.reserve(std::min(static_cast<std::size_t>(*count), text.size() / 2));
  while (const auto each = reader.next()) {
    CheckpointLine line{.number = reader.number(), .text = *each, .words = {}};
    if (!is_ascii(*each) || !split(line, words)) return bad_line(line, about);
    lines.push_back(line);
  }
  if (lines.size() != static_cast<std::size_t>(*count)) {
    return fault(Errc::malformed, about, 2, *second,
                 fmt::format("{} entries follow, not as many as said", lines.size()));
  }
  return lines;
}

Error bad_line(const CheckpointLine& line, const CheckpointAbout& about) {
  return fault(Errc::malformed, about, line.number, line.text, fmt::format("not {}", about.entry));
}

std::string checkpoint_head(std::size_t entries) {
  return fmt::format("{}\n{}\n", kVersion, entries);
}

}  // namespace ottla::storage
