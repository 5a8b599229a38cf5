#include "storage/format/partition_metadata.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/text_lines.h"
#include "base/uuid.h"

namespace ottla::storage {
namespace {

constexpr std::string_view kBlank = " \t\v\f";

// The second of the two parts of a line, which ": " parts; none of more or fewer. The first may say anything, and a
// last part that is empty does not count.
std::optional<std::string_view> value_of(std::string_view line) {
  std::vector<std::string_view> parts(1);
  for (std::size_t at = 0; at < line.size();) {
    const std::size_t next = std::min(line.find_first_not_of(kBlank, at + 1), line.size());
    if (line[at] == ':' && next > at + 1) {
      parts.emplace_back();
      at = next;
    } else {
      const char* const begin = parts.back().empty() ? line.data() + at : parts.back().data();
      parts.back() = std::string_view(begin, line.data() + at + 1);
      ++at;
    }
  }
  while (!parts.empty() && parts.back().empty()) parts.pop_back();
  if (parts.size() != 2) return std::nullopt;
  return parts[1];
}

Error fault(Errc code, std::string_view path, const LineReader& lines, std::string_view line,
            std::string_view what) {
  return Error(code,
               fmt::format("{} line {} {}: {}. Copy the file from another replica of the partition; without "
                           "it, the directory takes the id of the topic that has its name now.",
                           path, std::max<std::size_t>(lines.number(), 1), shown(line), what));
}

}  // namespace

std::string encode_partition_metadata(const Uuid& topic_id) {
  return fmt::format("version: 0\ntopic_id: {}", topic_id.to_string());
}

Result<Uuid> parse_partition_metadata(std::string_view text, std::string_view path) {
  LineReader lines(text);
  const std::string_view first = lines.next().value_or("");
  const auto version = parse_int32(value_of(first).value_or(""));
  if (!version) return fault(Errc::malformed, path, lines, first, "not \"version: \" and a number");
  if (*version < 0) return fault(Errc::unsupported, path, lines, first, "no version is negative");
  const std::string_view second = lines.next().value_or("");
  const auto id = Uuid::parse(value_of(second).value_or(""));
  if (!id.ok()) return fault(Errc::malformed, path, lines, second, "not \"topic_id: \" and an id");
  if (id->is_zero()) return fault(Errc::malformed, path, lines, second, "no topic has this id");
  return *id;
}

}  // namespace ottla::storage
