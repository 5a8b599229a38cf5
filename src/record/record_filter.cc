#include "record/record_filter.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/error.h"
#include "base/invariant.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "base/varint.h"
#include "record/batch_layout.h"
#include "record/batch_records.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/compression/compressor.h"
#include "record/record_view.h"

namespace ottla::record {
namespace {

void append(std::vector<std::byte>& to, std::span<const std::byte> bytes) {
  to.insert(to.end(), bytes.begin(), bytes.end());
}

// A number before what it counts.
template <VarintValue T>
void append_varint(std::vector<std::byte>& to, T value) {
  std::array<std::byte, kMaxVarintSize<T>> bytes;
  append(to, {bytes.data(), encode_varint(bytes.data(), value)});
}

std::size_t size_of(const std::optional<std::span<const std::byte>>& bytes) {
  if (!bytes) return 1;
  return varint_size(zigzag(static_cast<std::int32_t>(bytes->size()))) + bytes->size();
}

void append_optional(std::vector<std::byte>& to, const std::optional<std::span<const std::byte>>& bytes) {
  append_varint(to, zigzag(bytes ? static_cast<std::int32_t>(bytes->size()) : -1));
  if (bytes) append(to, *bytes);
}

void append_record(std::vector<std::byte>& to, const RecordView& record, std::int64_t timestamp_delta) {
  const std::uint64_t time = zigzag(timestamp_delta);
  const std::uint32_t offset = zigzag(record.offset_delta);
  const std::uint32_t headers = zigzag(record.headers.size());
  const std::size_t body = 1 + varint_size(time) + varint_size(offset) + size_of(record.key) +
                           size_of(record.value) + varint_size(headers) + record.headers.bytes().size();
  append_varint(to, zigzag(static_cast<std::int32_t>(body)));
  to.push_back(std::byte{0});  // attributes, of which none is defined
  append_varint(to, time);
  append_varint(to, offset);
  append_optional(to, record.key);
  append_optional(to, record.value);
  append_varint(to, headers);
  append(to, record.headers.bytes());
}

std::int64_t difference(std::int64_t time, std::int64_t base) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(time) - static_cast<std::uint64_t>(base));
}

// The header of `batch` before what is left of it.
struct NewHeader {
  Attributes attributes;
  std::int64_t base_timestamp = kNoTimestamp;
  std::int64_t max_timestamp = kNoTimestamp;
  std::size_t records = 0;
};

void finish(std::span<std::byte> out, const BatchView& batch, const NewHeader& header) {
  std::byte* at = out.data();
  std::copy_n(batch.bytes().data(), kRecordsAt, at);
  store_big_endian(at + kLengthAt, static_cast<std::int32_t>(out.size() - kLogOverhead));
  store_big_endian(at + kAttributesAt, header.attributes.bits());
  store_big_endian(at + kBaseTimestampAt, header.base_timestamp);
  store_big_endian(at + kMaxTimestampAt, header.max_timestamp);
  store_big_endian(at + kCountAt, static_cast<std::int32_t>(header.records));
  store_big_endian(at + kCrcAt, crc32c(out.subspan(kAttributesAt)));
}

// The attributes that a batch keeps, whatever is left of it.
Attributes kept_attributes(const BatchView& batch) {
  const Attributes old = batch.attributes();
  return Attributes()
      .set_timestamp_type(old.timestamp_type())
      .set_transactional(old.is_transactional())
      .set_control(old.is_control());
}

}  // namespace

Result<FilteredBatch> RecordFilter::write(const BatchView& batch, const RecordVerdicts& verdicts,
                                          const FilterOptions& options, std::vector<std::byte>& out) {
  OTTLA_INVARIANT(static_cast<std::int64_t>(verdicts.size()) == batch.count(), "a verdict for each record",
                  verdicts.size(), batch.count());
  const Attributes old = batch.attributes();
  if (verdicts.kept() == 0) return options.keep_empty ? write_empty(batch, out) : FilteredBatch();
  std::optional<std::int64_t> horizon = options.new_delete_horizon;
  if (old.has_delete_horizon()) {
    horizon = batch.base_timestamp();
  } else if (horizon) {
    return rebuild(batch, verdicts, horizon, out);
  }
  if (!verdicts.keeps_all()) return rebuild(batch, verdicts, horizon, out);
  append(out, batch.bytes());
  return FilteredBatch{.fate = BatchFate::unchanged,
                       .records = verdicts.kept(),
                       .size = batch.size(),
                       .max_timestamp = batch.max_timestamp()};
}

FilteredBatch RecordFilter::write_empty(const BatchView& batch, std::vector<std::byte>& out) {
  const std::size_t start = out.size();
  out.resize(start + kRecordsAt);
  finish(std::span(out).subspan(start), batch,
         {.attributes = kept_attributes(batch), .max_timestamp = batch.max_timestamp()});
  return {.fate = BatchFate::emptied, .size = kRecordsAt, .max_timestamp = batch.max_timestamp()};
}

Result<FilteredBatch> RecordFilter::rebuild(const BatchView& batch, const RecordVerdicts& verdicts,
                                            std::optional<std::int64_t> horizon,
                                            std::vector<std::byte>& out) {
  const Compression codec = batch.attributes().compression();
  const std::size_t start = out.size();
  out.resize(start + kRecordsAt);
  plain_.clear();
  auto kept = write_records(batch, verdicts, horizon, codec == Compression::none ? out : plain_);
  if (kept.ok() && codec != Compression::none) {
    auto packed = compress(codecs_, CompressionSpec(codec), std::span<const std::byte>(plain_));
    if (packed.ok()) {
      append(out, packed->as_span());
    } else {
      kept = std::move(packed).error();
    }
  }
  const std::size_t size = out.size() - start;
  if (kept.ok() && size > INT32_MAX) kept = Error(Errc::too_large, "a batch of more than 2 GiB");
  if (!kept.ok()) {
    out.resize(start);
    return std::move(kept).error();
  }
  finish(std::span(out).subspan(start), batch,
         {.attributes = kept_attributes(batch).set_compression(codec).set_delete_horizon(horizon.has_value()),
          .base_timestamp = kept->base_timestamp,
          .max_timestamp = kept->max_timestamp,
          .records = verdicts.kept()});
  return FilteredBatch{.fate = BatchFate::rebuilt,
                       .records = verdicts.kept(),
                       .size = size,
                       .max_timestamp = kept->max_timestamp};
}

Result<RecordFilter::Kept> RecordFilter::write_records(const BatchView& batch, const RecordVerdicts& verdicts,
                                                       std::optional<std::int64_t> horizon,
                                                       std::vector<std::byte>& to) {
  OTTLA_TRY(BatchRecords records, BatchRecords::of(batch, codecs_, limits_));
  const bool one_time = batch.attributes().timestamp_type() == TimestampType::log_append_time;
  const std::size_t limit = to.size() + max_kept_bytes_;
  Kept kept;
  std::optional<std::int64_t> base = horizon;
  for (std::size_t i = 0; i < verdicts.size(); ++i) {
    OTTLA_TRY(const auto record, records.next());
    if (!verdicts.keeps(i)) continue;
    const std::int64_t time = one_time ? batch.max_timestamp() : batch.timestamp_at(record->timestamp_delta);
    if (!base) base = time;
    append_record(to, *record, difference(time, *base));
    kept.max_timestamp = std::max(kept.max_timestamp, time);
    if (to.size() > limit) {
      return Error(Errc::too_large, "a batch of which records of more than " +
                                        std::to_string(max_kept_bytes_) + " bytes would stay");
    }
  }
  kept.base_timestamp = *base;
  // Of log append time the header's time is the truth, whatever it is.
  if (one_time) kept.max_timestamp = batch.max_timestamp();
  return kept;
}

Result<void> RecordFilter::write_packed(const BatchView& plain, Compression codec,
                                        std::vector<std::byte>& out) {
  if (codec == Compression::none || plain.count() == 0) {
    append(out, plain.bytes());
    return {};
  }
  OTTLA_TRY(const Slice packed, compress(codecs_, CompressionSpec(codec), plain.records()));
  const std::size_t start = out.size();
  out.resize(start + kRecordsAt);
  append(out, packed.as_span());
  finish(std::span(out).subspan(start), plain,
         {.attributes = plain.attributes().set_compression(codec),
          .base_timestamp = plain.base_timestamp(),
          .max_timestamp = plain.max_timestamp(),
          .records = static_cast<std::size_t>(plain.count())});
  return {};
}

}  // namespace ottla::record
