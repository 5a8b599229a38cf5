// Reads single values at a place that moves on: the leaves of all decoders.
//
// Use:         a base of Decoder, which reads by the tables; code that is unrolled (hot_reader.h) takes a copy.
// Lifetime:    as the bytes, the arena and the fault log, which are the caller's.
// Concurrency: confined to one shard, like its arena.
// Invariants:  1. reads only between at and end; a failed read leaves the fault and the place in the log
//              2. counts are believed only up to the bytes left; what is built is charged to the arena
// Notes:       inline, and the leaves take the field's table entry: code that knows the entry at compile time, and
//              lets no address of its copy out, has the place in a register and costs what hand-written code would.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "base/arena.h"
#include "base/endian.h"
#include "base/uuid.h"
#include "base/varint.h"
#include "protocol/array.h"
#include "protocol/fault.h"
#include "protocol/fields.h"
#include "protocol/schema.h"

namespace ottla::protocol {

// Bytes of one value of `kind` on the wire, or the fewest that it takes.
constexpr std::size_t smallest_size(Kind kind) {
  switch (kind) {
    case Kind::int16:
    case Kind::uint16:
      return 2;
    case Kind::int32:
    case Kind::uint32:
      return 4;
    case Kind::int64:
    case Kind::float64:
      return 8;
    case Kind::uuid:
      return 16;
    default:
      return 1;
  }
}
constexpr bool is_scalar(Kind kind) {
  return kind <= Kind::uuid;
}

// Size in memory of one element of an array of `kind`, structures excepted.
constexpr std::size_t element_size(Kind kind) {
  if (kind == Kind::string) return sizeof(std::string_view);
  if (kind == Kind::bytes) return sizeof(Bytes);
  return smallest_size(kind);
}

// One value of a fixed size, whose bytes are there.
[[gnu::always_inline]] inline void load_scalar(Kind kind, const std::byte* from, std::byte* out) {
  switch (kind) {
    case Kind::boolean:
      *reinterpret_cast<bool*>(out) = *from != std::byte{0};
      return;
    case Kind::int8:
      *reinterpret_cast<std::int8_t*>(out) = static_cast<std::int8_t>(*from);
      return;
    case Kind::int16:
      *reinterpret_cast<std::int16_t*>(out) = load_big_endian<std::int16_t>(from);
      return;
    case Kind::uint16:
      *reinterpret_cast<std::uint16_t*>(out) = load_big_endian<std::uint16_t>(from);
      return;
    case Kind::int32:
      *reinterpret_cast<std::int32_t*>(out) = load_big_endian<std::int32_t>(from);
      return;
    case Kind::uint32:
      *reinterpret_cast<std::uint32_t*>(out) = load_big_endian<std::uint32_t>(from);
      return;
    case Kind::int64:
      *reinterpret_cast<std::int64_t*>(out) = load_big_endian<std::int64_t>(from);
      return;
    case Kind::float64:
      *reinterpret_cast<double*>(out) = std::bit_cast<double>(load_big_endian<std::uint64_t>(from));
      return;
    case Kind::uuid:
      *reinterpret_cast<Uuid*>(out) =
          Uuid(load_big_endian<std::uint64_t>(from), load_big_endian<std::uint64_t>(from + 8));
      return;
    default:
      std::unreachable();
  }
}

// `count` values of a fixed size, turned into this machine's order.
void load_scalars(Kind kind, const std::byte* from, std::uint32_t count, std::byte* out);

// The first thing that went wrong, if something did.
struct FaultLog {
  const std::byte* begin;  // of the bytes
  FaultDetail detail;
};

class WireReader {
 public:
  // Without an arena only what is visited in place can be read; without a log only what was read before.
  WireReader(std::span<const std::byte> bytes, std::int16_t version, bool flexible, Arena* arena,
             FaultLog* log)
      : at_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        arena_(arena),
        log_(log),
        version_(version),
        flexible_(flexible) {}

  const std::byte* at() const { return at_; }
  std::span<const std::byte> rest() const { return {at_, end_}; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  std::int16_t version() const { return version_; }
  bool flexible() const { return flexible_; }
  Arena* arena() const { return arena_; }
  FaultLog* log() const { return log_; }
  // Where a copy of this reader has come to.
  [[gnu::always_inline]] void move_to(const std::byte* at) { at_ = at; }

  [[gnu::always_inline]] bool fail(Fault fault, std::uint64_t value) {
    note_fault(log_, at_, end_, fault, value);
    return false;
  }

  // One value that is neither an array nor a structure.
  [[gnu::always_inline]] bool read_leaf(const FieldInfo& field, Kind kind, std::byte* out) {
    if (is_scalar(kind)) {
      const std::byte* from = take(smallest_size(kind));
      if (from == nullptr) [[unlikely]]
        return false;
      load_scalar(kind, from, out);
      return true;
    }
    switch (kind) {
      case Kind::string:
        return read_text(field, *reinterpret_cast<std::string_view*>(out));
      case Kind::nullable_string:
        return read_nullable_text(field, *reinterpret_cast<NullableText*>(out));
      case Kind::bytes:
        return read_bytes(field, *reinterpret_cast<Bytes*>(out));
      case Kind::records:
        return read_records(field, *reinterpret_cast<Records*>(out));
      default:
        break;
    }
    std::unreachable();
  }
  // The same without a place for it.
  [[gnu::always_inline]] bool skip_leaf(const FieldInfo& field, Kind kind) {
    if (is_scalar(kind)) return skip(smallest_size(kind));
    const std::byte* data = nullptr;
    std::size_t size = 0;
    if (kind == Kind::string || kind == Kind::nullable_string)
      return read_run<std::int16_t>(field, data, size);
    return read_run<std::int32_t>(field, data, size);
  }

  // The count of an array that `field` may leave out; -1 stands for null. Of at least `smallest` bytes each.
  [[gnu::always_inline]] bool read_count(const FieldInfo& field, std::size_t smallest, std::int64_t& count) {
    if (!read_length<std::int32_t>(flexible_, count)) return false;
    if (count < 0) [[unlikely]]
      return count == -1 ? null_allowed(field) : fail(Fault::bad_length, static_cast<std::uint64_t>(count));
    if (static_cast<std::uint64_t>(count) > left() / smallest) [[unlikely]]
      return fail(Fault::too_many, static_cast<std::uint64_t>(count));
    return true;
  }
  // Whether a structure follows. What says so is a varint in tagged fields and one signed byte in all others.
  [[gnu::always_inline]] bool read_presence(const FieldInfo& field, bool& present) {
    if (field.tagged.contains(version_)) {
      std::uint32_t mark = 0;
      if (!read_varint(mark)) return false;
      present = static_cast<std::int32_t>(mark) > 0;
    } else {
      std::int8_t mark = 0;
      if (!read_integer(mark)) return false;
      present = mark >= 0;
    }
    return present || null_allowed(field);
  }
  // Elements of a fixed size, whose count has been checked against the bytes left.
  [[gnu::always_inline]] void read_scalars(Kind kind, std::uint32_t count, std::byte* out) {
    if (smallest_size(kind) == 4) {
      for (std::size_t i = 0; i < std::size_t{4} * count; i += 4) load_scalar(Kind::int32, at_ + i, out + i);
    } else {
      load_scalars(kind, at_, count, out);
    }
    at_ += smallest_size(kind) * count;
  }
  // Null, with the fault noted, when the budget is spent.
  [[gnu::always_inline]] std::byte* allocate(std::size_t size, std::size_t alignment) {
    void* place = arena_->allocate(size, alignment);
    if (place == nullptr) [[unlikely]]
      fail(Fault::out_of_memory, size);
    return static_cast<std::byte*>(place);
  }

  // What a tag's bytes are read within.
  struct TagScope {
    const std::byte* end;  // of what surrounds it
  };
  [[gnu::always_inline]] bool read_tag_count(std::uint32_t& count) {
    if (!read_varint(count)) return false;
    if (count > left() / 2) [[unlikely]]
      return fail(Fault::too_many, count);
    return true;
  }
  bool enter_tag(std::uint32_t& tag, TagScope& scope);
  bool leave_tag(TagScope scope);
  // A structure that comes a second time is a new one: nothing of the first may show through.
  [[gnu::always_inline]] static void start_tagged(const FieldInfo& field, std::byte* out) {
    if (field.kind == Kind::structure && !field.is_array())
      std::memcpy(out, field.structure->initial, field.structure->size);
  }
  // `kept` grows only with an arena: what is visited in place has no unknown tags.
  // Refused, as by the reference, when the structure has a field of that number in other versions.
  bool keep_unknown_tag(const StructureInfo& structure, std::uint32_t tag, TagScope scope,
                        std::uint32_t still_to_come, ErasedArray* kept);

  // The next bytes, which are passed over; null, with the fault noted, when they are not there.
  [[gnu::always_inline]] const std::byte* take(std::size_t size) {
    if (!need(size)) return nullptr;
    return std::exchange(at_, at_ + size);
  }
  [[gnu::always_inline]] bool skip(std::size_t size) {
    if (!need(size)) return false;
    at_ += size;
    return true;
  }

 private:
  [[gnu::cold, gnu::noinline]] static void note_fault(FaultLog* log, const std::byte* at,
                                                      const std::byte* end, Fault fault, std::uint64_t value);

  [[gnu::always_inline]] bool need(std::size_t size) {
    if (left() < size) [[unlikely]]
      return fail(Fault::truncated, size);
    return true;
  }
  template <typename T>
  [[gnu::always_inline]] bool read_integer(T& value) {
    const std::byte* from = take(sizeof(T));
    if (from == nullptr) [[unlikely]]
      return false;
    value = load_big_endian<T>(from);
    return true;
  }
  [[gnu::always_inline]] bool read_varint(std::uint32_t& value) {
    const auto decoded = decode_varint<std::uint32_t>(at_, end_);
    if (!decoded.ok()) [[unlikely]]
      return fail(Fault::malformed_varint, 0);
    at_ = decoded.next;
    value = decoded.value;
    return true;
  }
  // A length or count, -1 for null: Plain in old versions, plus one as a varint in flexible ones.
  template <typename Plain>
  [[gnu::always_inline]] bool read_length(bool compact, std::int64_t& length) {
    if (compact) {
      std::uint32_t raised = 0;
      if (!read_varint(raised)) return false;
      length = static_cast<std::int64_t>(raised) - 1;
      if (length > INT32_MAX) [[unlikely]]
        return fail(Fault::bad_length, static_cast<std::uint64_t>(length));
      return true;
    }
    Plain plain = 0;
    if (!read_integer(plain)) return false;
    length = plain;
    return true;
  }
  [[gnu::always_inline]] bool null_allowed(const FieldInfo& field) {
    return field.nullable.contains(version_) || fail(Fault::unexpected_null, 0);
  }
  // Bytes with their length before them; `data` is null for null.
  template <typename Plain>
  [[gnu::always_inline]] bool read_run(const FieldInfo& field, const std::byte*& data, std::size_t& size) {
    std::int64_t length = 0;
    if (!read_length<Plain>(flexible_ && !field.has(FieldFlag::kInflexible), length)) return false;
    if (length < 0) {
      data = nullptr;
      size = 0;
      return length == -1 ? null_allowed(field) : fail(Fault::bad_length, static_cast<std::uint64_t>(length));
    }
    if (sizeof(Plain) == 2 && length > INT16_MAX) [[unlikely]]
      return fail(Fault::bad_length, static_cast<std::uint64_t>(length));
    size = static_cast<std::size_t>(length);
    data = take(size);
    return data != nullptr;
  }
  [[gnu::always_inline]] bool read_text(const FieldInfo& field, std::string_view& text) {
    const std::byte* data = nullptr;
    std::size_t size = 0;
    if (!read_run<std::int16_t>(field, data, size)) return false;
    text = std::string_view(reinterpret_cast<const char*>(data), size);
    return true;
  }
  [[gnu::always_inline]] bool read_nullable_text(const FieldInfo& field, NullableText& out) {
    std::string_view text;
    if (!read_text(field, text)) return false;
    out = text.data() == nullptr ? NullableText(nullptr) : NullableText(text);
    return true;
  }
  [[gnu::always_inline]] bool read_bytes(const FieldInfo& field, Bytes& out) {
    const std::byte* data = nullptr;
    std::size_t size = 0;
    if (!read_run<std::int32_t>(field, data, size)) return false;
    out = data == nullptr ? Bytes::null() : Bytes(data, size);
    return true;
  }
  [[gnu::always_inline]] bool read_records(const FieldInfo& field, Records& out) {
    const std::byte* data = nullptr;
    std::size_t size = 0;
    if (!read_run<std::int32_t>(field, data, size)) return false;
    out = data == nullptr ? Records(nullptr) : Records(std::span(data, size));
    return true;
  }

  const std::byte* at_;
  const std::byte* end_;
  Arena* arena_;
  FaultLog* log_;
  std::int16_t version_;
  bool flexible_;
};

}  // namespace ottla::protocol
