// Decoding for the few messages on the way of a record: the tables, known to the compiler and unrolled.
//
// Notes: the leaves are those of wire_reader.h. All is inlined into one function a message, where the reader is a
//        local variable that lies in registers; what is rare (tags) is a function that gets a copy and returns the
//        place. Nothing has to be set before: fields that are not read get their defaults one by one.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "protocol/array.h"
#include "protocol/fault.h"
#include "protocol/fields.h"
#include "protocol/hot_fields.h"
#include "protocol/schema.h"
#include "protocol/sequence.h"
#include "protocol/wire_reader.h"

namespace ottla::protocol {

template <const StructureInfo& Info, HotRange Range>
class HotReader {
 public:
  // All of `out` is set.
  [[gnu::always_inline]] static bool read(WireReader& reader, std::byte* out) {
    if (!read_fields_from<0>(reader, out)) return false;
    if constexpr (Info.unknown_tags != kNoUnknownTags) unknown_tags(out) = ErasedArray();
    if (has_no_tags(reader)) [[likely]]
      return true;
    reader.move_to(read_tags(reader, out));
    return reader.at() != nullptr;
  }
  // Checks what read() checks, and builds nothing.
  [[gnu::always_inline]] static bool skip(WireReader& reader) {
    if (!skip_fields_from<0>(reader)) return false;
    if (has_no_tags(reader)) [[likely]]
      return true;
    reader.move_to(skip_tags(reader));
    return reader.at() != nullptr;
  }

 private:
  using Fields = HotFields<Info, Range>;
  template <std::size_t Begin>
  static constexpr auto kSteps = std::make_index_sequence<Fields::run_end(Begin) - Begin>();

  static ErasedArray& unknown_tags(std::byte* out) {
    return *reinterpret_cast<ErasedArray*>(out + Info.unknown_tags);
  }

  template <std::size_t Begin>
  [[gnu::always_inline]] static bool read_fields_from(WireReader& reader, std::byte* out) {
    if constexpr (Begin == Fields::kCount) {
      return true;
    } else if constexpr (Fields::run_end(Begin) > Begin) {
      const std::byte* at = reader.at();
      if (!reader.skip(Fields::template run_size<Begin>(reader.version(), kSteps<Begin>))) return false;
      load_run<Begin>(reader.version(), at, out, kSteps<Begin>);
      return read_fields_from<Fields::run_end(Begin)>(reader, out);
    } else {
      return read_untagged<Begin>(reader, out) && read_fields_from<Begin + 1>(reader, out);
    }
  }
  template <std::size_t Begin>
  [[gnu::always_inline]] static bool skip_fields_from(WireReader& reader) {
    if constexpr (Begin == Fields::kCount) {
      return true;
    } else if constexpr (Fields::run_end(Begin) > Begin) {
      return reader.skip(Fields::template run_size<Begin>(reader.version(), kSteps<Begin>)) &&
             skip_fields_from<Fields::run_end(Begin)>(reader);
    } else {
      return (!Fields::template is_untagged<Begin>(reader.version()) || skip_value<Begin>(reader)) &&
             skip_fields_from<Begin + 1>(reader);
    }
  }

  template <std::size_t Begin, std::size_t... Step>
  [[gnu::always_inline]] static void load_run(std::int16_t version, const std::byte* at, std::byte* out,
                                              std::index_sequence<Step...>) {
    (load_one<Begin + Step>(version, at, out), ...);
  }
  template <std::size_t Index>
  [[gnu::always_inline]] static void load_one(std::int16_t version, const std::byte*& at, std::byte* out) {
    constexpr const FieldInfo& field = Fields::at(Index);
    if (!Fields::template is_untagged<Index>(version)) return set_default<Index>(out);
    if constexpr (Fields::is_fixed(field)) {
      load_scalar(field.kind, at, out + field.offset);
      at += smallest_size(field.kind);
    }
  }
  template <std::size_t Index>
  [[gnu::always_inline]] static void set_default(std::byte* out) {
    constexpr const FieldInfo& field = Fields::at(Index);
    std::memcpy(out + field.offset, static_cast<const std::byte*>(Info.initial) + field.offset,
                field_size(field));
  }

  template <std::size_t Index>
  [[gnu::always_inline]] static bool read_untagged(WireReader& reader, std::byte* out) {
    if (Fields::template is_untagged<Index>(reader.version())) return read_value<Index>(reader, out);
    set_default<Index>(out);
    return true;
  }

  template <std::size_t Index>
  [[gnu::always_inline]] static bool read_value(WireReader& reader, std::byte* structure) {
    constexpr const FieldInfo& field = Fields::at(Index);
    static_assert(field.kind != Kind::optional, "a hot message has no structures that may be missing");
    std::byte* out = structure + field.offset;
    if constexpr (field.array == ArrayForm::plain) {
      return read_array<Index>(reader, *reinterpret_cast<ErasedArray*>(out));
    } else if constexpr (field.array == ArrayForm::lazy) {
      return read_sequence<Index>(reader, *reinterpret_cast<ErasedSequence*>(out));
    } else if constexpr (field.kind == Kind::structure) {
      return HotReader<*field.structure, Range>::read(reader, out);
    } else {
      return reader.read_leaf(field, field.kind, out);
    }
  }
  // Messages that are visited in place have their arrays in place.
  template <std::size_t Index>
  [[gnu::always_inline]] static bool skip_value(WireReader& reader) {
    constexpr const FieldInfo& field = Fields::at(Index);
    if constexpr (field.is_array()) {
      const std::byte* start = nullptr;
      std::int64_t count = 0;
      return skip_array<Index>(reader, start, count);
    } else if constexpr (field.kind == Kind::structure) {
      return HotReader<*field.structure, Range>::skip(reader);
    } else {
      return reader.skip_leaf(field, field.kind);
    }
  }

  template <std::size_t Index>
  [[gnu::always_inline]] static bool read_array(WireReader& reader, ErasedArray& out) {
    constexpr const FieldInfo& field = Fields::at(Index);
    std::int64_t count = 0;
    if (!reader.read_count(field, smallest_size(field.kind), count)) return false;
    if (count <= 0) {
      out = ErasedArray(nullptr, 0, count < 0);
      return true;
    }
    constexpr std::size_t size =
        field.kind == Kind::structure ? field.structure->size : element_size(field.kind);
    std::byte* element = reader.allocate(size * static_cast<std::size_t>(count), alignof(std::max_align_t));
    if (element == nullptr) return false;
    out = ErasedArray(element, static_cast<std::uint32_t>(count), false);
    if constexpr (is_scalar(field.kind)) {
      reader.read_scalars(field.kind, static_cast<std::uint32_t>(count), element);
    } else {
      for (const std::byte* end = element + size * static_cast<std::size_t>(count); element != end;
           element += size) {
        if (!read_element<Index>(reader, element)) return false;
      }
    }
    return true;
  }

  template <std::size_t Index>
  [[gnu::always_inline]] static bool read_element(WireReader& reader, std::byte* out) {
    constexpr const FieldInfo& field = Fields::at(Index);
    if constexpr (field.kind == Kind::structure) {
      return HotReader<*field.structure, Range>::read(reader, out);
    } else {
      static constexpr FieldInfo kElement = never_null(field);
      return reader.read_leaf(kElement, field.kind, out);
    }
  }

  template <std::size_t Index>
  [[gnu::always_inline]] static bool read_sequence(WireReader& reader, ErasedSequence& out) {
    const std::byte* start = nullptr;
    std::int64_t count = 0;
    if (!skip_array<Index>(reader, start, count)) return false;
    out = ErasedSequence({start, reader.at()}, count, reader.version(), reader.flexible());
    return true;
  }
  // `start` is that of the first element.
  template <std::size_t Index>
  [[gnu::always_inline]] static bool skip_array(WireReader& reader, const std::byte*& start,
                                                std::int64_t& count) {
    constexpr const FieldInfo& field = Fields::at(Index);
    if (!reader.read_count(field, smallest_size(field.kind), count)) return false;
    start = reader.at();
    if constexpr (is_scalar(field.kind)) {
      return count <= 0 || reader.skip(smallest_size(field.kind) * static_cast<std::size_t>(count));
    } else {
      for (std::int64_t i = 0; i < count; ++i) {
        if (!skip_element<Index>(reader)) return false;
      }
      return true;
    }
  }
  template <std::size_t Index>
  [[gnu::always_inline]] static bool skip_element(WireReader& reader) {
    constexpr const FieldInfo& field = Fields::at(Index);
    if constexpr (field.kind == Kind::structure) {
      return HotReader<*field.structure, Range>::skip(reader);
    } else {
      static constexpr FieldInfo kElement = never_null(field);
      return reader.skip_leaf(kElement, field.kind);
    }
  }

  // Whether that is what comes, which is then passed over.
  [[gnu::always_inline]] static bool has_no_tags(WireReader& reader) {
    if (!reader.flexible()) return true;
    if (reader.left() == 0 || *reader.at() != std::byte{0}) [[unlikely]]
      return false;
    return reader.skip(1);
  }
  // The place behind the tags; null when something is wrong with them.
  [[gnu::noinline]] static const std::byte* read_tags(WireReader reader, std::byte* out) {
    std::uint32_t count = 0;
    if (!reader.read_tag_count(count)) return nullptr;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!read_tag(reader, count - i, out, Fields::kIndexes)) return nullptr;
    }
    return reader.at();
  }
  [[gnu::noinline]] static const std::byte* skip_tags(WireReader reader) {
    static_assert(Info.size <= kLargestElement);
    // Filled, never read: what counts is that it can be filled.
    alignas(std::max_align_t) std::array<std::byte, Info.size> scratch;
    if constexpr (Info.unknown_tags != kNoUnknownTags) unknown_tags(scratch.data()) = ErasedArray();
    return read_tags(reader, scratch.data());
  }

  template <std::size_t... Index>
  static bool read_tag(WireReader& reader, std::uint32_t still_to_come, std::byte* out,
                       std::index_sequence<Index...>) {
    std::uint32_t tag = 0;
    WireReader::TagScope scope{};
    if (!reader.enter_tag(tag, scope)) return false;
    bool read = true;
    const bool known = (read_if_tagged<Index>(reader, tag, out, read) || ...);
    if (known) return read && reader.leave_tag(scope);
    auto* unknown = Info.unknown_tags == kNoUnknownTags ? nullptr : &unknown_tags(out);
    return reader.keep_unknown_tag(Info, tag, scope, still_to_come, unknown);
  }
  // Whether the field has that tag; then `read` says how reading it went.
  template <std::size_t Index>
  [[gnu::always_inline]] static bool read_if_tagged(WireReader& reader, std::uint32_t tag, std::byte* out,
                                                    bool& read) {
    constexpr const FieldInfo& field = Fields::at(Index);
    if constexpr (field.tag < 0) {
      return false;
    } else {
      if (tag != static_cast<std::uint32_t>(field.tag) || !field.tagged.contains(reader.version()))
        return false;
      read = read_value<Index>(reader, out);
      return true;
    }
  }
};

}  // namespace ottla::protocol
