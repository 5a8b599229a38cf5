// Asks the controller about in-sync replicas: all questions that come while one request is under way go together in
// the next one.
//
// Lifetime:    run() has ended before it is destroyed.
// Concurrency: confined to the first shard; partitions of all shards ask by message, and are answered so.
// Invariants:  1. one request at a time
//              2. of a partition the last question counts
#pragma once

#include <functional>
#include <map>
#include <vector>

#include "base/log.h"
#include "replica/partition_key.h"
#include "replica/replica_events.h"
#include "runtime/cancel.h"
#include "runtime/event.h"
#include "runtime/task.h"

namespace ottla::replica {

class IsrRequests {
 public:
  // Takes an answer to its partition. True when it is to be asked once more.
  using Deliver = std::function<Task<bool>(const IsrAnswer&)>;

  IsrRequests(ReplicaEvents& events, Deliver deliver, Logger logger)
      : events_(events), deliver_(std::move(deliver)), logger_(logger) {}

  void ask(const PartitionKey& key, IsrProposal proposal);
  Task<void> run(Cancel cancel);

 private:
  Task<bool> ask_all(std::vector<IsrQuestion> questions);

  ReplicaEvents& events_;
  const Deliver deliver_;
  Logger logger_;
  std::map<PartitionKey, IsrProposal> waiting_;
  Event asked_;
};

}  // namespace ottla::replica
