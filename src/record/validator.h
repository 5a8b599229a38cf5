// What a leader or a follower does with batches before they are appended: the reference's rules, each error as it
// answers it, offsets and times written into the batches where they lie.
//
// Use:         auto verdict = validator.validate(ExclusiveBytes(records), rules, place);
//              if (!verdict) answer(verdict.error());  else log(verdict->bytes);
// Lifetime:    borrows the pool and the source, which must outlive it. What a verdict points at is valid until the
//              next call; its bytes are its own.
// Concurrency: confined to the shard of its pool and source; no state stays between calls but spare memory.
// Invariants:  1. refused bytes have not been changed
//              2. bytes that a client or coordinator got through are one batch that RecordReader can walk; its
//                 offsets are next_offset, next_offset + 1, …
//              3. the bytes are those that came, unless `rebuilt`
// Differences: docs/compatibility.md lists what the reference lets through and this does not.
#pragma once

#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <vector>

#include "base/exclusive_bytes.h"
#include "base/leader_epoch.h"
#include "base/mutable_buffer.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/append_analysis.h"
#include "record/append_rules.h"
#include "record/batch_check.h"
#include "record/batch_layout.h"

namespace ottla::record {

class CodecPool;

struct ValidatedAppend {
  // What is to be written. Empty when nothing is: a follower was sent batches of a leader that it does not know yet.
  Slice bytes;
  Offset first_offset = kUnknownOffset;  // of magic 0 and 1: the last one of the first batch
  Offset last_offset = kUnknownOffset;
  std::int64_t max_timestamp = kNoTimestamp;
  // The last offset of the first batch that has the largest time: what a time index says.
  Offset offset_of_max_timestamp = kUnknownOffset;
  LeaderEpoch last_leader_epoch = kUnknownLeaderEpoch;
  // What the producer is told, when the broker's time was taken.
  std::optional<std::int64_t> log_append_time;
  bool rebuilt = false;
  std::span<const BatchSummary> batches;

  std::int64_t offsets() const { return bytes.empty() ? 0 : last_offset - first_offset + 1; }
};

class Validator {
 public:
  Validator(CodecPool& codecs, BufferSource& source) : codecs_(codecs), source_(source) {}

  std::expected<ValidatedAppend, Rejection> validate(ExclusiveBytes records, const AppendRules& rules,
                                                     const AppendPlace& place);

 private:
  using Verdict = std::expected<ValidatedAppend, Rejection>;

  Verdict take_as_they_are(ExclusiveBytes&& records, const AppendPlace& place);
  Verdict take_one(ExclusiveBytes&& records, const AppendRules& rules, const AppendPlace& place);
  std::expected<RecordFindings, Rejection> check(const BatchView& batch, const AppendRules& rules,
                                                 const AppendPlace& place);
  std::expected<Slice, Rejection> rebuild(const BatchView& batch, const RecordFindings& findings,
                                          const AppendRules& rules);
  void finish(ValidatedAppend& append, Slice bytes) const;
  Verdict refuse_batches() const;

  CodecPool& codecs_;
  BufferSource& source_;
  std::vector<BatchSummary> batches_;  // of the last call; kept for its memory
};

}  // namespace ottla::record
