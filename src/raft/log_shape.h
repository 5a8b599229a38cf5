// The outline of a replica's log: where it begins and ends, which epoch wrote which part, which snapshots stand
// beside it. What the rules of replication need, without a byte of the records.
//
// Use:         the core keeps one and changes it in the moment of each decision; the log on disk follows.
// Lifetime:    a value.
// Concurrency: pure.
// Invariants:  1. start <= end  2. epochs and their starts grow  3. snapshots are sorted by their ids
//              4. a log that does not begin at 0 begins where a snapshot ends
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "raft/log_batch.h"

namespace ottla::raft {

struct EpochStart {
  LeaderEpoch epoch = LeaderEpoch(0);
  Offset start = Offset(0);

  friend bool operator==(const EpochStart&, const EpochStart&) = default;
};

struct SnapshotFile {
  LogPosition id;
  std::int64_t size = 0;

  friend bool operator==(const SnapshotFile&, const SnapshotFile&) = default;
};

class LogShape {
 public:
  struct Parts {
    LogPosition start;  // zero, or the end of the snapshot that the log goes on from
    Offset end = Offset(0);
    std::vector<EpochStart> epochs;  // of records that are in the log
    std::vector<SnapshotFile> snapshots;
  };
  LogShape() : LogShape(Parts()) {}
  explicit LogShape(Parts parts);

  Offset start() const { return start_.offset; }
  Offset end() const { return end_; }
  // Of the last record, in the log or in the snapshot before it; 0 when there is none.
  LeaderEpoch last_epoch() const;
  LogPosition end_position() const { return {last_epoch(), end_}; }
  // Of the record at `offset`, which is in the log.
  LeaderEpoch epoch_at(Offset offset) const;

  std::optional<LogPosition> earliest_snapshot() const;
  std::optional<LogPosition> latest_snapshot() const;
  // Null when there is none.
  const SnapshotFile* find_snapshot(const LogPosition& id) const;

  // The greatest epoch here that is not above `epoch`, and where its part ends.
  LogPosition end_for(LeaderEpoch epoch) const;

  enum class Verdict : std::uint8_t { valid, diverging, snapshot };
  struct Answer {
    Verdict verdict = Verdict::valid;
    LogPosition at;  // how far the two may agree, or the snapshot to load
  };
  // What a leader with this log answers a follower whose log ends there.
  Answer compare_with(const LogPosition& follower) const;
  // Where a follower with this log has to cut when its leader says that the two may agree as far as `leader`.
  Offset divergence_from(const LogPosition& leader) const;

  void append(LeaderEpoch epoch, Offset new_end);
  void truncate_to(Offset end);
  // The log is thrown away; it goes on behind a snapshot that is here.
  void restart_at(const LogPosition& snapshot);
  void add_snapshot(const SnapshotFile& snapshot);
  // Records below the snapshot's end, and older snapshots, are dropped.
  void begin_at(const LogPosition& snapshot);

 private:
  LogPosition start_;
  Offset end_;
  std::vector<EpochStart> epochs_;
  std::vector<SnapshotFile> snapshots_;
};

}  // namespace ottla::raft
