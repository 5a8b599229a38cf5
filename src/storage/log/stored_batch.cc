#include "storage/log/stored_batch.h"

#include <string>

#include "base/endian.h"
#include "record/batch_view.h"
#include "storage/log/batch_checksum.h"

namespace ottla::storage {
namespace {

// Magic 0 and 1: crc 12, magic 16, attributes 17, timestamp (of magic 1) 18.
constexpr std::size_t kLegacyTimestampAt = 18;
constexpr std::uint64_t kSmallestLegacy0 = 26;
constexpr std::uint64_t kSmallestLegacy1 = 34;

Error bad_batch(std::uint64_t position, std::string what) {
  return Error(Errc::corrupt, "the batch at byte " + std::to_string(position) + " " + std::move(what));
}

Result<StoredBatch> read_legacy(std::span<const std::byte> bytes, StoredBatch batch) {
  if (batch.size < (batch.magic == 0 ? kSmallestLegacy0 : kSmallestLegacy1)) {
    return bad_batch(batch.position, "is too small for its magic");
  }
  batch.last_offset = batch.base_offset;
  if (batch.magic == 1 && bytes.size() >= kLegacyTimestampAt + 8) {
    batch.max_timestamp = load_big_endian<std::int64_t>(bytes.data() + kLegacyTimestampAt);
  }
  return batch;
}

}  // namespace

Result<StoredBatch> read_stored_batch(std::span<const std::byte> bytes, std::uint64_t position) {
  const Result<record::BatchFront> front = record::read_front(bytes);
  if (!front.ok()) return bad_batch(position, "has no header");
  StoredBatch batch{.position = position,
                    .size = static_cast<std::uint64_t>(front->size),
                    .base_offset = front->base_offset,
                    .last_offset = front->base_offset,
                    .magic = front->magic};
  if (batch.base_offset < Offset(0)) return bad_batch(position, "has a negative offset");
  if (batch.base_offset == Offset::max()) return bad_batch(position, "has an offset that none can follow");
  if (batch.magic == 0 || batch.magic == 1) return read_legacy(bytes, batch);
  if (batch.magic != record::kMagic) {
    return bad_batch(position, "is of magic " + std::to_string(batch.magic));
  }
  if (batch.size < kBatchHeaderSize || bytes.size() < kBatchHeaderSize) {
    return bad_batch(position, "is too small for its magic");
  }
  const std::byte* const at = bytes.data();
  const auto delta = load_big_endian<std::int32_t>(at + record::kLastOffsetDeltaAt);
  const Result<Offset> last = batch.base_offset.checked_add(delta);
  if (delta < 0 || !last.ok() || *last == Offset::max())
    return bad_batch(position, "has an impossible last offset");
  batch.last_offset = *last;
  batch.leader_epoch = load_big_endian<std::int32_t>(at + record::kLeaderEpochAt);
  batch.max_timestamp = load_big_endian<std::int64_t>(at + record::kMaxTimestampAt);
  const record::Attributes attributes(load_big_endian<std::int16_t>(at + record::kAttributesAt));
  batch.broker_time = attributes.timestamp_type() == record::TimestampType::log_append_time;
  batch.records = load_big_endian<std::int32_t>(at + record::kCountAt);
  return batch;
}

bool checksum_holds(std::span<const std::byte> batch, std::int8_t magic) {
  if (batch.size() < BatchChecksum::kHead) return false;
  BatchChecksum sum(magic, batch);
  sum.add(batch);
  return sum.holds();
}

}  // namespace ottla::storage
