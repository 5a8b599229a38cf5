// The records of a message of magic 0 or 1: itself, or those that are compressed in its value.
//
// Use:         OTTLA_TRY(auto records, LegacyRecords::of(message, codecs, {.max_output = limit}));
//              while (!records.at_end()) { OTTLA_TRY(LegacyRecord record, records.next()); … }
// Lifetime:    a record that was compressed points into memory of the LegacyRecords, the other into the message.
// Concurrency: confined to the shard of the pool and the source.
// Invariants:  1. there is one record at least
//              2. offsets and times are those that a consumer is told
// Errors:      malformed and corrupt for messages that are not what they claim to be; as the codec has them. A part
//              of a record at the end of the compressed ones is left out, as the reference does.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/mutable_buffer.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/batch_layout.h"
#include "record/compression/decompressor.h"
#include "record/legacy_view.h"

namespace ottla::record {

struct LegacyRecord {
  Offset offset;
  std::int64_t timestamp = kNoTimestamp;
  TimestampType timestamp_type = TimestampType::create_time;
  // Key, value, and a checksum of its own, which nobody has looked at.
  LegacyView message;
};

class LegacyRecords {
 public:
  static Result<LegacyRecords> of(const LegacyView& message, CodecPool& codecs, DecompressionLimits limits,
                                  BufferSource& source = heap_buffers());

  bool at_end() const { return left_.empty(); }
  Result<LegacyRecord> next();

 private:
  explicit LegacyRecords(const LegacyView& message) : outer_(message), left_(message.bytes()) {}

  Result<void> unpack(CodecPool& codecs, DecompressionLimits limits, BufferSource& source);
  Result<void> find_base_offset();

  LegacyView outer_;
  Slice plain_;  // what was compressed
  std::span<const std::byte> left_;
  Offset base_offset_ = Offset(0);  // what inner offsets count from
  bool packed_ = false;
};

}  // namespace ottla::record
