#include "test/wire/one_record_batch.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/byte_writer.h"
#include "base/crc32c.h"
#include "base/slice.h"

namespace ottla::wire_check {
namespace {

constexpr std::int8_t kMagic = 2;

// Attributes, deltas of time and offset, no key, the value, no headers.
Slice record_of(std::string_view value) {
  ByteWriter writer;
  writer.write_i8(0);
  writer.write_varlong(0);
  writer.write_varint(0);
  writer.write_varint(-1);
  writer.write_varint(static_cast<std::int32_t>(value.size()));
  writer.write_text(value);
  writer.write_varint(0);
  return std::move(writer).finish_slice();
}

// All that the checksum covers.
Slice checked_part(std::string_view value, std::int64_t timestamp_ms) {
  const Slice record = record_of(value);
  ByteWriter writer;
  writer.write_i16(0);  // attributes: no compression, create time
  writer.write_i32(0);  // last offset delta
  writer.write_i64(timestamp_ms);
  writer.write_i64(timestamp_ms);
  writer.write_i64(-1);  // producer id
  writer.write_i16(-1);  // producer epoch
  writer.write_i32(-1);  // base sequence
  writer.write_i32(1);   // records
  writer.write_varint(static_cast<std::int32_t>(record.size()));
  writer.write_bytes(record.as_span());
  return std::move(writer).finish_slice();
}

}  // namespace

Slice one_record_batch(std::string_view value, std::int64_t timestamp_ms) {
  const Slice checked = checked_part(value, timestamp_ms);
  ByteWriter writer;
  writer.write_i64(0);  // base offset
  writer.write_i32(static_cast<std::int32_t>(4 + 1 + 4 + checked.size()));
  writer.write_i32(-1);  // leader epoch
  writer.write_i8(kMagic);
  writer.write_u32(crc32c(checked.as_span()));
  writer.write_bytes(checked.as_span());
  return std::move(writer).finish_slice();
}

}  // namespace ottla::wire_check
