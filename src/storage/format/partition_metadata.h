// The file `partition.metadata` of a partition's directory: to which topic the directory belongs, whatever the
// topic of that name is today.
//
// Errors: malformed and unsupported, with file, line and cure.
// Format: docs/format/partition_metadata.md
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "base/uuid.h"

namespace ottla::storage {

inline constexpr std::string_view kPartitionMetadata = "partition.metadata";

std::string encode_partition_metadata(const Uuid& topic_id);

// The topic's id, which is never zero. Later versions keep it where version 0 has it. `path` is for messages.
Result<Uuid> parse_partition_metadata(std::string_view text, std::string_view path);

}  // namespace ottla::storage
