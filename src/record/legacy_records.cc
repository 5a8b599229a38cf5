#include "record/legacy_records.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/byte_writer.h"
#include "base/error.h"
#include "base/mutable_buffer.h"
#include "base/offset.h"
#include "base/result.h"
#include "record/batch_layout.h"
#include "record/compression/decompressor.h"
#include "record/legacy_view.h"

namespace ottla::record {
namespace {

Error malformed(const LegacyView& message, std::string_view what) {
  return Error(Errc::malformed,
               fmt::format("the compressed message with offset {}: {}", message.offset().raw(), what));
}

}  // namespace

Result<LegacyRecords> LegacyRecords::of(const LegacyView& message, CodecPool& codecs,
                                        DecompressionLimits limits, BufferSource& source) {
  LegacyRecords records(message);
  if (message.compression_id() != 0) {
    OTTLA_CHECK(records.unpack(codecs, limits, source));
    OTTLA_CHECK(records.find_base_offset());
  }
  return records;
}

Result<void> LegacyRecords::unpack(CodecPool& codecs, DecompressionLimits limits, BufferSource& source) {
  // zstd came after these formats and was never written into them.
  if (!outer_.compression_is_known() || outer_.compression() == Compression::zstd) {
    return malformed(outer_, fmt::format("no codec of its time has the number {}", outer_.compression_id()));
  }
  const auto packed = outer_.value();
  if (!packed) return malformed(outer_, "its value is null");
  const auto lz4_header = outer_.magic() == 0 ? Lz4HeaderChecksum::ignored : Lz4HeaderChecksum::checked;
  OTTLA_TRY(Decompressor runs, Decompressor::open(codecs, outer_.compression(), *packed, limits, lz4_header));
  ByteWriter writer(source);
  for (;;) {
    OTTLA_TRY(const std::span<const std::byte> run, runs.next());
    if (run.empty()) break;
    writer.write_bytes(run);
  }
  plain_ = std::move(writer).finish().flatten(source);
  left_ = plain_.as_span();
  packed_ = true;
  return {};
}

// Messages of magic 1 count from the first one, and the outer one has the offset of the last. Those of magic 0 have
// offsets of their own.
Result<void> LegacyRecords::find_base_offset() {
  std::size_t whole = 0;
  Offset last = kUnknownOffset;
  for (auto rest = left_; !rest.empty();) {
    const auto message = LegacyView::first_of(rest);
    if (!message.ok() && message.error() == Errc::truncated) break;
    if (!message.ok()) return malformed(outer_, message.error().to_string());
    if (message->compression_id() != 0) return malformed(outer_, "a message in it is compressed again");
    last = message->offset();
    whole += message->size();
    rest = rest.subspan(message->size());
  }
  if (whole == 0) return malformed(outer_, "no messages are in it");
  left_ = left_.first(whole);
  // A producer that left the outer offset to the broker wrote 0.
  if (outer_.magic() == 0 || outer_.offset().raw() == 0) return {};
  if (outer_.offset() < last) {
    return malformed(outer_, fmt::format("the last message in it has the offset {}", last.raw()));
  }
  OTTLA_TRY(base_offset_, outer_.offset().checked_add(-last.raw()));
  return {};
}

Result<LegacyRecord> LegacyRecords::next() {
  OTTLA_TRY(const LegacyView message, LegacyView::first_of(left_));
  left_ = left_.subspan(message.size());
  LegacyRecord record{.offset = message.offset(),
                      .timestamp = message.timestamp(),
                      .timestamp_type = message.timestamp_type(),
                      .message = message};
  if (!packed_) return record;
  OTTLA_TRY(record.offset, base_offset_.checked_add(message.offset().raw()));
  if (message.magic() == 1) record.timestamp_type = outer_.timestamp_type();
  if (message.magic() == 1 && outer_.timestamp_type() == TimestampType::log_append_time) {
    record.timestamp = outer_.timestamp();
  }
  return record;
}

}  // namespace ottla::record
