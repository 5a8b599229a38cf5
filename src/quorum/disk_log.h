// A replica's metadata log on its disk: segments as those of any partition, snapshots beside them, the election state
// in `quorum-state`.
//
// Use:         OTTLA_CO_TRY(auto log, co_await DiskLog::look(options));  …  OTTLA_CO_CHECK(co_await log->begin());
//              RaftNode node(…, log->take_recovered(), *log, …);
// Lifetime:    close() must have ended before it is destroyed, unless the shard was killed.
// Concurrency: confined to one shard. Changes as raft::Log says; snapshots made here and retention run beside them.
// Invariants:  1. a log that does not begin at 0 begins where one of its snapshots ends
//              2. what was broken when it was opened is left as it was
//              3. look() changes nothing; what it refuses it leaves byte by byte
// Errors:      malformed, corrupt and truncated for files that are not what they should be, with path and cure; those
//              of the disk.
// Format:      docs/format/metadata_log.md
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "quorum/log_findings.h"
#include "quorum/retention.h"
#include "quorum/snapshot_files.h"
#include "quorum/snapshot_reading.h"
#include "raft/core.h"
#include "raft/log.h"
#include "raft/replica_key.h"
#include "runtime/event.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "storage/log/log.h"
#include "storage/log/log_config.h"
#include "storage/log/log_toolbox.h"

namespace ottla::quorum {

struct DiskLogOptions {
  std::string directory;  // of the metadata: the log lies in a folder of it
  std::shared_ptr<const storage::LogConfig> config = std::make_shared<storage::LogConfig>();
  FileSystem* files = nullptr;  // the shard's own, unless somebody stands between
  bool was_clean = false;       // all that was written is there, since the directory was closed in good order
  raft::ReplicaKey self = {};   // whose log it is
};

class DiskLog final : public raft::Log {
 public:
  // Reads all of it, and says whether a life can begin with it.
  static Task<Result<std::unique_ptr<DiskLog>>> look(DiskLogOptions options);
  // Next, and once: opens it. What a crash tore is cut off.
  Task<Result<void>> begin();
  // Both.
  static Task<Result<std::unique_ptr<DiskLog>>> open(DiskLogOptions options);

  // What a RaftNode begins with; once.
  raft::Recovered take_recovered() { return std::move(recovered_); }
  // Of the newest good snapshot, when there is one.
  const std::optional<raft::LogPosition>& recovered_snapshot() const { return recovered_snapshot_; }
  // Whether what the directory was formatted with is still there.
  bool has_bootstrap_snapshot() const { return snapshots_.contains(raft::kBootstrapSnapshot); }
  // Broken snapshots that were passed over.
  const std::vector<Error>& damages() const { return damages_; }

  // --- What raft asks for
  Task<Result<void>> save_election(raft::SaveElection save) override;
  Task<Result<void>> append(std::vector<raft::Batch> batches) override;
  Task<Result<void>> sync() override { return log_->flush(); }
  Task<Result<void>> truncate_to(Offset end) override;
  Task<Result<void>> restart_at(raft::LogPosition snapshot) override;
  Task<Result<std::vector<raft::Batch>>> read(Offset from, std::int32_t max_bytes) override;
  Task<Result<Slice>> read_snapshot(raft::LogPosition id, std::int64_t position,
                                    std::int32_t max_bytes) override {
    return snapshots_.read(id, position, max_bytes);
  }
  Task<Result<void>> write_snapshot(raft::WriteSnapshot piece) override;
  Task<Result<Installed>> install_snapshot(raft::LogPosition id) override;

  // --- What is made of it
  // All below is committed and stays. It may be written a little later only.
  void set_committed(Offset high_watermark);
  // Behind the last batch that can be read and is committed.
  Offset readable_end() const { return log_->high_watermark(); }
  // Is set whenever that may have changed.
  void tell_growth(Event& news) { news_ = &news; }
  std::uint64_t size() const { return log_->size(); }
  const SnapshotFiles& snapshots() const { return snapshots_; }
  // Reads one from its beginning to its end.
  Task<Result<SnapshotFacts>> load_snapshot(raft::LogPosition id, SnapshotVisitor visitor);
  // Writes one that this replica made, unless it is there. Nothing then.
  Task<Result<std::optional<raft::SnapshotFile>>> save_snapshot(raft::LogPosition id,
                                                                std::vector<Slice> batches);
  // Forgets the oldest snapshots and what lies before the next ones, as retention wants it. Where the log begins now,
  // if that changed.
  Task<Result<std::optional<raft::LogPosition>>> clean(Retention retention, std::int64_t now_ms);
  // Not ok when what a clean stop promises may not be there.
  Task<Result<void>> close();

 private:
  explicit DiskLog(DiskLogOptions options);

  // disk_log_open.cc
  Task<Result<void>> look_through();
  Task<Result<void>> check_topic();
  Task<Result<void>> write_topic();
  Task<Result<void>> open_log();
  Task<Result<void>> find_good_snapshot();
  Task<Result<void>> restart_behind_snapshot();
  Task<Result<void>> begin_behind_snapshot();
  Task<Result<void>> recover_election();
  Task<Result<void>> recover_control();
  raft::LogShape shape() const;

  Task<Result<bool>> delete_before(raft::LogPosition id);
  std::string path_of(std::string_view name) const;

  FileSystem& files_;
  const DiskLogOptions options_;
  const std::string path_;  // of the log's folder
  Logger logger_;
  storage::LogToolbox toolbox_;
  SnapshotFiles snapshots_;
  std::unique_ptr<storage::Log> log_;
  Offset committed_ = Offset(0);
  Event* news_ = nullptr;
  std::optional<raft::LogPosition> loading_;  // the snapshot that a leader sends
  LogFindings found_;
  bool has_topic_ = false;  // the file that says whose log it is
  raft::LogPosition start_;
  std::optional<raft::LogPosition> recovered_snapshot_;
  SnapshotFacts recovered_facts_;
  raft::Recovered recovered_;
  std::vector<Error> damages_;
};

}  // namespace ottla::quorum
