// What hot codecs ask of a structure's table while they are compiled.
//
// Notes: code is made for a range of versions, `Valid`; where all of them give the same answer, nothing is asked
//        when it runs. For a range of one version no question is left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>

#include "protocol/array.h"
#include "protocol/fields.h"
#include "protocol/schema.h"
#include "protocol/sequence.h"
#include "protocol/wire_reader.h"

namespace ottla::protocol {

// What code is made for.
struct HotRange {
  Versions valid;     // the versions that the code is made for
  Versions flexible;  // those of the message that are flexible

  // `version`, as a constant when there is only one.
  constexpr std::int16_t known(std::int16_t version) const {
    return valid.first == valid.last ? valid.first : version;
  }
  constexpr bool is_flexible(std::int16_t version) const {
    if (valid.within(flexible)) return true;
    return valid.overlaps(flexible) && flexible.contains(version);
  }
};

// The bytes that a field takes in its structure.
constexpr std::size_t field_size(const FieldInfo& field) {
  if (field.array == ArrayForm::plain) return sizeof(ErasedArray);
  if (field.array == ArrayForm::lazy) return sizeof(ErasedSequence);
  if (field.kind == Kind::structure) return field.structure->size;
  if (field.kind == Kind::nullable_string) return sizeof(NullableText);
  if (field.kind == Kind::records) return sizeof(Records);
  return element_size(field.kind);
}

template <const StructureInfo& Info, HotRange Range>
class HotFields {
 public:
  static constexpr std::size_t kCount = Info.fields.size();
  static constexpr auto kIndexes = std::make_index_sequence<kCount>();
  static consteval const FieldInfo& at(std::size_t index) { return Info.fields[index]; }

  // Whether the version has the field.
  template <std::size_t Index>
  [[gnu::always_inline]] static bool is_there(std::int16_t version) {
    constexpr Versions versions = at(Index).versions;
    if constexpr (!versions.overlaps(Range.valid)) return false;
    if constexpr (versions.first > Range.valid.first) {
      if (version < versions.first) return false;
    }
    if constexpr (versions.last < Range.valid.last) {
      if (version > versions.last) return false;
    }
    return true;
  }
  // Whether it stands in its place there, and not among the tags.
  template <std::size_t Index>
  [[gnu::always_inline]] static bool is_untagged(std::int16_t version) {
    if constexpr (is_never_untagged(Index)) return false;
    if constexpr (at(Index).tagged.overlaps(Range.valid)) {
      if (at(Index).tagged.contains(version)) return false;
    }
    return is_there<Index>(version);
  }

  // Fields of a fixed size that follow each other are checked, read and written as one; those that never stand in
  // their place do not part them.
  static consteval std::size_t run_end(std::size_t begin) {
    std::size_t end = begin;
    while (end < kCount && (is_never_untagged(end) || is_fixed(at(end)))) ++end;
    return end;
  }
  static consteval bool is_fixed(const FieldInfo& field) {
    return !field.is_array() && is_scalar(field.kind);
  }
  // Of the fields from Begin on, as many as there are steps.
  template <std::size_t Begin, std::size_t... Step>
  [[gnu::always_inline]] static std::size_t run_size(std::int16_t version, std::index_sequence<Step...>) {
    return ((is_untagged<Begin + Step>(version) ? smallest_size(at(Begin + Step).kind) : 0) + ...);
  }

 private:
  static consteval bool is_never_untagged(std::size_t index) {
    return !at(index).versions.overlaps(Range.valid) || Range.valid.within(at(index).tagged);
  }
};

}  // namespace ottla::protocol
