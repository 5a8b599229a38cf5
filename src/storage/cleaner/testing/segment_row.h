// Segments in a directory that the cleaner can clean, without a log around them.
//
// Use:         SegmentRow row(files, "/data/t-0");  co_await row.write(batches, per_segment);  … clean …
//              co_await row.close();  co_await row.recover();
// Lifetime:    close() must have ended before it is destroyed, unless the shard was killed.
// Concurrency: confined to its shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/offset.h"
#include "base/result.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "storage/cleaner/cleanable_log.h"
#include "storage/format/index_entry.h"
#include "storage/log/log_config.h"
#include "storage/log/log_toolbox.h"
#include "storage/log/log_tools.h"
#include "storage/log/segment.h"

namespace ottla::storage::testing {

class SegmentRow final : public CleanableLog {
 public:
  SegmentRow(FileSystem& files, std::string directory);

  // A segment more, of these batches, durable; transactions whose markers are among them go to its index.
  Task<Result<void>> add_segment(std::vector<std::vector<std::byte>> batches, Offset base,
                                 std::vector<AbortedTransaction> aborted = {});
  // The segments that lie in the directory.
  Task<Result<void>> adopt();
  // The batches of all segments, as their files have them.
  Task<Result<std::vector<std::vector<std::byte>>>> read();
  std::vector<std::int64_t> bases() const;
  Task<void> close();

  const std::string& directory() const override { return directory_; }
  CompactionConfig compaction() const override { return config; }
  const std::vector<std::unique_ptr<Segment>>& segments() const override { return segments_; }
  Offset log_start() const override { return segments_.front()->base_offset(); }
  Offset log_end() const override { return end_; }
  Offset high_watermark() const override { return end_; }
  Offset last_stable_offset() const override { return end_; }
  ActiveProducers active_producers() const override { return producers; }
  Task<Result<void>> flush() override { co_return Result<void>(); }  // add_segment() has seen to it
  Task<Result<std::unique_ptr<Segment>>> create_cleaned(Offset base) override;
  Task<Result<void>> replace_segments(std::unique_ptr<Segment> cleaned,
                                      std::vector<Segment*> replaced) override;
  Task<Result<void>> delete_old_segments() override {
    ++deletions;
    co_return Result<void>();
  }

  CompactionConfig config;
  ActiveProducers producers;
  int deletions = 0;

 private:
  FileSystem& file_system_;
  LogToolbox box_;
  LogTools tools_;
  LogConfig log_config_;
  std::string directory_;
  std::vector<std::unique_ptr<Segment>> segments_;
  std::vector<std::unique_ptr<Segment>> old_;  // replaced
  Offset end_;
};

}  // namespace ottla::storage::testing
