// Turns bytes of unknown honesty into the fields of messages, by the tables of schema.h.
//
// Use:         codec.h is the door; this is its engine.
// Lifetime:    what it builds points into the bytes and the arena.
// Concurrency: confined to one shard, like its arena.
// Invariants:  1. reads only between at and end; a failed read leaves the fault, the place and the path
//              2. counts are believed only up to the bytes left; what is built is charged to the arena
//              3. recursion is as deep as the schema, never as deep as the bytes say
// Notes:       the leaves are inline and take the field's table entry, so that code which knows the entry at
//              compile time (hot_codec.h) costs what hand-written code would.
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

class Decoder {
 public:
  // Without an arena only what is visited in place can be read.
  Decoder(std::span<const std::byte> bytes, std::int16_t version, bool flexible, Arena* arena)
      : begin_(bytes.data()),
        at_(begin_),
        end_(begin_ + bytes.size()),
        arena_(arena),
        version_(version),
        flexible_(flexible) {}

  // `out` has all defaults. False: see detail() and path().
  bool read_structure(const StructureInfo& structure, std::byte* out);
  bool read_field(const FieldInfo& field, std::byte* out);

  const std::byte* at() const { return at_; }
  const std::byte* end() const { return end_; }
  std::size_t left() const { return static_cast<std::size_t>(end_ - at_); }
  std::int16_t version() const { return version_; }
  bool flexible() const { return flexible_; }
  const FaultDetail& detail() const { return detail_; }
  const FaultPath& path() const { return path_; }

  bool fail(Fault fault, std::uint64_t value);
  void note(const FieldInfo& field) { path_.note(field); }
  void note_index(std::int64_t index) { path_.note_index(index); }

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
        return read_string(field, out);
      case Kind::nullable_string:
        return read_nullable_string(field, out);
      case Kind::bytes:
        return read_bytes(field, out);
      case Kind::records:
        return read_records(field, out);
      default:
        break;
    }
    std::unreachable();
  }

  // The count of an array that `field` may leave out; -1 stands for null. Of at least `smallest` bytes each.
  [[gnu::always_inline]] bool read_count(const FieldInfo& field, std::size_t smallest, std::int64_t& count) {
    if (!read_length<std::int32_t>(flexible_, count)) return false;
    if (count < 0)
      return count == -1 ? null_allowed(field) : fail(Fault::bad_length, static_cast<std::uint64_t>(count));
    return static_cast<std::uint64_t>(count) <= left() / smallest ||
           fail(Fault::too_many, static_cast<std::uint64_t>(count));
  }
  // Whether a structure follows. What says so is a varint in tagged fields and one signed byte in all others.
  [[gnu::always_inline]] bool read_presence(const FieldInfo& field, bool& present) {
    if (field.tagged.contains(version_)) {
      std::uint32_t mark = 0;
      if (!read_varint(mark)) return false;
      present = static_cast<std::int32_t>(mark) > 0;
    } else {
      std::int8_t mark = 0;
      if (!read_integer<std::int8_t>(reinterpret_cast<std::byte*>(&mark))) return false;
      present = mark >= 0;
    }
    return present || null_allowed(field);
  }
  // Elements of a fixed size, turned into this machine's order.
  bool read_scalars(Kind kind, std::uint32_t count, std::byte* out);
  template <Kind Of>
  [[gnu::always_inline]] bool read_scalars_of(std::uint32_t count, std::byte* out) {
    if constexpr (Of != Kind::int32) {
      return read_scalars(Of, count, out);
    } else {
      auto* to = reinterpret_cast<std::int32_t*>(out);
      for (std::uint32_t i = 0; i < count; ++i)
        to[i] = load_big_endian<std::int32_t>(at_ + std::size_t{4} * i);
      at_ += std::size_t{4} * count;
      return true;
    }
  }
  // Null, with the fault noted, when the budget is spent.
  [[gnu::always_inline]] std::byte* allocate(std::size_t size, std::size_t alignment) {
    void* place = arena_->allocate(size, alignment);
    if (place == nullptr) [[unlikely]]
      fail(Fault::out_of_memory, size);
    return static_cast<std::byte*>(place);
  }
  bool has_arena() const { return arena_ != nullptr; }

  // What a tag's bytes are read within.
  struct TagScope {
    const std::byte* end;  // of what surrounds it
  };
  bool read_tag_count(std::uint32_t& count) {
    return read_varint(count) && (count <= left() / 2 || fail(Fault::too_many, count));
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
  std::int64_t position() const { return at_ - begin_; }
  bool skip(std::size_t size) {
    if (!need(size)) return false;
    at_ += size;
    return true;
  }

 private:
  [[gnu::always_inline]] bool need(std::size_t size) {
    if (left() < size) [[unlikely]]
      return fail(Fault::truncated, size);
    return true;
  }
  template <typename T>
  [[gnu::always_inline]] bool read_integer(std::byte* out) {
    if (!need(sizeof(T))) return false;
    *reinterpret_cast<T*>(out) = load_big_endian<T>(at_);
    at_ += sizeof(T);
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
      return length <= INT32_MAX || fail(Fault::bad_length, static_cast<std::uint64_t>(length));
    }
    Plain plain = 0;
    if (!read_integer<Plain>(reinterpret_cast<std::byte*>(&plain))) return false;
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
    if (length < 0) [[unlikely]] {
      data = nullptr;
      size = 0;
      return length == -1 ? null_allowed(field) : fail(Fault::bad_length, static_cast<std::uint64_t>(length));
    }
    if (sizeof(Plain) == 2 && length > INT16_MAX) [[unlikely]]
      return fail(Fault::bad_length, static_cast<std::uint64_t>(length));
    size = static_cast<std::size_t>(length);
    if (!need(size)) return false;
    data = at_;
    at_ += size;
    return true;
  }
  [[gnu::always_inline]] bool read_text(const FieldInfo& field, std::string_view& text) {
    const std::byte* data = nullptr;
    std::size_t size = 0;
    if (!read_run<std::int16_t>(field, data, size)) return false;
    text = std::string_view(reinterpret_cast<const char*>(data), size);
    return true;
  }
  [[gnu::always_inline]] bool read_string(const FieldInfo& field, std::byte* out) {
    return read_text(field, *reinterpret_cast<std::string_view*>(out));
  }
  [[gnu::always_inline]] bool read_nullable_string(const FieldInfo& field, std::byte* out) {
    std::string_view text;
    if (!read_text(field, text)) return false;
    *reinterpret_cast<NullableText*>(out) =
        text.data() == nullptr ? NullableText(nullptr) : NullableText(text);
    return true;
  }
  bool read_bytes(const FieldInfo& field, std::byte* out) {
    const std::byte* data = nullptr;
    std::size_t size = 0;
    if (!read_run<std::int32_t>(field, data, size)) return false;
    *reinterpret_cast<Bytes*>(out) = data == nullptr ? Bytes::null() : Bytes(data, size);
    return true;
  }
  [[gnu::always_inline]] bool read_records(const FieldInfo& field, std::byte* out) {
    const std::byte* data = nullptr;
    std::size_t size = 0;
    if (!read_run<std::int32_t>(field, data, size)) return false;
    *reinterpret_cast<Records*>(out) = data == nullptr ? Records(nullptr) : Records(std::span(data, size));
    return true;
  }

  bool read_array(const FieldInfo& field, std::byte* out);
  bool read_sequence(const FieldInfo& field, std::byte* out);
  bool read_elements(const FieldInfo& field, std::uint32_t count, std::byte* elements);
  bool read_optional(const FieldInfo& field, std::byte* out);
  bool read_tags(const StructureInfo& structure, std::byte* out);

  const std::byte* const begin_;
  const std::byte* at_;
  const std::byte* end_;
  Arena* const arena_;
  const std::int16_t version_;
  const bool flexible_;
  FaultDetail detail_;
  FaultPath path_;
};

}  // namespace ottla::protocol
