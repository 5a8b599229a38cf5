// Keeps cleaner-offset-checkpoint of the node's log directories, each of which lies on this shard.
//
// Use:         OTTLA_CO_TRY(auto offsets, co_await checkpoints.add(directory));  … manager.add({…, offset of each}) …
// Lifetime:    outlives the cleaners that tell it; the directories outlive it.
// Concurrency: confined to the directories' shard.
// Invariants:  what is on the disk is what was told, once save_checkpoint() has ended well
// Errors:      those of LogDirectory; not_found for a directory that was not added.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "runtime/task.h"
#include "storage/cleaner/cleaner_manager.h"
#include "storage/directory/log_directory.h"
#include "storage/format/offset_checkpoint.h"

namespace ottla::storage {

class CleanerCheckpoints final : public CleanerHome {
 public:
  // What the file says now. One that cannot be understood counts as empty, and is written anew.
  Task<Result<std::vector<PartitionOffset>>> add(LogDirectory* directory);

  Task<Result<void>> save_checkpoint(std::string log_directory, TopicPartition partition,
                                     std::optional<Offset> offset) override;
  void disk_failed(const std::string& log_directory, const Error& error) override;

 private:
  struct Kept {
    LogDirectory* directory = nullptr;
    std::map<TopicPartition, Offset> offsets;
  };

  std::map<std::string, Kept> kept_;
};

}  // namespace ottla::storage
