#include "storage/format/leader_epoch_checkpoint.h"

#include <fmt/format.h>

#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/leader_epoch.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/text_lines.h"
#include "storage/format/checkpoint_file.h"

namespace ottla::storage {

std::string encode_leader_epochs(std::span<const EpochEntry> entries) {
  std::string text = checkpoint_head(entries.size());
  for (const EpochEntry& each : entries) {
    fmt::format_to(std::back_inserter(text), "{} {}\n", each.epoch.raw(), each.start.raw());
  }
  return text;
}

Result<std::vector<EpochEntry>> parse_leader_epochs(std::string_view text, std::string_view path) {
  const CheckpointAbout whole{
      .path = path,
      .entry = "leader epoch, first offset",
      .cure =
          "Copy the file from another replica of the partition; without it, epochs are found again from the "
          "records."};
  OTTLA_TRY(const std::vector<CheckpointLine> lines, read_checkpoint(text, 2, whole));
  std::vector<EpochEntry> entries;
  entries.reserve(lines.size());
  for (const CheckpointLine& line : lines) {
    const auto epoch = parse_int32(line.words[0]);
    const auto start = parse_int64(line.words[1]);
    if (!epoch || *epoch < 0 || !start || *start < 0) return bad_line(line, whole);
    entries.push_back({LeaderEpoch(*epoch), Offset(*start)});
  }
  return entries;
}

}  // namespace ottla::storage
