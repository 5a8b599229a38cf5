// Reads big-endian fields from bytes of unknown honesty: every read is checked and is a Result.
//
// Use:         OTTLA_TRY(std::int32_t size, reader.read_i32());
// Lifetime:    over a Slice it claims the block; over a span the caller keeps the bytes alive. What returns
//              a span or a string_view points into those bytes.
// Concurrency: confined to one shard.
// Errors:      truncated or malformed, as a bare code: nothing is allocated for hostile input. A failed read
//              does not move the reader, so that position() is where it failed; fault() makes the text.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/block.h"
#include "base/endian.h"
#include "base/invariant.h"
#include "base/result.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "base/varint.h"

namespace ottla {

class ByteReader {
 public:
  explicit ByteReader(Slice bytes)
      : begin_(bytes.data()),
        at_(begin_),
        end_(begin_ + bytes.size()),
        slice_(std::move(bytes)),
        over_slice_(true) {}
  explicit ByteReader(std::span<const std::byte> bytes)
      : begin_(bytes.data()), at_(begin_), end_(begin_ + bytes.size()) {}

  std::size_t position() const { return static_cast<std::size_t>(at_ - begin_); }
  std::size_t remaining() const { return static_cast<std::size_t>(end_ - at_); }
  bool at_end() const { return at_ == end_; }

  Result<std::int8_t> read_i8() { return read_integer<std::int8_t>(); }
  Result<std::int16_t> read_i16() { return read_integer<std::int16_t>(); }
  Result<std::int32_t> read_i32() { return read_integer<std::int32_t>(); }
  Result<std::int64_t> read_i64() { return read_integer<std::int64_t>(); }
  Result<std::uint8_t> read_u8() { return read_integer<std::uint8_t>(); }
  Result<std::uint16_t> read_u16() { return read_integer<std::uint16_t>(); }
  Result<std::uint32_t> read_u32() { return read_integer<std::uint32_t>(); }
  Result<std::uint64_t> read_u64() { return read_integer<std::uint64_t>(); }
  // Any byte but 0 is true, as in the reference.
  Result<bool> read_bool();
  Result<double> read_f64();
  Result<Uuid> read_uuid();

  Result<std::uint32_t> read_unsigned_varint() { return read_any_varint<std::uint32_t>(); }
  Result<std::uint64_t> read_unsigned_varlong() { return read_any_varint<std::uint64_t>(); }
  Result<std::int32_t> read_varint() { return read_zigzag<std::uint32_t>(); }
  Result<std::int64_t> read_varlong() { return read_zigzag<std::uint64_t>(); }

  Result<std::span<const std::byte>> read_bytes(std::size_t length) {
    if (length > remaining()) [[unlikely]]
      return Errc::truncated;
    return std::span(std::exchange(at_, at_ + length), length);
  }
  Result<std::string_view> read_string_view(std::size_t length) {
    if (length > remaining()) [[unlikely]]
      return Errc::truncated;
    return std::string_view(reinterpret_cast<const char*>(std::exchange(at_, at_ + length)), length);
  }
  // Shares the block; only for a reader over a slice.
  Result<Slice> read_slice(std::size_t length) {
    OTTLA_INVARIANT(over_slice_, "read_slice from a reader over a span");
    if (length > remaining()) [[unlikely]]
      return Errc::truncated;
    return Slice(slice_.owner(), std::span(std::exchange(at_, at_ + length), length));
  }
  // A reader of its own for the next `length` bytes, which this one skips.
  Result<ByteReader> read_reader(std::size_t length);
  Result<> skip(std::size_t length) {
    if (length > remaining()) [[unlikely]]
      return Errc::truncated;
    at_ += length;
    return {};
  }

  // A count of elements, each of at least `min_element_size` (> 0) bytes: truncated when the bytes left
  // cannot hold them, malformed when it is below -1; -1 is passed on for null.
  Result<std::int32_t> read_count(std::size_t min_element_size);
  // The same in compact form, where the wire carries the count plus one and 0 stands for null.
  Result<std::int32_t> read_compact_count(std::size_t min_element_size);

  // Text for a failed read: "records at byte 61 of 80: truncated".
  Error fault(Error error, std::string_view field) const;

 private:
  template <typename T>
  Result<T> read_integer() {
    if (remaining() < sizeof(T)) [[unlikely]]
      return Errc::truncated;
    return load_big_endian<T>(std::exchange(at_, at_ + sizeof(T)));
  }
  template <typename T>
  Result<T> read_any_varint() {
    const DecodedVarint<T> decoded = decode_varint<T>(at_, end_);
    if (!decoded.ok()) [[unlikely]]
      return varint_errc<T>();
    at_ = decoded.next;
    return decoded.value;
  }
  template <typename T>
  Result<std::make_signed_t<T>> read_zigzag() {
    const DecodedVarint<T> decoded = decode_varint<T>(at_, end_);
    if (!decoded.ok()) [[unlikely]]
      return varint_errc<T>();
    at_ = decoded.next;
    return unzigzag(decoded.value);
  }
  template <typename T>
  Errc varint_errc() const {
    return varint_fault<T>(at_, end_) == VarintFault::truncated ? Errc::truncated : Errc::malformed;
  }
  Result<std::int32_t> check_count(std::int64_t count, std::size_t min_element_size, const std::byte* start);

  const std::byte* begin_;
  const std::byte* at_;  // begin_ <= at_ <= end_
  const std::byte* end_;
  Slice slice_;  // what it reads from, when over_slice_
  bool over_slice_ = false;
};

}  // namespace ottla
