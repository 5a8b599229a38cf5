// A replica's disk in memory, for tests of the driver: every change takes its time and can be told to fail.
//
// Lifetime:    outlives the RaftNode that uses it.
// Concurrency: confined to one shard.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "raft/core.h"
#include "raft/log.h"

namespace ottla::raft::testing {

class MemoryLog final : public Log {
 public:
  Task<Result<void>> save_election(SaveElection save) override;
  Task<Result<void>> append(std::vector<Batch> batches) override;
  Task<Result<void>> sync() override;
  Task<Result<void>> truncate_to(Offset end) override;
  Task<Result<void>> restart_at(LogPosition snapshot) override;
  Task<Result<std::vector<Batch>>> read(Offset from, std::int32_t max_bytes) override;
  Task<Result<Slice>> read_snapshot(LogPosition id, std::int64_t position, std::int32_t max_bytes) override;
  Task<Result<void>> write_snapshot(WriteSnapshot piece) override;
  Task<Result<Installed>> install_snapshot(LogPosition id) override;

  // What a test looks at, and changes.
  ElectionState election;
  std::vector<Batch> batches;
  std::map<LogPosition, std::string> snapshots;
  std::vector<ControlEntry> snapshot_control;
  int saves = 0;
  int appends = 0;
  int syncs = 0;
  bool broken = false;  // every change fails from now on
  Duration sync_time = std::chrono::milliseconds(2);

  Recovered recover() const;

 private:
  Task<Result<void>> take_time(Duration time);

  LogPosition start_;
};

}  // namespace ottla::raft::testing
