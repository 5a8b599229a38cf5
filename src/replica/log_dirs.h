// What people ask of log directories: which replicas lie in them, how large, and that one moves to another directory.
//
// Lifetime:    a part of the ReplicaManager.
// Concurrency: on the first shard; logs are asked on theirs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/topic_partition.h"
#include "protocol/error_code.h"
#include "replica/partition_key.h"
#include "replica/placement_table.h"
#include "replica/replica_directories.h"
#include "replica/replica_set.h"
#include "runtime/task.h"

namespace ottla::replica {

struct LogDirFacts {
  std::string path;
  protocol::ErrorCode error = protocol::ErrorCode::none;
  std::int64_t total_bytes = -1;  // -1: unknown
  std::int64_t usable_bytes = -1;
  bool cordoned = false;
  std::vector<ReplicaFacts> replicas;  // in the order of their names
};

struct MoveWish {
  PartitionKey key;  // of no partition, when the topic is not there
  TopicPartition name;
  std::string directory;
};

class LogDirs {
 public:
  // `sets`: of all shards, by shard. `placement`: of this one.
  LogDirs(ReplicaDirectories& directories, std::vector<ReplicaSet*> sets, const PlacementTable& placement)
      : directories_(directories), sets_(std::move(sets)), placement_(placement) {}

  // In the order of the configuration.
  Task<std::vector<LogDirFacts>> describe();
  // One answer for each.
  Task<std::vector<protocol::ErrorCode>> move(std::vector<MoveWish> wishes);

 private:
  Task<protocol::ErrorCode> move_one(MoveWish wish);
  Task<void> add_space(LogDirFacts& facts);

  ReplicaDirectories& directories_;
  const std::vector<ReplicaSet*> sets_;
  const PlacementTable& placement_;
};

}  // namespace ottla::replica
