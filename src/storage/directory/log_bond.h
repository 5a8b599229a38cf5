// What ties one log of a set to the set's cleaner and to the checkpoints in its log directory.
//
// Before records are taken back, whoever does it, the cleaner leaves the log alone and no checkpoint speaks of those
// records any more. Until they are gone none is allowed to, whatever was flushed meanwhile.
//
// Lifetime:    outlives the log; stays where it is.
// Concurrency: confined to the log's shard.
// Invariants:  the cleaner knows partitions' logs, and leaves those alone that have a future log
// Errors:      those of the home: then the log stays as it is.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/offset.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "runtime/task.h"
#include "storage/cleaner/cleaner_manager.h"
#include "storage/cleaner/log_compaction.h"
#include "storage/directory/log_home.h"
#include "storage/log/log.h"
#include "storage/log/log_owner.h"

namespace ottla::storage {

class LogBond final : public LogOwner {
 public:
  // `cleaner` may be nobody.
  LogBond(LogHome& home, CleanerManager* cleaner, TopicPartition partition, std::string directory)
      : home_(home), cleaner_(cleaner), partition_(std::move(partition)), directory_(std::move(directory)) {}

  // The partition's log is open: it can be cleaned from now on, unless it is on its way to another directory.
  void hand_over(Log& log, std::optional<Offset> checkpoint);
  // The future log has become the partition's in place of that one. All that is clean stays so.
  Task<void> take_over(Log& log, LogBond& replaced);
  // The log is to go. Nobody cleans it afterwards.
  Task<void> take_back(bool forget_checkpoint);
  // Of a future log, as long as it is one: the partition's log is not cleaned.
  Task<void> keep_still();
  void let_move() { still_ = {}; }

  Task<Result<std::unique_ptr<Hold>>> before_cut(Offset offset) override;
  // What a checkpoint may say of the log.
  Offset limit(Offset offset) const { return std::min(offset, cut_->at.value_or(offset)); }

 private:
  struct Cut {
    int holds = 0;
    std::optional<Offset> at;
  };
  class CutHold;

  LogHome& home_;
  CleanerManager* const cleaner_;
  const TopicPartition partition_;
  const std::string directory_;
  std::optional<LogCompaction> compaction_;  // the cleaner knows it
  CleanerManager::Pause still_;
  std::shared_ptr<Cut> cut_ = std::make_shared<Cut>();
};

}  // namespace ottla::storage
