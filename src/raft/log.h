// What the driver asks of the replica's disk: the log, the snapshots beside it, and the file that keeps elections.
//
// Lifetime:    outlives the RaftNode that uses it.
// Concurrency: confined to one shard. Changes come one at a time; reads and one sync() run beside them.
// Errors:      after any failed change nobody knows what the disk holds: the RaftNode's life ends with it.
#pragma once

#include <cstdint>
#include <vector>

#include "base/result.h"
#include "raft/decision.h"
#include "runtime/task.h"

namespace ottla::raft {

class Log {
 public:
  Log() = default;
  Log(const Log&) = delete;
  Log& operator=(const Log&) = delete;
  virtual ~Log() = default;

  // Durable when it has ended.
  virtual Task<Result<void>> save_election(SaveElection save) = 0;
  // At the end, where they belong: readable when it has ended.
  virtual Task<Result<void>> append(std::vector<Batch> batches) = 0;
  // What had been appended or cut before the call is durable afterwards.
  virtual Task<Result<void>> sync() = 0;
  virtual Task<Result<void>> truncate_to(Offset end) = 0;
  // Throws all records away; the log goes on behind the snapshot. Durable when it has ended.
  virtual Task<Result<void>> restart_at(LogPosition snapshot) = 0;
  // Whole batches from that offset on, which begins one: up to so many bytes, but at least one batch.
  virtual Task<Result<std::vector<Batch>>> read(Offset from, std::int32_t max_bytes) = 0;

  // not_found when it was dropped since.
  virtual Task<Result<Slice>> read_snapshot(LogPosition id, std::int64_t position,
                                            std::int32_t max_bytes) = 0;
  // A piece of a snapshot that is being loaded; one at 0 begins it anew.
  virtual Task<Result<void>> write_snapshot(WriteSnapshot piece) = 0;
  struct Installed {
    SnapshotFile file;
    std::vector<ControlEntry> control;  // at its last offset
  };
  // The loaded snapshot is whole: durable and under its name when this has ended.
  virtual Task<Result<Installed>> install_snapshot(LogPosition id) = 0;
};

}  // namespace ottla::raft
