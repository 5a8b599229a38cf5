// The log directories of a node as the home of the logs in them, where both belong to one shard.
//
// Use:         DirectoryHome home;  LogSet logs({.home = &home, …});
//              home.add(directory);  co_await load_directory(directory, logs, {});
//              … every now and then: co_await save_checkpoints(directory, logs);
// Lifetime:    outlives the sets of logs; the directories outlive its use.
// Concurrency: confined to the directories' shard.
// Errors:      not_found for a directory that was not added; those of LogDirectory.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "runtime/task.h"
#include "storage/directory/log_directory.h"
#include "storage/directory/log_home.h"

namespace ottla::storage {

class LogSet;

class DirectoryHome final : public LogHome {
 public:
  // Is told of each directory that has gone offline by what a log or a checkpoint met; its owner drops the directory's
  // logs.
  using OnFailure = std::function<void(const std::string& directory, const Error&)>;

  explicit DirectoryHome(OnFailure on_failure = {}) : on_failure_(std::move(on_failure)) {}

  void add(LogDirectory& directory) { directories_[directory.path()] = &directory; }

  Task<Result<void>> lower_checkpoints(std::string directory, TopicPartition partition,
                                       Offset offset) override;
  Task<Result<void>> forget_checkpoints(std::string directory, TopicPartition partition) override;
  Task<Result<void>> save_checkpoint(std::string log_directory, TopicPartition partition,
                                     std::optional<Offset> offset) override;
  void disk_failed(const std::string& log_directory, const Error& error) override;

 private:
  Result<LogDirectory*> find(const std::string& path) const;
  Task<Result<void>> change(LogDirectory& directory, OffsetCheckpoint kind, CheckpointChange change);
  Task<Result<void>> change_all(std::string directory, CheckpointChange change_of_each);

  OnFailure on_failure_;
  std::map<std::string, LogDirectory*> directories_;
};

// What the directory's logs have to remember, as it is when each file's turn comes: nothing that was taken back
// meanwhile is written.
Task<Result<void>> save_checkpoints(LogDirectory& directory, const LogSet& logs);

}  // namespace ottla::storage
