// What the header of a batch in a segment says, of any magic.
//
// Lifetime:    a value.
// Concurrency: pure.
// Errors:      corrupt for what no batch begins with.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/offset.h"
#include "base/result.h"
#include "record/batch_layout.h"

namespace ottla::storage {

struct StoredBatch {
  std::uint64_t position = 0;  // in its segment
  std::uint64_t size = 0;
  Offset base_offset;  // of magic 0 and 1 the last one, since the first may be hidden in compressed bytes
  Offset last_offset;  // there is one behind it
  std::int64_t max_timestamp = record::kNoTimestamp;
  std::int32_t leader_epoch = -1;
  std::int8_t magic = record::kMagic;
  // Of magic 2 alone.
  bool broker_time = false;  // all records have the largest timestamp, whatever they say
  std::int32_t records = 0;

  std::uint64_t end() const { return position + size; }
  // There is a record for every offset: none was compacted away, and all can be counted by the header alone.
  bool has_all_records() const { return records > 0 && records - 1 == last_offset - base_offset; }
};

// A header of magic 2; those of magic 0 and 1 are shorter than this, and so may be their batches.
inline constexpr std::size_t kBatchHeaderSize = record::kRecordsAt;

// `bytes` begin with a batch and hold kBatchHeaderSize bytes, or all there are before the segment's end.
Result<StoredBatch> read_stored_batch(std::span<const std::byte> bytes, std::uint64_t position);
// Whether the checksum of a whole batch holds, in the manner of its magic.
bool checksum_holds(std::span<const std::byte> batch, std::int8_t magic);

}  // namespace ottla::storage
