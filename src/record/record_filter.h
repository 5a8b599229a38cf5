// What is left of a batch when some of its records go: the part of compaction that concerns bytes.
//
// A batch of which everything stays is written as it is. Another one is made anew under the same offsets: base and last
// offset, producer, epoch, sequence, leader epoch, codec and kind of time stay, so that offsets are kept and a
// producer's sequence goes on where it was; records keep their offsets and times. The largest time becomes that of the
// records that stay. A batch without records can stand for its producer's last sequence, or for the last offset.
//
// A delete horizon is when tombstones and markers of the batch may go. It takes the place of the base timestamp, from
// which times of records count, so that setting one makes the batch anew; it is set once and then kept.
//
// Use:         RecordVerdicts verdicts;  for each record: verdicts.add(keep);
//              OTTLA_TRY(auto left, filter.write(batch, verdicts, options, out));
// Lifetime:    a filter serves one batch after the other and keeps its memory for the next one.
// Concurrency: confined to the codecs' shard.
// Invariants:  1. out grows by the whole new batch, or not at all
//              2. the new batch has a checksum that holds
// Errors:      as BatchRecords and the codecs have them; too_large, when what stays takes more memory than the limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "record/batch_layout.h"
#include "record/batch_records.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"

namespace ottla::record {

// Which records of a batch stay, in their order.
class RecordVerdicts {
 public:
  void clear() {
    verdicts_.clear();
    kept_ = 0;
  }
  void add(bool keep) {
    verdicts_.push_back(keep);
    kept_ += keep ? 1 : 0;
  }
  std::size_t size() const { return verdicts_.size(); }
  std::size_t kept() const { return kept_; }
  bool keeps(std::size_t record) const { return verdicts_[record]; }
  bool keeps_all() const { return kept_ == verdicts_.size(); }

 private:
  std::vector<bool> verdicts_;
  std::size_t kept_ = 0;
};

struct FilterOptions {
  // Of a batch that has none yet.
  std::optional<std::int64_t> new_delete_horizon = {};
  bool keep_empty = false;  // a batch whose last record goes stays, without records
};

enum class BatchFate : std::uint8_t {
  gone,
  unchanged,
  rebuilt,
  emptied,  // its header alone is left
};

struct FilteredBatch {
  BatchFate fate = BatchFate::gone;
  std::size_t records = 0;  // that stay
  std::size_t size = 0;     // in bytes, of what was written
  std::int64_t max_timestamp = kNoTimestamp;
};

class RecordFilter {
 public:
  // `max_kept_bytes`: of the records of one batch that is made anew, without compression.
  RecordFilter(CodecPool& codecs, const RecordLimits& limits, std::uint64_t max_kept_bytes = INT32_MAX)
      : codecs_(codecs), limits_(limits), max_kept_bytes_(max_kept_bytes) {}

  // A verdict for each record.
  Result<FilteredBatch> write(const BatchView& batch, const RecordVerdicts& verdicts,
                              const FilterOptions& options, std::vector<std::byte>& out);
  // The header alone, however many records there were.
  FilteredBatch write_empty(const BatchView& batch, std::vector<std::byte>& out);
  // A batch that is not compressed, with another codec.
  Result<void> write_packed(const BatchView& plain, Compression codec, std::vector<std::byte>& out);

 private:
  struct Kept {
    std::int64_t base_timestamp = kNoTimestamp;
    std::int64_t max_timestamp = kNoTimestamp;
  };
  // Behind what `to` has already.
  Result<Kept> write_records(const BatchView& batch, const RecordVerdicts& verdicts,
                             std::optional<std::int64_t> horizon, std::vector<std::byte>& to);
  Result<FilteredBatch> rebuild(const BatchView& batch, const RecordVerdicts& verdicts,
                                std::optional<std::int64_t> horizon, std::vector<std::byte>& out);

  CodecPool& codecs_;
  const RecordLimits limits_;
  const std::uint64_t max_kept_bytes_;
  std::vector<std::byte> plain_;  // records that will be compressed
};

}  // namespace ottla::record
