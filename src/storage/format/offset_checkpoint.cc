#include "storage/format/offset_checkpoint.h"

#include <fmt/format.h>

#include <cstddef>
#include <iterator>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/offset.h"
#include "base/partition_id.h"
#include "base/result.h"
#include "base/text_lines.h"
#include "storage/format/checkpoint_file.h"

namespace ottla::storage {
namespace {

struct Kind {
  std::string_view name;
  std::string_view cure;
};

constexpr Kind kKinds[] = {
    {"replication-offset-checkpoint",
     "Without this file, replicas begin with the high watermark at the start of their logs."},
    {"recovery-point-offset-checkpoint",
     "Without this file, logs are recovered from their start, which takes time."},
    {"log-start-offset-checkpoint",
     "Without this file, records that were deleted by request may show again up to their segment's end."},
    {"cleaner-offset-checkpoint", "Without this file, compacted logs are cleaned from their start."},
};

const Kind& about(OffsetCheckpoint kind) {
  return kKinds[static_cast<std::size_t>(kind)];
}

}  // namespace

std::string_view file_name(OffsetCheckpoint kind) {
  return about(kind).name;
}

std::string encode_offset_checkpoint(std::span<const PartitionOffset> offsets) {
  std::string text = checkpoint_head(offsets.size());
  for (const PartitionOffset& each : offsets) {
    fmt::format_to(std::back_inserter(text), "{} {} {}\n", each.partition.topic,
                   each.partition.partition.raw(), each.offset.raw());
  }
  return text;
}

Result<std::vector<PartitionOffset>> parse_offset_checkpoint(OffsetCheckpoint kind, std::string_view text,
                                                             std::string_view path) {
  const CheckpointAbout whole{.path = path, .entry = "topic, partition, offset", .cure = about(kind).cure};
  OTTLA_TRY(const std::vector<CheckpointLine> lines, read_checkpoint(text, 3, whole));
  std::vector<PartitionOffset> offsets;
  offsets.reserve(lines.size());
  for (const CheckpointLine& line : lines) {
    const auto partition = parse_int32(line.words[1]);
    const auto offset = parse_int64(line.words[2]);
    if (!partition || !offset) return bad_line(line, whole);
    offsets.push_back({{std::string(line.words[0]), PartitionId(*partition)}, Offset(*offset)});
  }
  return offsets;
}

}  // namespace ottla::storage
