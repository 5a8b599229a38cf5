// Turns messages into bytes, by the tables of schema.h: once to count and to check, once to write.
//
// Use:         codec.h is the door; this is its engine.
// Concurrency: confined to one shard.
// Invariants:  1. both passes are the same code, so that the count is exact
//              2. what can be wrong with a message is found by Measure; WriteSink cannot fail
//              3. record sets that lie in chains are claimed, not copied
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

#include "base/chain.h"
#include "base/endian.h"
#include "base/mutable_buffer.h"
#include "base/uuid.h"
#include "base/varint.h"
#include "protocol/array.h"
#include "protocol/fault.h"
#include "protocol/fields.h"
#include "protocol/schema.h"
#include "protocol/wire_reader.h"

namespace ottla::protocol {

// A chain of record pieces, and what is written before it.
inline std::size_t records_pieces(const Records& records) {
  return records.chain()->piece_count() + 1;
}

// Numbers of `element` bytes each, turned into the wire's order.
void store_scalars(std::size_t element, const std::byte* from, std::size_t bytes, std::byte* to);

// Counts what would be written, and notes what cannot be.
class Measure {
 public:
  static constexpr bool kChecks = true;

  Measure(std::int16_t version, bool flexible) : version_(version), flexible_(flexible) {}

  std::int16_t version() const { return version_; }
  bool flexible() const { return flexible_; }
  std::uint64_t size() const { return size_; }
  // Bytes of `size` that are claimed and not copied.
  std::uint64_t foreign() const { return foreign_; }
  // Pieces of the chain that will be written, those between foreign ones included.
  std::size_t pieces() const { return pieces_; }
  const FaultDetail& detail() const { return detail_; }
  const FaultPath& path() const { return path_; }

  template <typename T>
  void put_integer(T) {
    size_ += sizeof(T);
  }
  // Room for so many bytes: none, since they are only counted.
  std::byte* advance(std::size_t size) {
    size_ += size;
    return nullptr;
  }
  void put_varint(std::uint32_t value) { size_ += varint_size(value); }
  void put_bytes(const void*, std::size_t size) { size_ += size; }
  void put_scalars(std::size_t element, const ErasedArray& array) { size_ += element * array.size(); }
  void put_records(const Records& records) {
    size_ += records.size();
    if (records.chain() == nullptr) return;
    foreign_ += records.size();
    pieces_ += records_pieces(records);
  }
  // What was counted elsewhere.
  void add(std::uint64_t size, std::uint64_t foreign, std::size_t pieces) {
    size_ += size;
    foreign_ += foreign;
    pieces_ += pieces;
  }

  bool fail(Fault fault, std::uint64_t value = 0) {
    detail_ = {.fault = fault, .value = value};
    return false;
  }
  void note(const FieldInfo& field) { path_.note(field); }
  void note_index(std::int64_t index) { path_.note_index(index); }
  // What went wrong in a part that was measured on its own.
  void adopt_fault(const Measure& part) {
    detail_ = part.detail_;
    path_ = part.path_;
  }

 private:
  const std::int16_t version_;
  const bool flexible_;
  std::uint64_t size_ = 0;
  std::uint64_t foreign_ = 0;
  std::size_t pieces_ = 1;
  FaultDetail detail_;
  FaultPath path_;
};

// Writes into one block of the size that was measured, and claims foreign pieces between.
class WriteSink {
 public:
  static constexpr bool kChecks = false;

  // `own`: the bytes that will be written and not claimed.
  WriteSink(std::size_t own, std::size_t pieces, BufferSource& source)
      : buffer_(source.allocate(own)), at_(buffer_.spare().data()), end_(at_ + own), first_(at_) {
    sealed_.reserve(pieces);
  }
  WriteSink(const WriteSink&) = delete;
  WriteSink& operator=(const WriteSink&) = delete;

  void set_version(std::int16_t version, bool flexible) {
    version_ = version;
    flexible_ = flexible;
  }
  std::int16_t version() const { return version_; }
  bool flexible() const { return flexible_; }
  // Own bytes that may still be written.
  std::size_t room() const { return static_cast<std::size_t>(end_ - at_); }

  template <typename T>
  void put_integer(T value) {
    store_big_endian(at_, value);
    at_ += sizeof(T);
  }
  std::byte* advance(std::size_t size) { return std::exchange(at_, at_ + size); }
  void put_varint(std::uint32_t value) { at_ = encode_varint(at_, value); }
  void put_bytes(const void* bytes, std::size_t size) {
    if (size != 0) std::memcpy(at_, bytes, size);
    at_ += size;
  }
  void put_scalars(std::size_t element, const ErasedArray& array) {
    store_scalars(element, static_cast<const std::byte*>(array.erased()), element * array.size(), at_);
    at_ += element * array.size();
  }
  void put_records(const Records& records);

  bool fail(Fault, std::uint64_t = 0) { return false; }
  void note(const FieldInfo&) {}
  void note_index(std::int64_t) {}

  // For writers that keep the place themselves between the two.
  std::byte* at() const { return at_; }
  void move_to(std::byte* at) { at_ = at; }

  // All bytes so far, claimed ones included.
  std::uint64_t written() const { return sealed_.size() + static_cast<std::uint64_t>(at_ - first_); }
  // All that was written; breaks an invariant if that is not exactly what was measured.
  Chain finish() &&;
  // The same, when less than the room was used.
  Chain finish_early() &&;

 private:
  void seal();

  MutableBuffer buffer_;
  std::byte* at_;
  std::byte* end_;
  const std::byte* first_;  // of the bytes that are not in sealed_ yet
  Chain sealed_;
  std::int16_t version_ = 0;
  bool flexible_ = false;
};

// Whether `field` of a structure that begins at `data` has the value that it has in a new one.
bool is_initial(const StructureInfo& structure, const FieldInfo& field, const std::byte* data);

// False, for Measure only, when something cannot be written.
template <typename Sink>
bool put_structure(Sink& sink, const StructureInfo& structure, const std::byte* data);
template <typename Sink>
bool put_field(Sink& sink, const FieldInfo& field, const std::byte* data);
template <typename Sink>
bool put_tags(Sink& sink, const StructureInfo& structure, const std::byte* data);

// A field that the version has not: dropped if it may be, or if it says nothing.
template <typename Sink>
bool leave_out(Sink& sink, const StructureInfo& structure, const FieldInfo& field, const std::byte* data) {
  if constexpr (Sink::kChecks) {
    if (!field.has(FieldFlag::kIgnorable) && !is_initial(structure, field, data)) {
      sink.note(field);
      return sink.fail(Fault::not_in_version);
    }
  }
  return true;
}

// The leaves. `compact`: lengths are varints and raised by one.
template <typename Sink, typename Plain>
[[gnu::always_inline]] inline bool put_length(Sink& sink, bool compact, std::uint64_t length,
                                              std::uint64_t limit) {
  if constexpr (Sink::kChecks) {
    if (length > limit) return sink.fail(Fault::too_long, length);
  }
  if (compact) {
    sink.put_varint(static_cast<std::uint32_t>(length + 1));
  } else {
    sink.put_integer(static_cast<Plain>(length));
  }
  return true;
}

template <typename Sink, typename Plain>
[[gnu::always_inline]] inline bool put_null(Sink& sink, const FieldInfo& field, bool compact) {
  if constexpr (Sink::kChecks) {
    if (!field.nullable.contains(sink.version())) return sink.fail(Fault::unexpected_null);
  }
  if (compact) {
    sink.put_varint(0);
  } else {
    sink.put_integer(static_cast<Plain>(-1));
  }
  return true;
}

template <typename Sink>
[[gnu::always_inline]] inline bool put_text(Sink& sink, const FieldInfo& field, std::string_view text) {
  const bool compact = sink.flexible() && !field.has(FieldFlag::kInflexible);
  if (!put_length<Sink, std::int16_t>(sink, compact, text.size(), INT16_MAX)) return false;
  sink.put_bytes(text.data(), text.size());
  return true;
}

template <typename Sink>
[[gnu::always_inline]] inline bool put_nullable_text(Sink& sink, const FieldInfo& field,
                                                     const NullableText& text) {
  if (text.is_null())
    return put_null<Sink, std::int16_t>(sink, field, sink.flexible() && !field.has(FieldFlag::kInflexible));
  return put_text(sink, field, *text);
}

template <typename Sink>
[[gnu::always_inline]] inline bool put_byte_run(Sink& sink, const FieldInfo& field, const Bytes& bytes) {
  if (bytes.is_null()) return put_null<Sink, std::int32_t>(sink, field, sink.flexible());
  if (!put_length<Sink, std::int32_t>(sink, sink.flexible(), bytes.size(), INT32_MAX)) return false;
  sink.put_bytes(bytes.data(), bytes.size());
  return true;
}

template <typename Sink>
[[gnu::always_inline]] inline bool put_record_set(Sink& sink, const FieldInfo& field,
                                                  const Records& records) {
  if (records.is_null()) return put_null<Sink, std::int32_t>(sink, field, sink.flexible());
  if (!put_length<Sink, std::int32_t>(sink, sink.flexible(), records.size(), INT32_MAX)) return false;
  sink.put_records(records);
  return true;
}

// One value of a fixed size; nothing when there is no place, since it is only measured.
[[gnu::always_inline]] inline void store_scalar(Kind kind, const std::byte* from, std::byte* to) {
  if (to == nullptr) return;
  switch (kind) {
    case Kind::boolean:
    case Kind::int8:
      *to = *from;
      return;
    case Kind::int16:
      store_big_endian(to, *reinterpret_cast<const std::int16_t*>(from));
      return;
    case Kind::uint16:
      store_big_endian(to, *reinterpret_cast<const std::uint16_t*>(from));
      return;
    case Kind::int32:
      store_big_endian(to, *reinterpret_cast<const std::int32_t*>(from));
      return;
    case Kind::uint32:
      store_big_endian(to, *reinterpret_cast<const std::uint32_t*>(from));
      return;
    case Kind::int64:
      store_big_endian(to, *reinterpret_cast<const std::int64_t*>(from));
      return;
    case Kind::float64:
      store_big_endian(to, std::bit_cast<std::uint64_t>(*reinterpret_cast<const double*>(from)));
      return;
    case Kind::uuid: {
      const Uuid& uuid = *reinterpret_cast<const Uuid*>(from);
      store_big_endian(to, uuid.high());
      store_big_endian(to + 8, uuid.low());
      return;
    }
    default:
      std::unreachable();
  }
}

template <typename Sink>
[[gnu::always_inline]] inline bool put_leaf(Sink& sink, const FieldInfo& field, Kind kind,
                                            const std::byte* data) {
  if (is_scalar(kind)) {
    store_scalar(kind, data, sink.advance(smallest_size(kind)));
    return true;
  }
  switch (kind) {
    case Kind::string:
      return put_text(sink, field, *reinterpret_cast<const std::string_view*>(data));
    case Kind::nullable_string:
      return put_nullable_text(sink, field, *reinterpret_cast<const NullableText*>(data));
    case Kind::bytes:
      return put_byte_run(sink, field, *reinterpret_cast<const Bytes*>(data));
    case Kind::records:
      return put_record_set(sink, field, *reinterpret_cast<const Records*>(data));
    default:
      break;
  }
  std::unreachable();
}

}  // namespace ottla::protocol
