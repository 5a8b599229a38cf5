// A partition's log, as the cleaner sees it.
//
// Lifetime:    stays, with the log, until CleanerManager::remove() has ended.
// Concurrency: confined to the log's shard.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/offset.h"
#include "base/result.h"
#include "runtime/task.h"
#include "storage/cleaner/cleanable_log.h"
#include "storage/log/log.h"
#include "storage/log/segment.h"

namespace ottla::storage {

class LogCompaction final : public CleanableLog {
 public:
  explicit LogCompaction(Log& log) : log_(log) {}

  const std::string& directory() const override { return log_.directory(); }
  CompactionConfig compaction() const override;
  const std::vector<std::unique_ptr<Segment>>& segments() const override { return log_.segments(); }
  Offset log_start() const override { return log_.log_start(); }
  Offset log_end() const override { return log_.log_end(); }
  Offset high_watermark() const override { return log_.high_watermark(); }
  Offset last_stable_offset() const override { return log_.last_stable_offset(); }
  ActiveProducers active_producers() const override;
  Task<Result<void>> flush() override { return log_.flush(); }
  Task<Result<std::unique_ptr<Segment>>> create_cleaned(Offset base) override {
    return log_.create_cleaned(base);
  }
  Task<Result<void>> replace_segments(std::unique_ptr<Segment> cleaned,
                                      std::vector<Segment*> replaced) override {
    return log_.replace_segments(std::move(cleaned), std::move(replaced));
  }
  Task<Result<void>> delete_old_segments() override;

 private:
  Log& log_;
};

}  // namespace ottla::storage
