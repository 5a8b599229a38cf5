// What has to be known of a shard's logs after a crash and does not stand in their own files: the checkpoint files of
// the log directories that they lie in. Those may belong to another shard.
//
// Lifetime:    outlives the set of logs.
// Concurrency: called on the set's shard.
// Errors:      not_found for a directory that is not known; those of the disk.
#pragma once

#include <string>

#include "base/offset.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "runtime/task.h"
#include "storage/cleaner/cleaner_manager.h"

namespace ottla::storage {

class LogHome : public CleanerHome {
 public:
  // When this has ended no checkpoint says more of the partition than `offset`, durably.
  virtual Task<Result<void>> lower_checkpoints(std::string directory, TopicPartition partition,
                                               Offset offset) = 0;
  // When this has ended no checkpoint says anything of the partition, durably.
  virtual Task<Result<void>> forget_checkpoints(std::string directory, TopicPartition partition) = 0;
};

}  // namespace ottla::storage
