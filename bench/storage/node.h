// What logs need around them, and logs to measure.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "base/slice.h"
#include "runtime/task.h"
#include "storage/log/log.h"
#include "storage/log/log_toolbox.h"

namespace ottla::bench {

// On the shard that makes it.
class Node {
 public:
  explicit Node(storage::LogConfig config = {});

  storage::LogOpening opening(std::string directory);
  // A log in a directory of its own below `directory`.
  Task<void> open(const std::string& directory, int count = 1);
  // Closes the logs in good order, and all files.
  Task<void> close();
  storage::Log& log(std::size_t index = 0) { return *logs_[index]; }
  std::size_t size() const { return logs_.size(); }

  storage::LogTools tools() { return box_.tools(); }

 private:
  std::shared_ptr<const storage::LogConfig> config_;
  storage::LogToolbox box_;
  std::vector<std::unique_ptr<storage::Log>> logs_;
};

// Frames that come in one after the other, as if they had been read from connections: the same bytes in places that
// take turns, so that neither side writes from memory that is always at hand.
class Frames {
 public:
  Frames(Slice batch, std::size_t count);
  // As the producer sent it.
  Slice next();
  std::size_t bytes() const { return batch_.size(); }

 private:
  Slice batch_;
  std::vector<Slice> frames_;
  std::size_t at_ = 0;
};

// Appends it as a client's produce request would, and must succeed.
Task<void> append(storage::Log& log, Slice frame);

}  // namespace ottla::bench
