// Writes big-endian fields into blocks that it takes from a source, and foreign slices between them uncopied.
//
// Use:         auto size = writer.reserve<std::int32_t>(); …; writer.patch(size, …);
// std::move(writer).finish(); Lifetime:    owns its blocks until finish(); a Mark is good until then.
// Concurrency: confined to the source's shard.
// Invariants:  1. a reserved field lies in one piece, so that patching it is one store
//              2. an exact writer takes one block and holds exactly what it was made for: more and less
//                 both break an invariant, since either means that sizes were computed wrong
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "base/chain.h"
#include "base/endian.h"
#include "base/invariant.h"
#include "base/mutable_buffer.h"
#include "base/range.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "base/varint.h"

namespace ottla {

class ByteWriter {
 public:
  static constexpr std::size_t kFirstBlock = 512;
  static constexpr std::size_t kLargestBlock = std::size_t{64} << 10;  // blocks double up to it

  explicit ByteWriter(BufferSource& source = heap_buffers(), std::size_t first_block = kFirstBlock)
      : source_(&source), next_block_(first_block) {}
  // For `size` bytes of its own; slices, chains and ranges that are appended come on top.
  static ByteWriter exact(std::size_t size, BufferSource& source = heap_buffers());

  ByteWriter(ByteWriter&&) noexcept = default;
  ByteWriter& operator=(ByteWriter&&) noexcept = default;

  // All bytes so far, foreign ones too.
  std::uint64_t size() const { return sealed_.size() + buffer_.size(); }

  void write_i8(std::int8_t value) { write_integer(value); }
  void write_i16(std::int16_t value) { write_integer(value); }
  void write_i32(std::int32_t value) { write_integer(value); }
  void write_i64(std::int64_t value) { write_integer(value); }
  void write_u8(std::uint8_t value) { write_integer(value); }
  void write_u16(std::uint16_t value) { write_integer(value); }
  void write_u32(std::uint32_t value) { write_integer(value); }
  void write_u64(std::uint64_t value) { write_integer(value); }
  void write_bool(bool value) { write_integer(static_cast<std::uint8_t>(value)); }
  void write_f64(double value) { write_integer(std::bit_cast<std::uint64_t>(value)); }
  void write_uuid(const Uuid& uuid) {
    write_integer(uuid.high());
    write_integer(uuid.low());
  }
  void write_unsigned_varint(std::uint32_t value) { write_any_varint(value); }
  void write_unsigned_varlong(std::uint64_t value) { write_any_varint(value); }
  void write_varint(std::int32_t value) { write_any_varint(zigzag(value)); }
  void write_varlong(std::int64_t value) { write_any_varint(zigzag(value)); }
  // Copied.
  void write_bytes(std::span<const std::byte> bytes);
  void write_text(std::string_view text) { write_bytes(std::as_bytes(std::span(text))); }

  // Not copied: the finished chain claims their owners.
  void append(Slice slice) {
    seal();
    sealed_.append(std::move(slice));
  }
  void append(Range range) {
    seal();
    sealed_.append(std::move(range));
  }
  void append(Chain&& chain) {
    seal();
    sealed_.append(std::move(chain));
  }

  // A field whose value is known later, such as the size of what follows it.
  template <std::integral T>
  class Mark {
    friend class ByteWriter;
    Mark(std::byte* at, std::uint64_t end) : at_(at), end_(end) {}
    std::byte* at_;
    std::uint64_t end_;  // size() behind the field
  };
  template <std::integral T>
  Mark<T> reserve() {
    write_integer(T{0});
    return Mark<T>(buffer_.spare().data() - sizeof(T), size());
  }
  template <std::integral T>
  void patch(const Mark<T>& mark, std::type_identity_t<T> value) {
    store_big_endian(mark.at_, value);
  }
  template <std::integral T>
  std::uint64_t bytes_since(const Mark<T>& mark) const {
    return size() - mark.end_;
  }

  Chain finish() &&;
  // In one slice; copies only when there are several pieces.
  Slice finish_slice() && { return std::move(*this).finish().flatten(*source_); }

 private:
  template <std::integral T>
  void write_integer(T value) {
    if (buffer_.spare().size() < sizeof(T)) [[unlikely]]
      grow(sizeof(T));
    store_big_endian(buffer_.spare().data(), value);
    buffer_.commit(sizeof(T));
  }
  template <VarintValue T>
  void write_any_varint(T value) {
    if (buffer_.spare().size() >= kMaxVarintSize<T>) [[likely]] {
      std::byte* start = buffer_.spare().data();
      buffer_.commit(static_cast<std::size_t>(encode_varint(start, value) - start));
      return;
    }
    std::array<std::byte, kMaxVarintSize<T>> encoded;
    write_bytes(std::span(encoded.data(), encode_varint(encoded.data(), value)));
  }
  // Room for at least `count` more bytes in one piece.
  void grow(std::size_t count);
  // Moves what the buffer holds to the chain; its spare bytes stay in use.
  void seal() {
    if (buffer_.size() != 0) sealed_.append(buffer_.take_front(buffer_.size()));
  }

  BufferSource* source_;
  MutableBuffer buffer_;  // what follows sealed_
  Chain sealed_;
  std::size_t next_block_;
  bool exact_ = false;
};

}  // namespace ottla
