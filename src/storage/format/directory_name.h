// The names of partitions' directories in a log directory: `topic-7`, and `topic-7.<id>-delete`, `-future` or `-stray`
// for one that is not, or not yet, or no longer the partition's log.
//
// Errors: malformed, with the name and the cure.
// Format: docs/format/names.md
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/topic_partition.h"
#include "base/uuid.h"

namespace ottla::storage {

enum class DirectoryRole : std::uint8_t {
  log,
  deleted,  // "-delete": waits for its deletion
  future,   // "-future": a copy that will take the log's place once it has caught up
  stray,    // "-stray": of a partition that this node should not have
};

struct DirectoryName {
  TopicPartition partition;  // of one with an id, the topic may have been cut to fit into a name
  DirectoryRole role = DirectoryRole::log;

  friend bool operator==(const DirectoryName&, const DirectoryName&) = default;
};

// `id` makes the name unique for all roles but the log's.
std::string directory_name(const TopicPartition& partition, DirectoryRole role = DirectoryRole::log,
                           const Uuid& id = {});
Result<DirectoryName> parse_directory_name(std::string_view name);

}  // namespace ottla::storage
