// Names of snapshots beside the metadata log: twenty digits of the offset behind the last record, ten of its epoch.
//
//     00000000000000001234-0000000007.checkpoint           whole and durable, never changed again
//     00000000000000001234-0000000007….checkpoint.part     being written; of no use after a crash
//     00000000000000001234-0000000007.checkpoint.deleted   waits for its deletion
//
// Errors: not_found for names that are no snapshot's; malformed for those that only look like one.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "raft/log_batch.h"

namespace ottla::quorum {

enum class SnapshotStage : std::uint8_t { whole, part, deleted };

struct SnapshotName {
  raft::LogPosition id;
  SnapshotStage stage = SnapshotStage::whole;

  friend bool operator==(const SnapshotName&, const SnapshotName&) = default;
};

std::string to_string(const SnapshotName& name);
Result<SnapshotName> parse_snapshot_name(std::string_view name);

}  // namespace ottla::quorum
