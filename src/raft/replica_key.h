// Who a replica of the metadata log is: its node, and the directory that holds its log.
//
// A node that lost its disk comes back under its old number with a new directory: it remembers none of what the
// old one promised, so it is another replica. Voters of a static quorum (kraft.version 0) have no directory.
#pragma once

#include <compare>
#include <string>

#include "base/node_id.h"
#include "base/uuid.h"

namespace ottla::raft {

struct ReplicaKey {
  NodeId id = kNoNode;
  Uuid directory = kZeroUuid;  // zero: not known

  bool has_directory() const { return !directory.is_zero(); }
  // Whether `other` is the replica that this key names: a key without a directory names any of that node.
  bool covers(const ReplicaKey& other) const {
    return id == other.id && (!has_directory() || directory == other.directory);
  }
  std::string to_string() const;

  friend bool operator==(const ReplicaKey&, const ReplicaKey&) = default;
  friend std::strong_ordering operator<=>(const ReplicaKey&, const ReplicaKey&) = default;
};

}  // namespace ottla::raft
