// The disk of one simulated replica: what it holds, and what of that a power cut may take.
//
// Lifetime:    survives the lives of its replica.
// Invariants:  what was synced stays, unless it was truncated after
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "raft/core.h"
#include "runtime/random.h"

namespace ottla::raft {

class QuorumDisk {
 public:
  // Formatted with the bootstrap snapshot, which may name voters.
  explicit QuorumDisk(std::vector<ControlEntry> bootstrap);

  // --- What the driver does
  void save(const ElectionState& state) { election_ = state; }
  void append(const std::vector<Batch>& batches);
  void truncate(Offset end);
  void restart(const LogPosition& snapshot);
  // True when that was the last piece.
  void write_snapshot(const WriteSnapshot& piece, const std::vector<ControlEntry>& control);
  void take_snapshot(const LogPosition& id, std::int64_t size, std::vector<ControlEntry> control);
  void begin_at(const LogPosition& snapshot);
  bool dirty() const { return synced_ < end() || before_truncation_.has_value(); }
  // Counts syncs begun; one covers what was done before its beginning.
  std::uint64_t begin_sync() { return changes_; }
  void end_sync(std::uint64_t begun, Offset end);

  void lose_power(Random& random);
  Recovered recover(bool with_snapshot_control) const;

  // --- What is asked
  const ElectionState& election() const { return election_; }
  Offset end() const { return log_.batches.empty() ? log_.start.offset : log_.batches.back().last + 1; }
  // Null when it is not in the log.
  const Batch* find(Offset offset) const;
  // Whether the record, or a snapshot that covers it, would survive a power cut now.
  bool holds_durably(Offset offset, LeaderEpoch epoch) const;
  Offset synced_end() const { return synced_; }
  // What that snapshot says of the quorum; nothing when it is gone.
  std::vector<ControlEntry> control_in(const LogPosition& id) const {
    const auto snapshot = snapshots_.find(id);
    return snapshot == snapshots_.end() ? std::vector<ControlEntry>() : snapshot->second.control;
  }

 private:
  struct Snapshot {
    std::int64_t size = 0;
    std::vector<ControlEntry> control;
  };
  struct Log {
    LogPosition start;
    std::vector<Batch> batches;
  };
  struct Before {
    Log log;
    Offset synced;
  };

  ElectionState election_;
  Log log_;
  Offset synced_ = Offset(0);
  std::uint64_t changes_ = 0;                // truncations so far
  std::optional<Before> before_truncation_;  // may come back until the next sync
  std::map<LogPosition, Snapshot> snapshots_;
};

}  // namespace ottla::raft
