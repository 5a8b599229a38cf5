// Opens a log that was found on the disk, on its shard; and those that could not be opened: no other log may be made in
// their place, and what the checkpoints say of them stays.
//
// Some could not be opened for a reason that passes (the disk was full, there were too many open files): these are tried
// again.
//
// Use:         unopened.add(…);   while (unopened.any_may_open()) { … co_await unopened.open_again(); }
// Lifetime:    what it is made of outlives it.
// Concurrency: on the first shard; logs are opened on theirs.
// Errors:      of one log: kept with it, and told. A disk at fault takes its directory offline.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/node_id.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "base/uuid.h"
#include "replica/replica_directories.h"
#include "replica/replica_set.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "storage/directory/log_set.h"
#include "storage/format/offset_checkpoint.h"

namespace ottla::replica {

struct OpenedLog {
  bool is_stray = false;  // and set aside
  std::optional<Uuid> topic_id = {};
};
// `set`: that of the shard, which knows the image.
Task<Result<OpenedLog>> open_log(ReplicaSet& set, ShardId shard, NodeId node,
                                 storage::LogSet::Existing existing);

struct UnopenedLog {
  ShardId shard;
  storage::LogSet::Existing existing;
  Error error;
};

class UnopenedLogs {
 public:
  // `sets`: of all shards, by shard.
  UnopenedLogs(ReplicaDirectories& directories, std::vector<ReplicaSet*> sets, NodeId node, Logger logger)
      : directories_(directories), sets_(std::move(sets)), node_(node), logger_(logger) {}

  void add(std::vector<UnopenedLog> logs);
  // The partition's log; null when it has none here. Not the one that was to take its place.
  const UnopenedLog* find(const TopicPartition& partition) const;
  bool any_may_open() const;
  // Tries all that may open. Those that are open now, or set aside, or whose future log is.
  Task<std::vector<TopicPartition>> open_again();

  // What is to be said of them in that directory's checkpoint file, so that it is not forgotten.
  std::vector<storage::PartitionOffset> checkpoints_in(const std::string& directory,
                                                       storage::OffsetCheckpoint kind) const;
  // Nobody has seen to it that all logs there are whole.
  bool any_to_recover(const std::string& directory) const;

 private:
  bool may_open(const UnopenedLog& log) const;

  ReplicaDirectories& directories_;
  const std::vector<ReplicaSet*> sets_;
  const NodeId node_;
  const Logger logger_;
  std::vector<UnopenedLog> logs_;
};

}  // namespace ottla::replica
