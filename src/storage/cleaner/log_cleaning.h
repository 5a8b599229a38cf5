// One cleaning of one log: reads its dirty part for the map, then writes groups of segments anew without what is
// obsolete, each group into one segment that takes their place.
//
// The shard only hands chunks around: reading and writing are done by the disk's helpers, looking into batches by the
// others. What runs here is background work.
//
// Use:         LogCleaning cleaning(log, plan, tools);  OTTLA_CO_TRY(auto done, co_await cleaning.run(now, cancel));
// Lifetime:    of one cleaning; outlived by the log and the tools.
// Concurrency: confined to the log's shard.
// Invariants:  1. whatever happens, the log's own segments are whole: a group is replaced at once, or not at all
//              2. nothing is left of a group that was not finished, but for a crash, after which the log's loader
//                 removes it
// Errors:      cancelled, between two chunks, also when the topic is no longer to be compacted; corrupt and the like for batches that cannot be read, with the file and
//              what is wrong; those of the disk.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/compression/codec_pool.h"
#include "runtime/cancel.h"
#include "runtime/gate.h"
#include "runtime/task.h"
#include "storage/cleaner/batch_chunks.h"
#include "storage/cleaner/batch_cleaner.h"
#include "storage/cleaner/clean_plan.h"
#include "storage/cleaner/cleanable_log.h"
#include "storage/cleaner/cleaned_transactions.h"
#include "storage/cleaner/cleaning.h"
#include "storage/cleaner/key_hash.h"
#include "storage/cleaner/map_builder.h"
#include "storage/cleaner/offset_map.h"
#include "storage/cleaner/plain_stretches.h"
#include "storage/io_pace.h"
#include "storage/log/segment.h"
#include "storage/log/stored_batch.h"

namespace ottla::storage {

struct CleaningTools {
  FileSystem* files = nullptr;
  IoPace* throttle = nullptr;
  OffsetMapLimits map = {};
  std::size_t io_buffer_size = std::size_t{512} << 10;  // log.cleaner.io.buffer.size, of one cleaner
};

struct CleaningOutcome {
  Offset end;  // everything below is clean
  CleaningStats stats;
};

class LogCleaning {
 public:
  LogCleaning(CleanableLog& log, const CleaningPlan& plan, const CleaningTools& tools);

  Task<Result<CleaningOutcome>> run(std::int64_t now_millis, Cancel cancel);

 private:
  // One chunk's worth of work on a segment, done elsewhere.
  struct Written {
    Slice bytes;
    std::vector<StoredBatch> batches;
  };

  Task<Result<Offset>> build_map(OffsetMap& map);
  Task<Result<bool>> map_segment(MapBuilder& builder, Segment& segment, Offset end);
  Result<void> enter_segments();
  // No offset of that one reaches it.
  Offset end_of(std::size_t segment) const;
  Task<Result<void>> clean_group(BatchCleaner& cleaner, CleanedTransactions& transactions,
                                 SegmentGroup range);
  Task<Result<void>> clean_into(Segment& cleaned, BatchCleaner& cleaner, CleanedTransactions& transactions,
                                SegmentGroup group);
  Task<Result<void>> clean_segment(Segment& segment, Offset end, Segment& cleaned, BatchCleaner& cleaner,
                                   CleanedTransactions& transactions);
  // A run of it, from the beginning of a batch to the end of one.
  struct Run {
    std::uint64_t begin = 0;
    std::uint64_t end = 0;
  };
  Task<Result<void>> clean_run(Segment& segment, File& file, Run run, Segment& cleaned, BatchCleaner& cleaner,
                               CleanedTransactions& transactions);
  Task<Result<void>> append(Segment& cleaned, Written written, CleanedTransactions& transactions);
  Task<Result<std::vector<AbortedTransaction>>> aborted_between(Offset from, Offset to);
  Task<Result<std::vector<SegmentFacts>>> segment_facts();
  Result<void> check_wanted() const;
  Task<Result<void>> keep_pace(std::uint64_t bytes);
  Task<void> discard(std::unique_ptr<Segment> cleaned);

  CleanableLog& log_;
  const CleaningPlan plan_;
  const CleaningTools& tools_;
  const CompactionConfig config_;
  KeyHasher hash_;
  record::CodecPool codecs_;        // of the helper that looks into batches
  std::vector<Segment*> segments_;  // those that may be cleaned
  PlainStretches stretches_;
  std::vector<Gate::Pass> passes_;  // one for each of them, until it is replaced
  CleaningStats stats_;
  Cancel cancel_;
  std::int64_t legacy_horizon_ = 0;
};

// What a log is planned on. Looks into segments only as far as the configuration makes it matter.
Task<Result<LogFacts>> gather_facts(CleanableLog& log, std::optional<Offset> checkpoint);

}  // namespace ottla::storage
