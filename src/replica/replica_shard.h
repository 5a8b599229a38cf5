// What one shard has for replicas: their set, the home of their logs, the table of places, and the door.
//
// It lives in a frame of its own shard, so that a killed shard takes down what is its own and nothing else.
//
// Lifetime:    live() ends when leave() was called; the set is closed by then.
// Concurrency: confined to its shard.
#pragma once

#include <functional>
#include <optional>
#include <utility>
#include <vector>

#include "base/log.h"
#include "replica/isr_requests.h"
#include "replica/placement_table.h"
#include "replica/replica_directories.h"
#include "replica/replica_door.h"
#include "replica/replica_events.h"
#include "replica/replica_set.h"
#include "replica/shard_home.h"
#include "runtime/event.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "storage/directory/log_home.h"

namespace ottla::replica {

class ReplicaShard {
 public:
  // What it has on the first shard, and uses there alone.
  struct Neighbours {
    Shard& first;
    storage::LogHome& home;
    IsrRequests& isr_requests;
    ReplicaDirectories& directories;
    ReplicaEvents& events;
    LogModule module;
  };
  // What `options` lack is filled in.
  ReplicaShard(ReplicaSet::Options options, const Neighbours& neighbours);
  ReplicaShard(const ReplicaShard&) = delete;
  ReplicaShard& operator=(const ReplicaShard&) = delete;

  ReplicaSet& set() { return set_; }
  PlacementTable& placement() { return placement_; }
  // `sets`: of all shards, by shard.
  // `log_dirs`: of the first shard, and used there alone.
  void open_door(std::vector<ReplicaSet*> sets, LogDirs& log_dirs) {
    door_.emplace(std::move(sets), placement_, log_dirs);
  }
  ReplicaDoor& door() { return *door_; }

  // Lives on the shard where this runs, from the call of `arrived` on until leave().
  static Task<void> live(ReplicaSet::Options options, Neighbours neighbours,
                         std::function<Task<void>(ReplicaShard&)> arrived);
  void leave() { left_.set(); }

 private:
  ReplicaSet::Options complete(ReplicaSet::Options options);
  Task<void> ask(PartitionKey key, IsrProposal proposal);
  Task<void> count(std::string directory, std::ptrdiff_t more);
  Task<Result<void>> announce(PartitionKey key, std::string directory);

  const Neighbours neighbours_;
  ShardHome home_;
  ReplicaSet set_;
  PlacementTable placement_;
  std::optional<ReplicaDoor> door_;
  Event left_;
  TaskGroup tasks_;  // messages to the first shard
};

}  // namespace ottla::replica
