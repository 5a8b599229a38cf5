// The files of a log directory that keep an offset for each of its partitions.
//
// Errors: malformed and unsupported, with file, line and cure.
// Format: docs/format/offset_checkpoint.md
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/offset.h"
#include "base/result.h"
#include "base/topic_partition.h"

namespace ottla::storage {

enum class OffsetCheckpoint : std::uint8_t { high_watermark, recovery_point, log_start, cleaner };

// The name of its file.
std::string_view file_name(OffsetCheckpoint kind);

struct PartitionOffset {
  TopicPartition partition;
  Offset offset;

  friend bool operator==(const PartitionOffset&, const PartitionOffset&) = default;
};

// In the order given.
std::string encode_offset_checkpoint(std::span<const PartitionOffset> offsets);

// In the order of the file; of a partition that stands there twice the last line counts. `path` is for messages.
Result<std::vector<PartitionOffset>> parse_offset_checkpoint(OffsetCheckpoint kind, std::string_view text,
                                                             std::string_view path);

}  // namespace ottla::storage
