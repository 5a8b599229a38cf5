// Whom a log asks before it takes records back: what else speaks of them must not outlive them.
//
// Lifetime:    outlives the log.
// Concurrency: confined to the log's shard.
#pragma once

#include <memory>

#include "base/offset.h"
#include "base/result.h"
#include "runtime/task.h"

namespace ottla::storage {

class LogOwner {
 public:
  class Hold {
   public:
    Hold() = default;
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;
    virtual ~Hold() = default;
  };

  virtual ~LogOwner() = default;
  // Records of `offset` and beyond are about to be taken back, and the log does not hold its turn. What this gives
  // lives until they are gone, or stay after all. An error: they stay.
  virtual Task<Result<std::unique_ptr<Hold>>> before_cut(Offset offset) = 0;
};

}  // namespace ottla::storage
