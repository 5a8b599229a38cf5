// Codecs for the few messages on the way of a record: the tables, known to the compiler and unrolled.
//
// The leaves are those of decoder.h and encoder.h: one meaning at two speeds, and tests hold both against each
// other. A hot codec notes no paths; codec.cc asks the tables again when it meets a fault.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <utility>

#include "base/invariant.h"
#include "protocol/array.h"
#include "protocol/decoder.h"
#include "protocol/encoder.h"
#include "protocol/fault.h"
#include "protocol/fields.h"
#include "protocol/schema.h"
#include "protocol/sequence.h"

namespace ottla::protocol {

// `Valid`: the versions of the message, in which a field that they all have needs no question.
template <const StructureInfo& Info, Versions Valid>
class HotCodec {
 public:
  static constexpr CodecFunctions functions() {
    return {.decode = &read, .measure = &put<Measure>, .write = &put<WriteSink>};
  }
  static constexpr CodecFunctions view_functions() { return {.decode = &read}; }

  // Whether every field has its default. A structure inside another one starts with its own defaults.
  static bool is_all_initial(const std::byte* in) {
    if constexpr (Info.unknown_tags != kNoUnknownTags) {
      if (!reinterpret_cast<const ErasedArray*>(in + Info.unknown_tags)->empty()) return false;
    }
    return values_are_initial(in, kIndexes);
  }

  // `out` has all defaults.
  static bool read(Decoder& decoder, std::byte* out) {
    return read_fields_from<0>(decoder, out) && (!decoder.flexible() || read_tags(decoder, out));
  }

  template <typename Sink>
  static bool put(Sink& sink, const std::byte* in) {
    return put_fields_from<0>(sink, in) && put_tags(sink, in);
  }

  // One element of a sequence, whose bytes were checked before. Returns the place behind it.
  static const std::byte* read_in_place(const std::byte* at, const std::byte* end, std::int16_t version,
                                        bool flexible, std::byte* out) {
    Decoder decoder(std::span(at, end), version, flexible, nullptr);
    const bool read_again = read(decoder, out);
    OTTLA_INVARIANT(read_again, "an element that was checked cannot be read");
    return decoder.at();
  }

 private:
  static constexpr auto kIndexes = std::make_index_sequence<Info.fields.size()>();
  static consteval const FieldInfo& field_at(std::size_t index) { return Info.fields[index]; }

  // Fields of a fixed size that follow each other are checked, read and written as one.
  static consteval std::size_t run_end(std::size_t begin) {
    std::size_t end = begin;
    while (end < Info.fields.size() && !field_at(end).is_array() && is_scalar(field_at(end).kind)) ++end;
    return end;
  }
  template <std::size_t Begin, std::size_t... Step>
  [[gnu::always_inline]] static std::size_t run_size(std::int16_t version, std::index_sequence<Step...>) {
    return ((is_untagged<Begin + Step>(version) ? smallest_size(field_at(Begin + Step).kind) : 0) + ...);
  }

  template <std::size_t Begin>
  [[gnu::always_inline]] static bool read_fields_from(Decoder& decoder, std::byte* out) {
    if constexpr (Begin == Info.fields.size()) {
      return true;
    } else if constexpr (run_end(Begin) > Begin) {
      constexpr auto steps = std::make_index_sequence<run_end(Begin) - Begin>();
      const std::byte* at = decoder.take(run_size<Begin>(decoder.version(), steps));
      if (at == nullptr) [[unlikely]]
        return false;
      load_run<Begin>(decoder.version(), at, out, steps);
      return read_fields_from<run_end(Begin)>(decoder, out);
    } else {
      return read_untagged<Begin>(decoder, out) && read_fields_from<Begin + 1>(decoder, out);
    }
  }

  template <std::size_t Begin, std::size_t... Step>
  [[gnu::always_inline]] static void load_run(std::int16_t version, const std::byte* at, std::byte* out,
                                              std::index_sequence<Step...>) {
    (load_one<Begin + Step>(version, at, out), ...);
  }
  template <std::size_t Index>
  [[gnu::always_inline]] static void load_one(std::int16_t version, const std::byte*& at, std::byte* out) {
    constexpr const FieldInfo& field = field_at(Index);
    if (!is_untagged<Index>(version)) return;
    load_scalar(field.kind, at, out + field.offset);
    at += smallest_size(field.kind);
  }

  // Whether the field stands in its place in that version.
  template <std::size_t Index>
  [[gnu::always_inline]] static bool is_untagged(std::int16_t version) {
    constexpr const FieldInfo& field = field_at(Index);
    if constexpr (field.tag >= 0) {
      if (field.tagged.contains(version)) return false;
    }
    return is_there<Index>(version);
  }
  template <std::size_t Index>
  [[gnu::always_inline]] static bool is_there(std::int16_t version) {
    constexpr Versions versions = field_at(Index).versions;
    if constexpr (versions.first > Valid.first) {
      if (version < versions.first) return false;
    }
    if constexpr (versions.last < Valid.last) {
      if (version > versions.last) return false;
    }
    return true;
  }

  template <std::size_t Index>
  [[gnu::always_inline]] static bool read_untagged(Decoder& decoder, std::byte* out) {
    constexpr const FieldInfo& field = field_at(Index);
    if (!is_untagged<Index>(decoder.version())) return true;
    return read_value<Index>(decoder, out + field.offset);
  }

  template <std::size_t Index>
  [[gnu::always_inline]] static bool read_value(Decoder& decoder, std::byte* out) {
    constexpr const FieldInfo& field = field_at(Index);
    if constexpr (field.array == ArrayForm::plain) {
      return read_array<Index>(decoder, out);
    } else if constexpr (field.array == ArrayForm::lazy) {
      return read_sequence<Index>(decoder, out);
    } else if constexpr (field.kind == Kind::structure) {
      return HotCodec<*field.structure, Valid>::read(decoder, out);
    } else if constexpr (field.kind == Kind::optional) {
      return decoder.read_field(field, out);
    } else {
      return decoder.read_leaf(field, field.kind, out);
    }
  }

  template <std::size_t Index>
  static bool read_array(Decoder& decoder, std::byte* out) {
    constexpr const FieldInfo& field = field_at(Index);
    std::int64_t count = 0;
    if (!decoder.read_count(field, smallest_size(field.kind), count)) return false;
    if (count <= 0) {
      *reinterpret_cast<ErasedArray*>(out) = ErasedArray(nullptr, 0, count < 0);
      return true;
    }
    constexpr std::size_t size =
        field.kind == Kind::structure ? field.structure->size : element_size(field.kind);
    std::byte* elements = decoder.allocate(size * static_cast<std::size_t>(count), alignof(std::max_align_t));
    if (elements == nullptr) return false;
    *reinterpret_cast<ErasedArray*>(out) = ErasedArray(elements, static_cast<std::uint32_t>(count), false);
    if constexpr (is_scalar(field.kind)) {
      return decoder.read_scalars_of<field.kind>(static_cast<std::uint32_t>(count), elements);
    } else {
      for (std::int64_t i = 0; i < count; ++i, elements += size) {
        if (!read_element<Index>(decoder, elements)) return false;
      }
      return true;
    }
  }

  template <std::size_t Index>
  [[gnu::always_inline]] static bool read_element(Decoder& decoder, std::byte* out) {
    constexpr const FieldInfo& field = field_at(Index);
    if constexpr (field.kind == Kind::structure)
      std::memcpy(out, field.structure->initial, field.structure->size);
    return read_into<Index>(decoder, out);
  }

  // The same over an element that has its defaults.
  template <std::size_t Index>
  [[gnu::always_inline]] static bool read_into(Decoder& decoder, std::byte* out) {
    constexpr const FieldInfo& field = field_at(Index);
    if constexpr (field.kind == Kind::structure) {
      return HotCodec<*field.structure, Valid>::read(decoder, out);
    } else {
      static constexpr FieldInfo kElement = never_null(field);
      return decoder.read_leaf(kElement, field.kind, out);
    }
  }

  template <std::size_t Index>
  static bool read_sequence(Decoder& decoder, std::byte* out) {
    constexpr const FieldInfo& field = field_at(Index);
    std::int64_t count = 0;
    if (!decoder.read_count(field, smallest_size(field.kind), count)) return false;
    const std::byte* start = decoder.at();
    if constexpr (is_scalar(field.kind)) {
      if (count > 0 && !decoder.skip(smallest_size(field.kind) * static_cast<std::size_t>(count)))
        return false;
    } else {
      constexpr std::size_t size =
          field.kind == Kind::structure ? field.structure->size : element_size(field.kind);
      static_assert(size <= kLargestElement);
      // Filled, never read: what counts is that each element can be read.
      alignas(std::max_align_t) std::array<std::byte, size> scratch;
      for (std::int64_t i = 0; i < count; ++i) {
        if (!read_into<Index>(decoder, scratch.data())) return false;
      }
    }
    *reinterpret_cast<ErasedSequence*>(out) =
        ErasedSequence({start, decoder.at()}, count, decoder.version(), decoder.flexible());
    return true;
  }

  static bool read_tags(Decoder& decoder, std::byte* out) {
    std::uint32_t count = 0;
    if (!decoder.read_tag_count(count)) return false;
    if (count == 0) [[likely]]
      return true;
    for (std::uint32_t i = 0; i < count; ++i) {
      if (!read_tag(decoder, count - i, out, kIndexes)) return false;
    }
    return true;
  }

  template <std::size_t... Index>
  static bool read_tag(Decoder& decoder, std::uint32_t still_to_come, std::byte* out,
                       std::index_sequence<Index...>) {
    std::uint32_t tag = 0;
    Decoder::TagScope scope{};
    if (!decoder.enter_tag(tag, scope)) return false;
    bool read = true;
    const bool known = (read_if_tagged<Index>(decoder, tag, out, read) || ...);
    if (known) return read && decoder.leave_tag(scope);
    auto* unknown = Info.unknown_tags == kNoUnknownTags
                        ? nullptr
                        : reinterpret_cast<ErasedArray*>(out + Info.unknown_tags);
    return decoder.keep_unknown_tag(Info, tag, scope, still_to_come, unknown);
  }

  // Whether the field has that tag; then `read` says how reading it went.
  template <std::size_t Index>
  [[gnu::always_inline]] static bool read_if_tagged(Decoder& decoder, std::uint32_t tag, std::byte* out,
                                                    bool& read) {
    constexpr const FieldInfo& field = field_at(Index);
    if constexpr (field.tag < 0) {
      return false;
    } else {
      if (tag != static_cast<std::uint32_t>(field.tag) || !field.tagged.contains(decoder.version()))
        return false;
      Decoder::start_tagged(field, out + field.offset);
      read = read_value<Index>(decoder, out + field.offset);
      return true;
    }
  }

  template <std::size_t Begin, typename Sink>
  [[gnu::always_inline]] static bool put_fields_from(Sink& sink, const std::byte* in) {
    if constexpr (Begin == Info.fields.size()) {
      return true;
    } else if constexpr (run_end(Begin) > Begin) {
      constexpr auto steps = std::make_index_sequence<run_end(Begin) - Begin>();
      if constexpr (Sink::kChecks) {
        if (!may_leave_out_run<Begin>(sink, in, steps)) return false;
      }
      std::byte* at = sink.advance(run_size<Begin>(sink.version(), steps));
      if constexpr (!Sink::kChecks) store_run<Begin>(sink.version(), at, in, steps);
      return put_fields_from<run_end(Begin)>(sink, in);
    } else {
      return put_untagged<Begin>(sink, in) && put_fields_from<Begin + 1>(sink, in);
    }
  }

  template <std::size_t Begin, typename Sink, std::size_t... Step>
  [[gnu::always_inline]] static bool may_leave_out_run(Sink& sink, const std::byte* in,
                                                       std::index_sequence<Step...>) {
    return (may_leave_out<Begin + Step>(sink, in) && ...);
  }
  // A field that the version has not says nothing, or may be dropped.
  template <std::size_t Index, typename Sink>
  [[gnu::always_inline]] static bool may_leave_out(Sink& sink, const std::byte* in) {
    if constexpr (field_at(Index).has(FieldFlag::kIgnorable)) return true;
    return is_there<Index>(sink.version()) || value_is_initial<Index>(in) || sink.fail(Fault::not_in_version);
  }

  template <std::size_t Begin, std::size_t... Step>
  [[gnu::always_inline]] static void store_run(std::int16_t version, std::byte* at, const std::byte* in,
                                               std::index_sequence<Step...>) {
    (store_one<Begin + Step>(version, at, in), ...);
  }
  template <std::size_t Index>
  [[gnu::always_inline]] static void store_one(std::int16_t version, std::byte*& at, const std::byte* in) {
    constexpr const FieldInfo& field = field_at(Index);
    if (!is_untagged<Index>(version)) return;
    store_scalar(field.kind, in + field.offset, at);
    at += smallest_size(field.kind);
  }

  template <std::size_t Index, typename Sink>
  [[gnu::always_inline]] static bool put_untagged(Sink& sink, const std::byte* in) {
    constexpr const FieldInfo& field = field_at(Index);
    if constexpr (Sink::kChecks) {
      if (!may_leave_out<Index>(sink, in)) return false;
    }
    if (!is_untagged<Index>(sink.version())) return true;
    const std::byte* value = in + field.offset;
    if constexpr (field.is_array()) {
      return put_array<Index>(sink, *reinterpret_cast<const ErasedArray*>(value));
    } else if constexpr (field.kind == Kind::structure) {
      return HotCodec<*field.structure, Valid>::put(sink, value);
    } else if constexpr (field.kind == Kind::optional) {
      return put_field(sink, field, value);
    } else {
      return put_leaf(sink, field, field.kind, value);
    }
  }

  template <std::size_t Index, typename Sink>
  static bool put_array(Sink& sink, const ErasedArray& array) {
    constexpr const FieldInfo& field = field_at(Index);
    if (array.is_null()) return put_null<Sink, std::int32_t>(sink, field, sink.flexible());
    put_length<Sink, std::int32_t>(sink, sink.flexible(), array.size(), INT32_MAX);
    if constexpr (is_scalar(field.kind)) {
      sink.template put_scalars_of<smallest_size(field.kind)>(array);
      return true;
    } else {
      constexpr std::size_t stride =
          field.kind == Kind::structure ? field.structure->size : element_size(field.kind);
      const auto* element = static_cast<const std::byte*>(array.erased());
      for (std::uint32_t i = 0; i < array.size(); ++i, element += stride) {
        if (!put_element<Index>(sink, element)) return false;
      }
      return true;
    }
  }

  template <std::size_t Index, typename Sink>
  [[gnu::always_inline]] static bool put_element(Sink& sink, const std::byte* in) {
    constexpr const FieldInfo& field = field_at(Index);
    if constexpr (field.kind == Kind::structure) {
      return HotCodec<*field.structure, Valid>::put(sink, in);
    } else {
      static constexpr FieldInfo kElement = never_null(field);
      return put_leaf(sink, kElement, field.kind, in);
    }
  }

  // Most structures have nothing in their tags.
  template <typename Sink>
  static bool put_tags(Sink& sink, const std::byte* in) {
    if constexpr (Info.unknown_tags != kNoUnknownTags) {
      if (reinterpret_cast<const ErasedArray*>(in + Info.unknown_tags)->empty() &&
          tags_are_initial(sink, in, kIndexes)) {
        if (sink.flexible()) sink.put_varint(0);
        return true;
      }
    }
    return protocol::put_tags(sink, Info, in);
  }

  template <typename Sink, std::size_t... Index>
  static bool tags_are_initial(const Sink& sink, const std::byte* in, std::index_sequence<Index...>) {
    return (tag_is_initial<Index>(sink, in) && ...);
  }

  template <std::size_t Index, typename Sink>
  [[gnu::always_inline]] static bool tag_is_initial(const Sink& sink, const std::byte* in) {
    constexpr const FieldInfo& field = field_at(Index);
    if constexpr (field.tag < 0) {
      return true;
    } else {
      return !field.tagged.contains(sink.version()) || value_is_initial<Index>(in);
    }
  }

  template <std::size_t... Index>
  static bool values_are_initial(const std::byte* in, std::index_sequence<Index...>) {
    return (value_is_initial<Index>(in) && ...);
  }

  template <std::size_t Index>
  [[gnu::always_inline]] static bool value_is_initial(const std::byte* in) {
    constexpr const FieldInfo& field = field_at(Index);
    if constexpr (field.is_array()) {
      return protocol::is_initial(Info, field, in);
    } else if constexpr (field.kind == Kind::structure) {
      return HotCodec<*field.structure, Valid>::is_all_initial(in + field.offset);
    } else if constexpr (is_scalar(field.kind)) {
      return std::memcmp(in + field.offset, static_cast<const std::byte*>(Info.initial) + field.offset,
                         smallest_size(field.kind)) == 0;
    } else {
      return protocol::is_initial(Info, field, in);
    }
  }
};

}  // namespace ottla::protocol
