// The snapshots beside a metadata log: which there are, how they come and go.
//
// Lifetime:    close() must have ended before it is destroyed.
// Concurrency: confined to one shard. Reads run beside everything; one snapshot's changes come one at a time.
// Invariants:  1. a file under its final name is whole and durable, and never changed again
//              2. all() holds those that are good as far as is known; what is broken stays as it is, and out of use
// Errors:      those of the disk, with the path; malformed for foreign names that look like a snapshot's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/result.h"
#include "base/slice.h"
#include "quorum/snapshot_name.h"
#include "raft/log_shape.h"
#include "runtime/clock.h"
#include "runtime/file.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "runtime/task_group.h"

namespace ottla::quorum {

class SnapshotFiles {
 public:
  // `delay`: how long a deleted one stays for those who read it.
  SnapshotFiles(FileSystem& files, std::string directory, Duration delay, Logger logger)
      : files_(files), directory_(std::move(directory)), delay_(delay), logger_(logger) {}
  SnapshotFiles(const SnapshotFiles&) = delete;
  SnapshotFiles& operator=(const SnapshotFiles&) = delete;

  // Finds out what is there. Nothing is removed yet.
  Task<Result<void>> list();
  // Removes what is of no use: pieces, those that were deleted, those that end before the log begins.
  Task<Result<void>> remove_leftovers(Offset log_start);

  // By id: their sizes.
  const std::map<raft::LogPosition, std::int64_t>& all() const { return whole_; }
  bool contains(const raft::LogPosition& id) const { return whole_.contains(id); }
  bool is_broken(const raft::LogPosition& id) const { return broken_.contains(id); }
  std::string path_of(const raft::LogPosition& id, SnapshotStage stage = SnapshotStage::whole) const;
  // It cannot be read: from now on it is as if it were not there, and its file stays.
  void set_aside(const raft::LogPosition& id);

  // At most so many bytes from there on. not_found when there is no such snapshot any more.
  Task<Result<Slice>> read(raft::LogPosition id, std::int64_t position, std::int32_t max_bytes);

  // Writes one piece of a snapshot that is being made or loaded, each behind the one before; the first one, at 0,
  // begins it anew.
  Task<Result<void>> write_piece(raft::LogPosition id, std::int64_t position, Slice bytes);
  // It is written whole: durable and readable under the name of its piece.
  Task<Result<void>> finish_pieces(raft::LogPosition id);
  // Gives it its name, durably.
  Task<Result<raft::SnapshotFile>> publish(raft::LogPosition id);
  Task<Result<void>> discard(raft::LogPosition id);

  // Those that are older go: out of the way at once, away later. How many there were.
  Task<Result<std::size_t>> drop_before(raft::LogPosition id);
  Task<void> close();

 private:
  Task<Result<void>> close_piece(raft::LogPosition id);
  Task<void> remove_later(std::string path, Cancel cancel);

  FileSystem& files_;
  const std::string directory_;
  const Duration delay_;
  Logger logger_;
  std::map<raft::LogPosition, std::int64_t> whole_;
  std::set<raft::LogPosition> broken_;
  std::vector<std::string> leftovers_;                         // names
  std::map<raft::LogPosition, std::unique_ptr<File>> pieces_;  // open ones
  TaskGroup removals_;
};

}  // namespace ottla::quorum
