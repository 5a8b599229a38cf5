// What to compact, decided on plain facts: which part of a log, which of several logs first, and which segments become
// one.
//
// A log is first clean, then dirty; of the dirty part what may not be cleaned yet is left out: the active segment, what
// lies behind the last stable offset, and segments younger than the minimum lag. The dirtier log goes first.
//
// Lifetime:    values.
// Concurrency: pure; times are passed in.
// Invariants:  1. what a plan names lies below the active segment and the last stable offset
//              2. a group's segments follow each other, and the offsets of all their records fit into one segment
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/offset.h"

namespace ottla::storage {

// The topic's configuration, as far as it concerns compaction. Names and defaults are those of the reference's keys.
struct CompactionConfig {
  using Millis = std::chrono::milliseconds;

  double min_cleanable_ratio = 0.5;                           // min.cleanable.dirty.ratio
  Millis min_lag{0};                                          // min.compaction.lag.ms
  Millis max_lag = Millis::max();                             // max.compaction.lag.ms
  Millis delete_retention = std::chrono::hours(24);           // delete.retention.ms
  std::int64_t segment_bytes = std::int64_t{1} << 30;         // segment.bytes
  std::int64_t segment_index_bytes = std::int64_t{10} << 20;  // segment.index.bytes
  std::int32_t max_record_bytes = INT32_MAX;                  // max.decompressed.message.bytes
  bool compacts = true;                                       // cleanup.policy has `compact`
  bool deletes = false;                                       // cleanup.policy has `delete` too

  // Whether the times of segments matter at all: to find them out takes a look at files.
  bool heeds_largest_timestamps() const { return min_lag > Millis(0); }
  bool heeds_first_timestamps() const { return max_lag < Millis::max(); }
};

struct SegmentFacts {
  Offset base;
  std::uint64_t size = 0;
  std::uint64_t offset_index_size = 0;
  std::uint64_t time_index_size = 0;
  std::int64_t modified_millis = 0;
  std::int64_t largest_timestamp = -1;  // only if heeds_largest_timestamps(); of records, or modified_millis
  std::int64_t first_timestamp = -1;    // only if heeds_first_timestamps(); of the first batch; -1: unknown
};

struct LogFacts {
  CompactionConfig config;
  std::vector<SegmentFacts> segments = {};  // in order; the last one is active
  Offset log_start;
  Offset log_end;
  Offset last_stable;  // no later than the high watermark
  // From cleaner-offset-checkpoint: everything below has been cleaned.
  std::optional<Offset> checkpoint;
};

enum class CheckpointFault : std::uint8_t {
  none,
  before_log_start,  // no wonder, when old segments are deleted too
  behind_log_end,
};

struct CleaningPlan {
  Offset first_dirty;
  Offset first_uncleanable;  // a segment's beginning
  // The checkpoint was of no use; first_dirty is to be written in its place.
  CheckpointFault checkpoint_fault = CheckpointFault::none;
  std::uint64_t clean_bytes = 0;
  std::uint64_t cleanable_bytes = 0;
  // For how long data has waited beyond max.compaction.lag.ms.
  std::chrono::milliseconds overdue{0};

  std::uint64_t total_bytes() const { return clean_bytes + cleanable_bytes; }
  double cleanable_ratio() const {
    return total_bytes() == 0 ? 0 : static_cast<double>(cleanable_bytes) / static_cast<double>(total_bytes());
  }
  bool wanted(const CompactionConfig& config) const {
    if (total_bytes() == 0) return false;
    if (overdue.count() > 0 && cleanable_bytes > 0) return true;
    return cleanable_ratio() > config.min_cleanable_ratio;
  }
};

CleaningPlan plan_cleaning(const LogFacts& log, std::int64_t now_millis);

// Which of several wanted plans goes first: the dirtiest. Nothing of none.
std::optional<std::size_t> dirtiest(std::span<const CleaningPlan> plans);

// A run of segments that become one: [begin, end) of those that were given.
struct SegmentGroup {
  std::size_t begin = 0;
  std::size_t end = 0;

  friend bool operator==(const SegmentGroup&, const SegmentGroup&) = default;
};

// All segments that begin before `end`.
std::vector<SegmentGroup> group_segments(std::span<const SegmentFacts> segments, Offset end,
                                         Offset first_uncleanable, const CompactionConfig& config);

// For records of magic 0 and 1, which have no delete horizon: tombstones in segments changed after this time stay.
std::int64_t legacy_delete_horizon(std::span<const SegmentFacts> segments, Offset first_dirty,
                                   const CompactionConfig& config);

}  // namespace ottla::storage
