// Makes a record batch: records go in one by one, the finished batch comes out in one piece.
//
// Use:         BatchBuilder builder({.base_offset = Offset(5)}); builder.append({.timestamp = now, .value = bytes});
//              Slice batch = std::move(builder).finish();
// Lifetime:    owns its bytes; what is appended is copied.
// Concurrency: confined to its buffer source's shard.
// Invariants:  1. offsets and timestamps may jump, offsets never go back
//              2. a batch is at most 2^31 - 1 bytes, its last offset delta at most that
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/byte_writer.h"
#include "base/mutable_buffer.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/batch_layout.h"
#include "record/record_view.h"

namespace ottla::record {

struct BatchOptions {
  Offset base_offset = Offset(0);
  std::int32_t leader_epoch = -1;
  TimestampType timestamp_type = TimestampType::create_time;
  std::int64_t producer_id = kNoProducerId;
  std::int16_t producer_epoch = kNoProducerEpoch;
  std::int32_t base_sequence = kNoSequence;
  bool transactional = false;
  bool control = false;
  // The base timestamp then says when tombstones and markers may go; records count from it.
  std::optional<std::int64_t> delete_horizon = {};
};

struct NewRecord {
  std::int64_t timestamp = kNoTimestamp;
  std::optional<std::span<const std::byte>> key = {};
  std::optional<std::span<const std::byte>> value = {};
  std::span<const HeaderView> headers = {};
};

class BatchBuilder {
 public:
  explicit BatchBuilder(BatchOptions options, BufferSource& source = heap_buffers());

  // Behind the last one.
  void append(const NewRecord& record);
  void append_at(Offset offset, const NewRecord& record);

  std::int32_t count() const { return count_; }
  // Of the finished batch.
  std::size_t size() const { return kRecordsAt + static_cast<std::size_t>(records_.size()); }
  static std::size_t size_of(const NewRecord& record, std::int64_t timestamp_delta,
                             std::int32_t offset_delta);

  // A batch without records is allowed: compaction leaves such. It ends at `last_offset` then, or if records at
  // its end were left out.
  Slice finish(std::optional<Offset> last_offset = {}) &&;

 private:
  Attributes attributes() const;

  BatchOptions options_;
  BufferSource* source_;
  ByteWriter records_;
  std::int32_t count_ = 0;
  std::int32_t last_delta_ = -1;
  std::optional<std::int64_t> base_timestamp_;
  std::int64_t max_timestamp_ = kNoTimestamp;
};

}  // namespace ottla::record
