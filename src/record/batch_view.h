// A record batch where it lies: its header, read field by field, and the bytes of its records.
//
// Use:         OTTLA_TRY(BatchView batch, BatchView::first_of(bytes));  bytes = bytes.subspan(batch.size());
// Lifetime:    points into the bytes.
// Concurrency: pure.
// Invariants:  the header and all bytes that its length promises are there, and the magic is 2. Nothing else has
//              been checked: not the checksum, not the counts, not the records.
// Errors:      truncated, when the bytes end before the batch does; corrupt, for a length that no batch has;
//              unsupported, for another magic.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/invariant.h"
#include "base/offset.h"
#include "base/result.h"
#include "record/batch_layout.h"

namespace ottla::record {

// What stands before every batch, and its magic.
struct BatchFront {
  Offset base_offset;
  std::int64_t size = 0;  // of the whole batch; no less than kUpToMagic
  std::int8_t magic = 0;
};

// Of a batch whose rest need not be there yet. Truncated with less than kUpToMagic bytes, corrupt for a length
// that is too small for any magic.
Result<BatchFront> read_front(std::span<const std::byte> bytes);

class BatchView {
 public:
  // The batch at the front of `bytes`; others may follow.
  static Result<BatchView> first_of(std::span<const std::byte> bytes);
  // Exactly one, as a caller knows who has looked at its length and magic before.
  static BatchView whole(std::span<const std::byte> bytes) {
    OTTLA_INVARIANT(bytes.size() >= kRecordsAt && static_cast<std::int8_t>(bytes[kMagicAt]) == kMagic,
                    "not a batch of magic 2", bytes.size());
    return BatchView(bytes);
  }

  std::size_t size() const { return bytes_.size(); }
  std::span<const std::byte> bytes() const { return bytes_; }

  Offset base_offset() const { return Offset(load<std::int64_t>(kBaseOffsetAt)); }
  std::int32_t length() const { return load<std::int32_t>(kLengthAt); }
  std::int32_t leader_epoch() const { return load<std::int32_t>(kLeaderEpochAt); }
  std::uint32_t crc() const { return load<std::uint32_t>(kCrcAt); }
  Attributes attributes() const { return Attributes(load<std::int16_t>(kAttributesAt)); }
  std::int32_t last_offset_delta() const { return load<std::int32_t>(kLastOffsetDeltaAt); }
  std::int64_t base_timestamp() const { return load<std::int64_t>(kBaseTimestampAt); }
  std::int64_t max_timestamp() const { return load<std::int64_t>(kMaxTimestampAt); }
  std::int64_t producer_id() const { return load<std::int64_t>(kProducerIdAt); }
  std::int16_t producer_epoch() const { return load<std::int16_t>(kProducerEpochAt); }
  std::int32_t base_sequence() const { return load<std::int32_t>(kBaseSequenceAt); }
  std::int32_t count() const { return load<std::int32_t>(kCountAt); }
  // Compressed, if the attributes say so.
  std::span<const std::byte> records() const { return bytes_.subspan(kRecordsAt); }

  bool has_producer() const { return producer_id() > kNoProducerId; }
  bool has_sequence() const { return base_sequence() != kNoSequence; }
  std::int32_t last_sequence() const;
  // Too large for an offset when the batch lies about itself.
  Result<Offset> last_offset() const { return base_offset().checked_add(last_offset_delta()); }
  // Of the record with that delta. Deltas wrap around, as in the reference: any two times have one.
  std::int64_t timestamp_at(std::int64_t delta) const;
  bool crc_holds() const { return crc32c(bytes_.subspan(kAttributesAt)) == crc(); }

 private:
  explicit BatchView(std::span<const std::byte> bytes) : bytes_(bytes) {}

  template <typename T>
  T load(std::size_t at) const {
    return load_big_endian<T>(bytes_.data() + at);
  }

  std::span<const std::byte> bytes_;
};

// Sequences count to 2^31 - 1 and begin again at 0.
constexpr std::int32_t sequence_after(std::int32_t sequence, std::int32_t count) {
  const std::int64_t sum = std::int64_t{sequence} + count;
  return static_cast<std::int32_t>(sum > INT32_MAX ? sum - INT32_MAX - 1 : sum);
}

// Patches of a batch that a leader takes: none of these is covered by the checksum.
inline void set_base_offset(std::span<std::byte> batch, Offset offset) {
  store_big_endian(batch.data() + kBaseOffsetAt, offset.raw());
}
inline void set_leader_epoch(std::span<std::byte> batch, std::int32_t epoch) {
  store_big_endian(batch.data() + kLeaderEpochAt, epoch);
}
// This one is: the checksum, which must hold before, holds again after it. With log append time it is the time of
// every record.
void set_max_timestamp(std::span<std::byte> batch, TimestampType type, std::int64_t timestamp);

}  // namespace ottla::record
