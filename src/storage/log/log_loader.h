// Brings a log's directory into a state that a Log can go on from.
//
// Lifetime:    for one load.
// Concurrency: confined to the log's shard; nobody else uses the directory meanwhile.
#pragma once

#include "base/result.h"
#include "runtime/task.h"

namespace ottla::storage {

class Log;
struct LogOpening;

class LogLoader {
 public:
  explicit LogLoader(const LogOpening& opening) : opening_(opening) {}

  Task<Result<void>> load(Log& log);

 private:
  const LogOpening& opening_;
};

}  // namespace ottla::storage
