// Tells the controller in which log directories replicas lie, many at once: AssignReplicasToDirs.
//
// Use:         assignments.assign(key, directory);   group.spawn([&](Cancel cancel) { return assignments.run(cancel); });
// Lifetime:    run() must have ended before it is destroyed. The link outlives it.
// Concurrency: confined to the first shard.
// Invariants:  1. one request at a time
//              2. of a replica the last directory counts
// Errors:      what the controller did not take is told again, ever slower, until it is told something else.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>

#include "base/log.h"
#include "base/node_id.h"
#include "base/result.h"
#include "base/uuid.h"
#include "replica/partition_key.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/task.h"
#include "server/controller_link.h"

namespace ottla::server {

class DirectoryAssignments {
 public:
  // As many as one request may tell.
  static constexpr std::size_t kMost = 2250;

  // `epoch`: the broker's, -1 as long as it has none.
  DirectoryAssignments(ControllerLink& link, NodeId broker, std::function<std::int64_t()> epoch, Logger log)
      : link_(link), broker_(broker), epoch_(std::move(epoch)), log_(log) {}

  void assign(const replica::PartitionKey& key, const Uuid& directory);
  Task<void> run(Cancel cancel);
  std::size_t waiting() const { return waiting_.size(); }

 private:
  using Assignments = std::map<replica::PartitionKey, Uuid>;

  Task<Result<void>> tell(Assignments told, Cancel cancel);
  void heard(const replica::PartitionKey& key, const Uuid& directory, std::int16_t code);

  ControllerLink& link_;
  const NodeId broker_;
  const std::function<std::int64_t()> epoch_;
  Logger log_;
  Assignments waiting_;
  Event news_;
};

}  // namespace ottla::server
