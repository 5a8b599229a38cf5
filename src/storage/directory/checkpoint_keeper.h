// One checkpoint file of a log directory: what it says, and the only one who writes it.
//
// Changes that come while a write is under way are written together by the next one.
//
// Lifetime:    outlives its coroutines; the directory's failure outlives it.
// Concurrency: confined to the directory's shard.
// Invariants:  1. what it was told to write or change is durable when that has ended well
//              2. a change is not undone by values that were gathered before it
//              3. nothing is written once the directory has failed
// Errors:      those of the disk. A file that cannot be understood counts as empty.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "runtime/file_system.h"
#include "runtime/semaphore.h"
#include "runtime/task.h"
#include "storage/format/offset_checkpoint.h"

namespace ottla::storage {

struct CheckpointChange {
  enum class How : std::uint8_t {
    set,
    lower,  // to the offset, where the file says more
    forget,
  };
  TopicPartition partition;
  Offset offset;
  How how = How::set;
};

class CheckpointKeeper {
 public:
  using Gather = std::function<Task<std::vector<PartitionOffset>>()>;
  struct Checkpoint {
    std::vector<PartitionOffset> offsets;  // in the order of the partitions
    std::optional<Error> damage;           // why the file could not be understood
  };

  CheckpointKeeper(FileSystem& files, std::string path, OffsetCheckpoint kind,
                   const std::optional<Error>& failure)
      : files_(files), path_(std::move(path)), kind_(kind), failure_(failure) {}

  // What the file says; nothing when there is none.
  Task<Result<Checkpoint>> read();
  // Writes what `gather` gives, which is called when no other write is under way.
  Task<Result<void>> replace(Gather gather);
  Task<Result<void>> change(CheckpointChange change);

 private:
  // All of these are called by who has the turn.
  Task<Result<std::optional<Error>>> load();
  Task<Result<void>> apply_waiting();
  Task<Result<void>> write(std::vector<PartitionOffset> offsets);

  FileSystem& files_;
  const std::string path_;
  const OffsetCheckpoint kind_;
  const std::optional<Error>& failure_;  // the directory's
  bool is_known_ = false;                // `said_` is what the file says, which may be nothing
  bool is_good_ = false;                 // there is such a file
  std::vector<PartitionOffset> said_;    // in the order of the partitions
  std::vector<CheckpointChange> waiting_;
  std::uint64_t asked_ = 0;     // changes
  std::uint64_t answered_ = 0;  // those that were tried
  Result<void> answer_;         // of the last ones
  Semaphore turn_{1};
};

}  // namespace ottla::storage
