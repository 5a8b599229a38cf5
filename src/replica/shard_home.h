// The home of a shard's logs: the log directories belong to the first shard, so that all goes there by message.
//
// Lifetime:    outlives the shard's logs; close() must have ended before it is destroyed, unless the shard was killed.
// Concurrency: confined to the logs' shard.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "storage/directory/log_home.h"

namespace ottla::replica {

class ShardHome final : public storage::LogHome {
 public:
  // `home`: of the first shard, and used there alone.
  ShardHome(Shard& first, storage::LogHome& home) : first_(first), home_(home) {}

  Task<Result<void>> lower_checkpoints(std::string directory, TopicPartition partition,
                                       Offset offset) override;
  Task<Result<void>> forget_checkpoints(std::string directory, TopicPartition partition) override;
  Task<Result<void>> save_checkpoint(std::string log_directory, TopicPartition partition,
                                     std::optional<Offset> offset) override;
  void disk_failed(const std::string& log_directory, const Error& error) override;

  Task<void> close() { return tasks_.wait(); }

 private:
  Task<void> tell(std::string directory, Error error);

  Shard& first_;
  storage::LogHome& home_;
  TaskGroup tasks_;
};

}  // namespace ottla::replica
