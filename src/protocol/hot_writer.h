// Encoding for the few messages on the way of a record: the tables, known to the compiler and unrolled.
//
// Notes: the leaves are those of encoder.h. All is inlined into one function a message and pass, where the sink is
//        a local variable that lies in registers; what is rare (tags, chains) goes by Measure and WriteSink.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/endian.h"
#include "base/varint.h"
#include "protocol/array.h"
#include "protocol/encoder.h"
#include "protocol/fault.h"
#include "protocol/fields.h"
#include "protocol/hot_fields.h"
#include "protocol/schema.h"
#include "protocol/wire_reader.h"

namespace ottla::protocol {

// Counts as Measure does; what is wrong is noted there.
class HotMeasure {
 public:
  static constexpr bool kChecks = true;

  HotMeasure(Measure& whole, std::int16_t version, bool flexible)
      : whole_(&whole), version_(version), flexible_(flexible) {}

  std::int16_t version() const { return version_; }
  bool flexible() const { return flexible_; }
  // What was counted, into the whole.
  void report() const { whole_->add(size_, foreign_, pieces_); }
  bool fail(Fault fault, std::uint64_t value = 0) { return whole_->fail(fault, value); }

  template <typename T>
  [[gnu::always_inline]] void put_integer(T) {
    size_ += sizeof(T);
  }
  [[gnu::always_inline]] std::byte* advance(std::size_t size) {
    size_ += size;
    return nullptr;
  }
  [[gnu::always_inline]] void put_varint(std::uint32_t value) {
    if (value < 0x80) [[likely]] {
      ++size_;
    } else {
      size_ += varint_size(value);
    }
  }
  [[gnu::always_inline]] void put_bytes(const void*, std::size_t size) { size_ += size; }
  [[gnu::always_inline]] void put_scalars(Kind kind, const ErasedArray& array) {
    size_ += smallest_size(kind) * array.size();
  }
  [[gnu::always_inline]] void put_records(const Records& records) {
    size_ += records.size();
    if (records.chain() == nullptr) return;
    foreign_ += records.size();
    pieces_ += records_pieces(records);
  }
  bool put_tags(const StructureInfo& structure, const std::byte* in) {
    return protocol::put_tags(*whole_, structure, in);
  }

 private:
  Measure* whole_;
  std::int16_t version_;
  bool flexible_;
  std::uint64_t size_ = 0;
  std::uint64_t foreign_ = 0;
  std::size_t pieces_ = 0;
};

// Writes as WriteSink does, into its block.
class HotWrite {
 public:
  static constexpr bool kChecks = false;

  HotWrite(WriteSink& whole, std::int16_t version, bool flexible)
      : whole_(&whole), at_(whole.at()), version_(version), flexible_(flexible) {}

  std::int16_t version() const { return version_; }
  bool flexible() const { return flexible_; }
  // How far this has come, into the whole.
  void report() const { whole_->move_to(at_); }

  template <typename T>
  [[gnu::always_inline]] void put_integer(T value) {
    store_big_endian(at_, value);
    at_ += sizeof(T);
  }
  [[gnu::always_inline]] std::byte* advance(std::size_t size) { return std::exchange(at_, at_ + size); }
  [[gnu::always_inline]] void put_varint(std::uint32_t value) {
    if (value < 0x80) [[likely]] {
      *at_++ = static_cast<std::byte>(value);
    } else {
      at_ = encode_varint(at_, value);
    }
  }
  [[gnu::always_inline]] void put_bytes(const void* bytes, std::size_t size) {
    if (size != 0) std::memcpy(at_, bytes, size);
    at_ += size;
  }
  [[gnu::always_inline]] void put_scalars(Kind kind, const ErasedArray& array) {
    const auto* from = static_cast<const std::byte*>(array.erased());
    const std::size_t size = smallest_size(kind) * array.size();
    if (smallest_size(kind) == 4) {
      for (std::size_t i = 0; i < size; i += 4) store_scalar(Kind::int32, from + i, at_ + i);
    } else {
      store_scalars(smallest_size(kind), from, size, at_);
    }
    at_ += size;
  }
  [[gnu::always_inline]] void put_records(const Records& records) {
    if (records.chain() != nullptr) {
      at_ = put_chain(*whole_, at_, records);
    } else {
      put_bytes(records.bytes().data(), records.bytes().size());
    }
  }
  [[gnu::always_inline]] bool put_tags(const StructureInfo& structure, const std::byte* in) {
    at_ = put_tags_into(*whole_, at_, structure, in);
    return true;
  }

 private:
  [[gnu::noinline]] static std::byte* put_chain(WriteSink& whole, std::byte* at, const Records& records) {
    whole.move_to(at);
    whole.put_records(records);
    return whole.at();
  }
  [[gnu::noinline]] static std::byte* put_tags_into(WriteSink& whole, std::byte* at,
                                                    const StructureInfo& structure, const std::byte* in) {
    whole.move_to(at);
    protocol::put_tags(whole, structure, in);
    return whole.at();
  }

  WriteSink* whole_;
  std::byte* at_;
  std::int16_t version_;
  bool flexible_;
};

template <const StructureInfo& Info, HotRange Range>
class HotWriter {
 public:
  template <typename Sink>
  [[gnu::always_inline]] static bool put(Sink& sink, const std::byte* in) {
    return put_fields_from<0>(sink, in) && put_tags(sink, in);
  }

  // Whether every field has its default. A structure inside another one starts with its own defaults.
  [[gnu::always_inline]] static bool is_all_initial(const std::byte* in) {
    if constexpr (Info.unknown_tags != kNoUnknownTags) {
      if (!reinterpret_cast<const ErasedArray*>(in + Info.unknown_tags)->empty()) return false;
    }
    return values_are_initial(in, Fields::kIndexes);
  }

 private:
  using Fields = HotFields<Info, Range>;

  template <std::size_t Begin, typename Sink>
  [[gnu::always_inline]] static bool put_fields_from(Sink& sink, const std::byte* in) {
    if constexpr (Begin == Fields::kCount) {
      return true;
    } else if constexpr (Fields::run_end(Begin) > Begin) {
      constexpr auto steps = std::make_index_sequence<Fields::run_end(Begin) - Begin>();
      if constexpr (Sink::kChecks) {
        if (!may_leave_out_run<Begin>(sink, in, steps)) return false;
      }
      std::byte* at = sink.advance(Fields::template run_size<Begin>(sink.version(), steps));
      if constexpr (!Sink::kChecks) store_run<Begin>(sink.version(), at, in, steps);
      return put_fields_from<Fields::run_end(Begin)>(sink, in);
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
    if constexpr (Fields::at(Index).has(FieldFlag::kIgnorable)) return true;
    return Fields::template is_there<Index>(sink.version()) || value_is_initial<Index>(in) ||
           sink.fail(Fault::not_in_version);
  }

  template <std::size_t Begin, std::size_t... Step>
  [[gnu::always_inline]] static void store_run(std::int16_t version, std::byte* at, const std::byte* in,
                                               std::index_sequence<Step...>) {
    (store_one<Begin + Step>(version, at, in), ...);
  }
  template <std::size_t Index>
  [[gnu::always_inline]] static void store_one(std::int16_t version, std::byte*& at, const std::byte* in) {
    constexpr const FieldInfo& field = Fields::at(Index);
    if constexpr (Fields::is_fixed(field)) {
      if (!Fields::template is_untagged<Index>(version)) return;
      store_scalar(field.kind, in + field.offset, at);
      at += smallest_size(field.kind);
    }
  }

  template <std::size_t Index, typename Sink>
  [[gnu::always_inline]] static bool put_untagged(Sink& sink, const std::byte* in) {
    constexpr const FieldInfo& field = Fields::at(Index);
    static_assert(field.kind != Kind::optional, "a hot message has no structures that may be missing");
    if constexpr (Sink::kChecks) {
      if (!may_leave_out<Index>(sink, in)) return false;
    }
    if (!Fields::template is_untagged<Index>(sink.version())) return true;
    const std::byte* value = in + field.offset;
    if constexpr (field.is_array()) {
      return put_array<Index>(sink, *reinterpret_cast<const ErasedArray*>(value));
    } else if constexpr (field.kind == Kind::structure) {
      return HotWriter<*field.structure, Range>::put(sink, value);
    } else {
      return put_leaf(sink, field, field.kind, value);
    }
  }

  template <std::size_t Index, typename Sink>
  [[gnu::always_inline]] static bool put_array(Sink& sink, const ErasedArray& array) {
    constexpr const FieldInfo& field = Fields::at(Index);
    if (array.is_null()) return put_null<Sink, std::int32_t>(sink, field, sink.flexible());
    put_length<Sink, std::int32_t>(sink, sink.flexible(), array.size(), INT32_MAX);
    if constexpr (is_scalar(field.kind)) {
      sink.put_scalars(field.kind, array);
    } else {
      constexpr std::size_t stride =
          field.kind == Kind::structure ? field.structure->size : element_size(field.kind);
      const auto* element = static_cast<const std::byte*>(array.erased());
      for (const std::byte* end = element + stride * array.size(); element != end; element += stride) {
        if (!put_element<Index>(sink, element)) return false;
      }
    }
    return true;
  }
  template <std::size_t Index, typename Sink>
  [[gnu::always_inline]] static bool put_element(Sink& sink, const std::byte* in) {
    constexpr const FieldInfo& field = Fields::at(Index);
    if constexpr (field.kind == Kind::structure) {
      return HotWriter<*field.structure, Range>::put(sink, in);
    } else {
      static constexpr FieldInfo kElement = never_null(field);
      return put_leaf(sink, kElement, field.kind, in);
    }
  }

  // Most structures have nothing in their tags.
  template <typename Sink>
  [[gnu::always_inline]] static bool put_tags(Sink& sink, const std::byte* in) {
    if constexpr (Info.unknown_tags != kNoUnknownTags) {
      if (reinterpret_cast<const ErasedArray*>(in + Info.unknown_tags)->empty() &&
          tags_are_initial(sink.version(), in, Fields::kIndexes)) [[likely]] {
        if (sink.flexible()) sink.put_varint(0);
        return true;
      }
    }
    return sink.put_tags(Info, in);
  }
  template <std::size_t... Index>
  [[gnu::always_inline]] static bool tags_are_initial(std::int16_t version, const std::byte* in,
                                                      std::index_sequence<Index...>) {
    return (tag_is_initial<Index>(version, in) && ...);
  }
  template <std::size_t Index>
  [[gnu::always_inline]] static bool tag_is_initial(std::int16_t version, const std::byte* in) {
    constexpr const FieldInfo& field = Fields::at(Index);
    if constexpr (!field.tagged.overlaps(Range.valid)) {
      return true;
    } else {
      return !field.tagged.contains(version) || value_is_initial<Index>(in);
    }
  }

  template <std::size_t... Index>
  [[gnu::always_inline]] static bool values_are_initial(const std::byte* in, std::index_sequence<Index...>) {
    return (value_is_initial<Index>(in) && ...);
  }
  template <std::size_t Index>
  [[gnu::always_inline]] static bool value_is_initial(const std::byte* in) {
    constexpr const FieldInfo& field = Fields::at(Index);
    if constexpr (field.kind == Kind::structure && !field.is_array()) {
      return HotWriter<*field.structure, Range>::is_all_initial(in + field.offset);
    } else if constexpr (Fields::is_fixed(field)) {
      return std::memcmp(in + field.offset, static_cast<const std::byte*>(Info.initial) + field.offset,
                         smallest_size(field.kind)) == 0;
    } else {
      return protocol::is_initial(Info, field, in);
    }
  }
};

}  // namespace ottla::protocol
