// What the cleaner asks of a log.
//
// Lifetime:    stays until the cleaner was told to stop cleaning it, and has stopped.
// Concurrency: confined to the log's shard.
// Invariants:  while it is being cleaned, no segment below the first uncleanable offset is removed or truncated:
//              whoever wants to pauses the cleaner before (CleanerManager::pause)
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/offset.h"
#include "base/result.h"
#include "runtime/task.h"
#include "storage/cleaner/clean_plan.h"
#include "storage/cleaner/cleaning.h"
#include "storage/log/segment.h"

namespace ottla::storage {

class CleanableLog {
 public:
  virtual ~CleanableLog() = default;

  virtual const std::string& directory() const = 0;
  virtual CompactionConfig compaction() const = 0;
  // In order; the last one is active.
  virtual const std::vector<std::unique_ptr<Segment>>& segments() const = 0;
  virtual Offset log_start() const = 0;
  virtual Offset log_end() const = 0;
  virtual Offset high_watermark() const = 0;
  virtual Offset last_stable_offset() const = 0;
  virtual ActiveProducers active_producers() const = 0;

  // All that was appended is durable when this ends. What is cleaned rests on it, and on more than what is cleaned: a
  // transaction that was committed by a marker that is lost would have taken the place of what went before it.
  virtual Task<Result<void>> flush() = 0;
  // A segment of its own whose files are new and called ".cleaned".
  virtual Task<Result<std::unique_ptr<Segment>>> create_cleaned(Offset base) = 0;
  // Puts `cleaned`, whose files are whole and durable, in the place of those: either all of it has happened after a
  // crash, or nothing has.
  virtual Task<Result<void>> replace_segments(std::unique_ptr<Segment> cleaned,
                                              std::vector<Segment*> replaced) = 0;
  // By retention, when the log deletes too, and what lies below its start.
  virtual Task<Result<void>> delete_old_segments() = 0;
};

}  // namespace ottla::storage
