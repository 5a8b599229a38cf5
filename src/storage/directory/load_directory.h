// Opens every log that lies in a log directory, several at once.
//
// Concurrency: on the shard of the directory and the set.
// Invariants:  when it ends, no checkpoint on the disk is beyond the end of its log
// Errors:      those of the directory itself. A log that cannot be opened is told and left out; when its disk is at
//              fault the directory is offline afterwards.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "base/uuid.h"
#include "runtime/task.h"

namespace ottla::storage {

class LogDirectory;
class LogSet;

struct LoadProgress {
  std::size_t logs_done = 0;
  std::size_t logs = 0;
  std::uint64_t bytes_read = 0;  // by recovery
};

struct LoadTerms {
  std::size_t at_once = 4;  // num.recovery.threads.per.data.dir
  // Whether this node should not have that partition of that topic; then the log is set aside.
  std::function<bool(const TopicPartition&, const std::optional<Uuid>& topic_id)> is_stray = {};
  std::function<void(const LoadProgress&)> progress = {};
};

struct LoadOutcome {
  std::size_t opened = 0;
  std::vector<TopicPartition> strays;
  struct Failure {
    std::string folder;
    Error error;
  };
  std::vector<Failure> failures;
  // Checkpoint files that could not be understood; what they would have said was found out again.
  std::vector<Error> damages;
};

Task<Result<LoadOutcome>> load_directory(LogDirectory& directory, LogSet& logs, LoadTerms terms);

}  // namespace ottla::storage
