#include "record/batch_rebuild.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>
#include <vector>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/error.h"
#include "base/mutable_buffer.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "record/batch_builder.h"
#include "record/batch_check.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/compression/compressor.h"
#include "record/compression/decompressor.h"
#include "record/record_view.h"

namespace ottla::record {
namespace {

// Records as a builder writes them: offsets count, no attributes, times count from the first one.
Result<Slice> written_anew(const BatchView& batch, std::span<const std::byte> records, BufferSource& source) {
  BatchBuilder builder({}, source);
  RecordReader reader(records, batch.count());
  std::vector<HeaderView> headers;
  while (!reader.at_end()) {
    OTTLA_TRY(const RecordView record, reader.next());
    headers.clear();
    for (const HeaderView& header : record.headers) headers.push_back(header);
    builder.append({.timestamp = batch.timestamp_at(record.timestamp_delta),
                    .key = record.key,
                    .value = record.value,
                    .headers = headers});
  }
  return std::move(builder).finish();
}

// The header of `batch` before records of another form.
Result<Slice> with_header(const BatchView& batch, std::int64_t base_timestamp, Compression codec,
                          std::span<const std::byte> records, BufferSource& source) {
  const std::size_t size = kRecordsAt + records.size();
  if (size - kLogOverhead > INT32_MAX) return Error(Errc::too_large, "a batch of more than 2 GiB");
  MutableBuffer buffer = source.allocate(size);
  std::byte* at = buffer.spare().data();
  std::memcpy(at, batch.bytes().data(), kRecordsAt);
  std::memcpy(at + kRecordsAt, records.data(), records.size());
  Attributes attributes = batch.attributes();
  attributes.set_compression(codec).set_delete_horizon(false);
  store_big_endian(at + kLengthAt, static_cast<std::int32_t>(size - kLogOverhead));
  store_big_endian(at + kAttributesAt, attributes.bits());
  store_big_endian(at + kBaseTimestampAt, base_timestamp);
  store_big_endian(at + kCrcAt, crc32c(std::span<const std::byte>(at + kAttributesAt, size - kAttributesAt)));
  return std::move(buffer).freeze(size);
}

}  // namespace

Result<Slice> rebuild_batch(const BatchView& batch, const RecordFindings& findings, const AppendRules& rules,
                            CodecPool& codecs, BufferSource& source) {
  const Compression from = batch.attributes().compression();
  const Compression to = rules.compression ? rules.compression->compression : from;
  // What is not compressed again cannot become smaller.
  const std::int64_t limit = to == Compression::none ? rules.max_message_bytes : rules.max_rebuild_bytes;
  if (findings.bytes > static_cast<std::uint64_t>(limit)) {
    return Error(Errc::too_large,
                 fmt::format("a batch of {} bytes without compression cannot be built again, "
                             "the limit is {}",
                             findings.bytes, limit));
  }
  Slice unpacked;
  std::span<const std::byte> records = batch.records();
  if (from != Compression::none) {
    OTTLA_TRY(unpacked, decompress(codecs, from, records, static_cast<std::uint64_t>(limit), source));
    records = unpacked.as_span();
  }
  std::int64_t base_timestamp = batch.base_timestamp();
  Slice anew;
  if (!findings.contiguous || !findings.canonical) {
    OTTLA_TRY(anew, written_anew(batch, records, source));
    OTTLA_TRY(const BatchView built, BatchView::first_of(anew.as_span()));
    base_timestamp = built.base_timestamp();
    records = anew.as_span().subspan(kRecordsAt);
  }
  if (to == Compression::none) return with_header(batch, base_timestamp, to, records, source);
  const CompressionSpec spec = rules.compression.value_or(CompressionSpec(to));
  OTTLA_TRY(const Slice packed, compress(codecs, spec, records, source));
  return with_header(batch, base_timestamp, to, packed.as_span(), source);
}

void place_batch(std::span<std::byte> batch, TimestampType type, std::int64_t max_timestamp,
                 const AppendPlace& place) {
  set_base_offset(batch, place.next_offset);
  set_leader_epoch(batch, place.leader_epoch.raw());
  const Attributes attributes(load_big_endian<std::int16_t>(batch.data() + kAttributesAt));
  const auto stored = load_big_endian<std::int64_t>(batch.data() + kMaxTimestampAt);
  if (attributes.timestamp_type() != type || stored != max_timestamp) {
    set_max_timestamp(batch, type, max_timestamp);
  }
}

}  // namespace ottla::record
