// Moves of replicas between log directories, on one shard: a future log is made and copied, until it takes the log's
// place. Appends go on meanwhile, but for the moment of the exchange.
//
// Lifetime:    a part of the shard's ReplicaSet; stop() must have ended before it is destroyed. A partition outlives
//              its move: cancel() comes before its removal.
// Concurrency: confined to its shard. One move of a partition at a time.
// Invariants:  1. a partition's log is exchanged only while nobody appends to it, for one that holds the same records
//              2. the controller was told of the new directory before
// Errors:      what ends a move is logged; the log stays where it is. A disk that is full is tried again.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/log.h"
#include "base/result.h"
#include "protocol/error_code.h"
#include "replica/partition.h"
#include "replica/partition_key.h"
#include "runtime/cancel.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "storage/directory/log_move.h"
#include "storage/directory/log_set.h"
#include "storage/io_pace.h"

namespace ottla::replica {

class ReplicaMoves {
 public:
  struct Options {
    // Tells the controller where the replica will lie; ends when it knows.
    std::function<Task<Result<void>>(PartitionKey, std::string directory)> announce = {};
    // It lies there now, and no more where it was.
    std::function<void(const PartitionKey&, const std::string& from, const std::string& to)> on_moved = {};
    // It was called off: nothing lies there any more.
    std::function<void(const PartitionKey&, const std::string& directory)> on_cancelled = {};
    Logger logger = {};
  };
  ReplicaMoves(storage::LogSet& logs, Options options) : logs_(logs), options_(std::move(options)) {}
  ReplicaMoves(const ReplicaMoves&) = delete;
  ReplicaMoves& operator=(const ReplicaMoves&) = delete;

  // Begins one, or goes on with the one that leads there; another one of this partition is called off. True when a
  // future log was made. To where it lies already: calls off only.
  Task<Result<bool>> begin(Partition& partition, std::string directory);
  // A future log was found when the node started.
  void resume(Partition& partition);
  // Ends a move and removes its future log. Of a partition that does not move, nothing.
  Task<void> cancel(PartitionKey key);
  bool is_moving(const PartitionKey& key) const { return moving_.contains(key); }
  // replica.alter.log.dirs.io.max.bytes.per.second, this shard's share.
  void set_rate(std::uint64_t bytes_per_second) { pace_.set_rate(bytes_per_second); }
  // All moves end; their future logs stay, for the next start.
  Task<void> stop();

 private:
  struct Moving {
    std::string directory;
    CancelSource cancel;
    Event ended;
  };

  Task<void> move(Partition& partition, std::shared_ptr<Moving> moving);
  Task<void> forget_copy(Partition& partition);
  // True when there is nothing more to do.
  Task<bool> try_move(Partition& partition, Moving& moving);
  Task<storage::MoveOutcome> exchange(Partition& partition, storage::LogMove& copying, Moving& moving);
  bool is_over(const Partition& partition, const storage::MoveOutcome& outcome) const;

  storage::LogSet& logs_;
  const Options options_;
  storage::IoPace pace_;
  std::map<PartitionKey, std::shared_ptr<Moving>> moving_;
  bool is_stopping_ = false;
  TaskGroup tasks_;
};

}  // namespace ottla::replica
