#include "base/byte_reader.h"

#include <string>

namespace ottla {

Result<bool> ByteReader::read_bool() {
  OTTLA_TRY(const std::uint8_t byte, read_u8());
  return byte != 0;
}

Result<double> ByteReader::read_f64() {
  OTTLA_TRY(const std::uint64_t bits, read_u64());
  return std::bit_cast<double>(bits);
}

Result<Uuid> ByteReader::read_uuid() {
  if (remaining() < 16) return Errc::truncated;
  const std::byte* from = std::exchange(at_, at_ + 16);
  return Uuid(load_big_endian<std::uint64_t>(from), load_big_endian<std::uint64_t>(from + 8));
}

Result<ByteReader> ByteReader::read_reader(std::size_t length) {
  if (length > remaining()) return Errc::truncated;
  if (over_slice_) return ByteReader(read_slice(length).value());
  return ByteReader(read_bytes(length).value());
}

Result<std::int32_t> ByteReader::read_count(std::size_t min_element_size) {
  const std::byte* start = at_;
  OTTLA_TRY(const std::int32_t count, read_i32());
  return check_count(count, min_element_size, start);
}

Result<std::int32_t> ByteReader::read_compact_count(std::size_t min_element_size) {
  const std::byte* start = at_;
  OTTLA_TRY(const std::uint32_t count_plus_one, read_unsigned_varint());
  return check_count(std::int64_t{count_plus_one} - 1, min_element_size, start);
}

Result<std::int32_t> ByteReader::check_count(std::int64_t count, std::size_t min_element_size,
                                             const std::byte* start) {
  OTTLA_INVARIANT(min_element_size > 0, "elements of no size can be counted without bound");
  Errc fault{};
  if (count < -1 || count > INT32_MAX) {
    fault = Errc::malformed;
  } else if (count > 0 && static_cast<std::size_t>(count) > remaining() / min_element_size) {
    fault = Errc::truncated;
  } else {
    return static_cast<std::int32_t>(count);
  }
  at_ = start;
  return fault;
}

Error ByteReader::fault(Error error, std::string_view field) const {
  std::string text(field);
  text += " at byte ";
  text += std::to_string(position());
  text += " of ";
  text += std::to_string(end_ - begin_);
  return std::move(error).with_context(std::move(text));
}

}  // namespace ottla
