#include "record/batch_builder.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/byte_writer.h"
#include "base/chain.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "base/invariant.h"
#include "base/mutable_buffer.h"
#include "base/offset.h"
#include "base/slice.h"
#include "base/varint.h"
#include "record/batch_layout.h"
#include "record/record_view.h"

namespace ottla::record {
namespace {

using OptionalBytes = std::optional<std::span<const std::byte>>;

std::size_t varint_bytes(std::int64_t value) {
  return varint_size(zigzag(value));
}

std::size_t optional_size(const OptionalBytes& bytes) {
  return bytes ? varint_bytes(std::ssize(*bytes)) + bytes->size() : varint_bytes(-1);
}

void write_optional(ByteWriter& writer, const OptionalBytes& bytes) {
  writer.write_varint(bytes ? static_cast<std::int32_t>(bytes->size()) : -1);
  if (bytes) writer.write_bytes(*bytes);
}

std::size_t body_size(const NewRecord& record, std::int64_t timestamp_delta, std::int32_t offset_delta) {
  std::size_t size = 1 + varint_bytes(timestamp_delta) + varint_bytes(offset_delta) +
                     optional_size(record.key) + optional_size(record.value) +
                     varint_bytes(std::ssize(record.headers));
  for (const HeaderView& header : record.headers) {
    size += varint_bytes(std::ssize(header.key)) + header.key.size() + optional_size(header.value);
  }
  return size;
}

}  // namespace

BatchBuilder::BatchBuilder(BatchOptions options, BufferSource& source)
    : options_(options), source_(&source), records_(source), base_timestamp_(options.delete_horizon) {}

std::size_t BatchBuilder::size_of(const NewRecord& record, std::int64_t timestamp_delta,
                                  std::int32_t offset_delta) {
  const std::size_t body = body_size(record, timestamp_delta, offset_delta);
  return varint_bytes(static_cast<std::int64_t>(body)) + body;
}

void BatchBuilder::append(const NewRecord& record) {
  append_at(options_.base_offset + (last_delta_ + 1), record);
}

void BatchBuilder::append_at(Offset offset, const NewRecord& record) {
  const std::int64_t delta = offset - options_.base_offset;
  OTTLA_INVARIANT(delta > last_delta_ && delta <= INT32_MAX, "an offset out of order", delta, last_delta_);
  if (!base_timestamp_) base_timestamp_ = record.timestamp;
  const auto timestamp_delta = static_cast<std::int64_t>(static_cast<std::uint64_t>(record.timestamp) -
                                                         static_cast<std::uint64_t>(*base_timestamp_));
  last_delta_ = static_cast<std::int32_t>(delta);
  const std::size_t body = body_size(record, timestamp_delta, last_delta_);
  OTTLA_INVARIANT(body <= INT32_MAX - size(), "a batch of more than 2 GiB", body, size());
  records_.write_varint(static_cast<std::int32_t>(body));
  records_.write_i8(0);
  records_.write_varlong(timestamp_delta);
  records_.write_varint(last_delta_);
  write_optional(records_, record.key);
  write_optional(records_, record.value);
  records_.write_varint(static_cast<std::int32_t>(record.headers.size()));
  for (const HeaderView& header : record.headers) {
    records_.write_varint(static_cast<std::int32_t>(header.key.size()));
    records_.write_text(header.key);
    write_optional(records_, header.value);
  }
  max_timestamp_ = std::max(max_timestamp_, record.timestamp);
  ++count_;
}

Attributes BatchBuilder::attributes() const {
  return Attributes()
      .set_timestamp_type(options_.timestamp_type)
      .set_transactional(options_.transactional)
      .set_control(options_.control)
      .set_delete_horizon(options_.delete_horizon.has_value());
}

Slice BatchBuilder::finish(std::optional<Offset> last_offset) && {
  const std::int64_t last_delta = last_offset ? *last_offset - options_.base_offset : last_delta_;
  OTTLA_INVARIANT(last_delta >= last_delta_ && last_delta <= INT32_MAX,
                  "a batch that ends before its records", last_delta, last_delta_);
  const Chain records = std::move(records_).finish();
  const std::size_t size = kRecordsAt + static_cast<std::size_t>(records.size());
  MutableBuffer batch = source_->allocate(size);
  std::byte* at = batch.spare().data();
  store_big_endian(at + kBaseOffsetAt, options_.base_offset.raw());
  store_big_endian(at + kLengthAt, static_cast<std::int32_t>(size - kLogOverhead));
  store_big_endian(at + kLeaderEpochAt, options_.leader_epoch);
  store_big_endian(at + kMagicAt, kMagic);
  store_big_endian(at + kAttributesAt, attributes().bits());
  store_big_endian(at + kLastOffsetDeltaAt, static_cast<std::int32_t>(last_delta));
  store_big_endian(at + kBaseTimestampAt, base_timestamp_.value_or(kNoTimestamp));
  store_big_endian(at + kMaxTimestampAt, max_timestamp_);
  store_big_endian(at + kProducerIdAt, options_.producer_id);
  store_big_endian(at + kProducerEpochAt, options_.producer_epoch);
  store_big_endian(at + kBaseSequenceAt, options_.base_sequence);
  store_big_endian(at + kCountAt, count_);
  records.copy_front(std::span(at + kRecordsAt, size - kRecordsAt));
  store_big_endian(at + kCrcAt, crc32c(std::span<const std::byte>(at + kAttributesAt, size - kAttributesAt)));
  return std::move(batch).freeze(size);
}

}  // namespace ottla::record
