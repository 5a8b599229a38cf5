#include "record/record_view.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/byte_reader.h"
#include "base/error.h"
#include "base/invariant.h"
#include "base/result.h"

namespace ottla::record {
namespace {

using OptionalBytes = std::optional<std::span<const std::byte>>;

// With their size before them; any negative size is null, as in the reference.
Result<OptionalBytes> read_optional_bytes(ByteReader& reader) {
  OTTLA_TRY(const std::int32_t size, reader.read_varint());
  if (size < 0) return OptionalBytes();
  OTTLA_TRY(const std::span<const std::byte> bytes, reader.read_bytes(static_cast<std::size_t>(size)));
  return OptionalBytes(bytes);
}

Result<HeaderView> read_header(ByteReader& reader) {
  OTTLA_TRY(const std::int32_t size, reader.read_varint());
  if (size < 0) return Errc::malformed;
  HeaderView header;
  OTTLA_TRY(header.key, reader.read_string_view(static_cast<std::size_t>(size)));
  OTTLA_TRY(header.value, read_optional_bytes(reader));
  return header;
}

Result<HeaderList> read_headers(ByteReader& reader, std::span<const std::byte> body) {
  OTTLA_TRY(const std::int32_t count, reader.read_varint());
  // Each header has two sizes.
  if (count < 0 || static_cast<std::size_t>(count) > reader.remaining() / 2) return Errc::malformed;
  const std::size_t start = reader.position();
  for (std::int32_t i = 0; i < count; ++i) {
    OTTLA_TRY([[maybe_unused]] const HeaderView header, read_header(reader));
  }
  return HeaderList(body.subspan(start, reader.position() - start), count);
}

}  // namespace

void HeaderList::Iterator::read() {
  if (left_ == 0) return;
  const auto header = read_header(reader_);
  OTTLA_INVARIANT(header.ok(), "a header that was checked cannot be read");
  header_ = *header;
}

Result<RecordView> read_record(std::span<const std::byte> body) {
  ByteReader reader(body);
  RecordView record;
  OTTLA_CHECK(reader.skip(1));  // attributes, of which none is defined
  OTTLA_TRY(record.timestamp_delta, reader.read_varlong());
  OTTLA_TRY(record.offset_delta, reader.read_varint());
  OTTLA_TRY(record.key, read_optional_bytes(reader));
  OTTLA_TRY(record.value, read_optional_bytes(reader));
  OTTLA_TRY(record.headers, read_headers(reader, body));
  if (!reader.at_end()) return Errc::malformed;
  return record;
}

Result<RecordView> RecordReader::next() {
  OTTLA_INVARIANT(!at_end(), "next() behind the last record");
  OTTLA_TRY(const std::int32_t size, reader_.read_varint());
  if (size < 0) return Errc::malformed;
  OTTLA_TRY(const std::span<const std::byte> body, reader_.read_bytes(static_cast<std::size_t>(size)));
  OTTLA_TRY(const RecordView record, read_record(body));
  --left_;
  return record;
}

}  // namespace ottla::record
