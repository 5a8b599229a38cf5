// What replicas have to say to their node, and to the controller by way of it.
//
// Lifetime:    outlives the ReplicaManager.
// Concurrency: called on the first shard.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/uuid.h"
#include "protocol/error_code.h"
#include "replica/leader_core.h"
#include "replica/partition_key.h"
#include "runtime/task.h"

namespace ottla::replica {

struct IsrQuestion {
  PartitionKey key;
  IsrProposal proposal;
};
struct IsrAnswer {
  PartitionKey key;
  std::uint64_t number = 0;  // of the proposal
  protocol::ErrorCode error = protocol::ErrorCode::none;
  AlteredPartition altered = {};  // when there is no error
};

class ReplicaEvents {
 public:
  struct FailedDirectory {
    std::string path;
    Uuid id;                      // zero when it was never known
    bool holds_metadata = false;  // without it the node cannot go on
    bool was_last = false;        // no other one is online
  };

  virtual ~ReplicaEvents() = default;
  // Its replicas answer that it has failed. The controller has to know, so that others lead.
  virtual void on_directory_failed(const FailedDirectory& directory, const Error& error) = 0;
  // The metadata say something else of where that replica lies: AssignReplicasToDirs.
  virtual void on_assigned(const PartitionKey& key, const Uuid& directory) = 0;
  // The same of a replica that is about to move there; ends when the controller knows. An error: the move tries again.
  virtual Task<Result<void>> announce(PartitionKey key, Uuid directory) {
    on_assigned(key, directory);
    co_return Result<void>();
  }
  // The logs have been loaded, and the partitions of the first image are there.
  virtual void on_loaded() {}
  // AlterPartition. An error: nobody knows what became of it, and the same is asked again.
  virtual Task<Result<std::vector<IsrAnswer>>> alter_isr(std::vector<IsrQuestion> questions) = 0;
};

}  // namespace ottla::replica
