// What a replica must not forget about elections: the epoch that it has reached, for whom it voted there, or who
// won it.
//
// Invariants: epochs only grow; within one epoch a vote is never taken back, and the leader never changes.
#pragma once

#include <optional>

#include "base/leader_epoch.h"
#include "base/node_id.h"
#include "raft/replica_key.h"

namespace ottla::raft {

struct ElectionState {
  LeaderEpoch epoch = LeaderEpoch(0);
  NodeId leader = kNoNode;          // kNoNode: not known
  std::optional<ReplicaKey> voted;  // in `epoch`

  friend bool operator==(const ElectionState&, const ElectionState&) = default;
};

}  // namespace ottla::raft
