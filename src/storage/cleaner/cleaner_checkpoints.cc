#include "storage/cleaner/cleaner_checkpoints.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "runtime/task.h"
#include "storage/directory/log_directory.h"
#include "storage/format/offset_checkpoint.h"

namespace ottla::storage {

Task<Result<std::vector<PartitionOffset>>> CleanerCheckpoints::add(LogDirectory* directory) {
  OTTLA_CO_TRY(LogDirectory::Checkpoint found,
               co_await directory->read_checkpoint(OffsetCheckpoint::cleaner));
  Kept& kept = kept_[directory->path()];
  kept.directory = directory;
  for (const PartitionOffset& one : found.offsets) kept.offsets[one.partition] = one.offset;
  co_return std::move(found.offsets);
}

Task<Result<void>> CleanerCheckpoints::save_checkpoint(std::string log_directory, TopicPartition partition,
                                                       std::optional<Offset> offset) {
  const auto found = kept_.find(log_directory);
  if (found == kept_.end()) {
    co_return Error(Errc::not_found, log_directory + " is no log directory of this node");
  }
  Kept& kept = found->second;
  if (offset) {
    kept.offsets[partition] = *offset;
  } else {
    kept.offsets.erase(partition);
  }
  std::vector<PartitionOffset> all;
  for (const auto& [of, at] : kept.offsets) all.push_back({.partition = of, .offset = at});
  co_return co_await kept.directory->write_checkpoint(OffsetCheckpoint::cleaner, std::move(all));
}

void CleanerCheckpoints::disk_failed(const std::string& log_directory, const Error& error) {
  const auto found = kept_.find(log_directory);
  if (found != kept_.end()) found->second.directory->go_offline(error);
}

}  // namespace ottla::storage
