#include "record/batch_view.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/error.h"
#include "base/invariant.h"
#include "base/offset.h"
#include "base/result.h"
#include "record/batch_layout.h"

namespace ottla::record {
namespace {

constexpr std::size_t kWorthExchanging = 16 << 10;

}  // namespace

Result<BatchFront> read_front(std::span<const std::byte> bytes) {
  if (bytes.size() < kUpToMagic) return Errc::truncated;
  const auto length = load_big_endian<std::int32_t>(bytes.data() + kLengthAt);
  const std::int64_t size = std::int64_t{length} + std::int64_t{kLogOverhead};
  if (size < std::int64_t{kUpToMagic}) {
    return Error(Errc::corrupt, fmt::format("a record batch with a length of {}", length));
  }
  return BatchFront{.base_offset = Offset(load_big_endian<std::int64_t>(bytes.data() + kBaseOffsetAt)),
                    .size = size,
                    .magic = static_cast<std::int8_t>(bytes[kMagicAt])};
}

Result<BatchView> BatchView::first_of(std::span<const std::byte> bytes) {
  OTTLA_TRY(const BatchFront front, read_front(bytes));
  if (front.magic != kMagic) {
    return Error(Errc::unsupported, fmt::format("a record batch with magic {}", front.magic));
  }
  if (front.size < std::int64_t{kRecordsAt}) {
    return Error(Errc::corrupt,
                 fmt::format("a record batch of {} bytes, its header has {}", front.size, kRecordsAt));
  }
  if (static_cast<std::uint64_t>(front.size) > bytes.size()) return Errc::truncated;
  return BatchView(bytes.first(static_cast<std::size_t>(front.size)));
}

std::int32_t BatchView::last_sequence() const {
  return has_sequence() ? sequence_after(base_sequence(), last_offset_delta()) : kNoSequence;
}

std::int64_t BatchView::timestamp_at(std::int64_t delta) const {
  if (attributes().timestamp_type() == TimestampType::log_append_time) return max_timestamp();
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(base_timestamp()) +
                                   static_cast<std::uint64_t>(delta));
}

void set_max_timestamp(std::span<std::byte> batch, TimestampType type, std::int64_t timestamp) {
  OTTLA_INVARIANT(batch.size() >= kRecordsAt, "not a batch", batch.size());
  // The checksum is linear: what the front adds to it can be exchanged without reading what stands behind. That
  // takes as long as reading some 16 KiB.
  const auto front = std::as_bytes(batch).subspan(kAttributesAt, kProducerIdAt - kAttributesAt);
  const std::size_t behind = batch.size() - kProducerIdAt;
  const bool exchange = behind > kWorthExchanging;
  const std::uint32_t before = exchange ? crc32c(front) : 0;
  Attributes attributes(load_big_endian<std::int16_t>(batch.data() + kAttributesAt));
  attributes.set_timestamp_type(type);
  store_big_endian(batch.data() + kAttributesAt, attributes.bits());
  store_big_endian(batch.data() + kMaxTimestampAt, timestamp);
  std::uint32_t crc = 0;
  if (exchange) {
    crc = load_big_endian<std::uint32_t>(batch.data() + kCrcAt) ^
          crc32c_combine(before ^ crc32c(front), 0, behind);
  } else {
    crc = crc32c(std::as_bytes(batch).subspan(kAttributesAt));
  }
  store_big_endian(batch.data() + kCrcAt, crc);
}

}  // namespace ottla::record
