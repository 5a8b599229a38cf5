// What the quorum has to know of the log's contents: places in it, batches, and the control records in them.
//
// Lifetime:    values; the bytes of a batch are claimed by its slice.
// Concurrency: confined to one shard.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/leader_epoch.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "base/slice.h"
#include "raft/voter_set.h"

namespace ottla::raft {

// The end of a log or of a snapshot: the first offset that is not in it, and the epoch of the last one that is.
// Of two logs the one whose end is greater is more up to date: a later epoch wins, then the longer log.
struct LogPosition {
  LeaderEpoch epoch = LeaderEpoch(0);
  Offset offset = Offset(0);

  std::string to_string() const { return offset.to_string() + "@" + epoch.to_string(); }
  friend bool operator==(const LogPosition&, const LogPosition&) = default;
  friend std::strong_ordering operator<=>(const LogPosition&, const LogPosition&) = default;
};

// The snapshot that a directory is formatted with: it holds no part of the log.
inline constexpr LogPosition kBootstrapSnapshot{LeaderEpoch(0), Offset(0)};

struct LeaderChange {
  NodeId leader = kNoNode;
  std::vector<NodeId> voters;
  std::vector<NodeId> granting;  // who voted for it

  friend bool operator==(const LeaderChange&, const LeaderChange&) = default;
};
struct KRaftVersionChange {
  std::int16_t version = kStaticVoters;

  friend bool operator==(const KRaftVersionChange&, const KRaftVersionChange&) = default;
};
struct VotersChange {
  VoterSet voters;

  friend bool operator==(const VotersChange&, const VotersChange&) = default;
};
using ControlRecord = std::variant<LeaderChange, KRaftVersionChange, VotersChange>;

struct ControlEntry {
  Offset offset = Offset(0);
  ControlRecord record;

  friend bool operator==(const ControlEntry&, const ControlEntry&) = default;
};

struct Batch {
  Offset base = Offset(0);
  Offset last = Offset(0);
  LeaderEpoch epoch = LeaderEpoch(0);
  std::vector<ControlEntry> control;  // those that concern the quorum
  Slice bytes;                        // opaque here; empty in a control batch that was not encoded yet

  friend bool operator==(const Batch&, const Batch&) = default;
};

}  // namespace ottla::raft
