#include "protocol/decoder.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/endian.h"
#include "base/invariant.h"
#include "base/uuid.h"
#include "protocol/array.h"
#include "protocol/fault.h"
#include "protocol/fields.h"
#include "protocol/schema.h"
#include "protocol/sequence.h"

namespace ottla::protocol {

bool Decoder::read_structure(const StructureInfo& structure, std::byte* out) {
  for (const FieldInfo& field : structure.fields) {
    if (!field.versions.contains(version()) || field.tagged.contains(version())) continue;
    if (!read_field(field, out + field.offset)) return false;
  }
  return !flexible() || read_tags(structure, out);
}

bool Decoder::read_field(const FieldInfo& field, std::byte* out) {
  bool read = false;
  if (field.is_array()) {
    read = field.array == ArrayForm::plain ? read_array(field, out) : read_sequence(field, out);
  } else if (field.kind == Kind::structure) {
    read = read_structure(*field.structure, out);
  } else if (field.kind == Kind::optional) {
    read = read_optional(field, out);
  } else {
    read = read_leaf(field, field.kind, out);
  }
  if (!read) [[unlikely]]
    path_.note(field);
  return read;
}

bool Decoder::read_optional(const FieldInfo& field, std::byte* out) {
  bool present = false;
  if (!read_presence(field, present)) return false;
  const StructureInfo& structure = *field.structure;
  std::byte* place = nullptr;
  if (present) {
    place = allocate(structure.size, structure.alignment);
    if (place == nullptr) return false;
    std::memcpy(place, structure.initial, structure.size);
    if (!read_structure(structure, place)) return false;
  }
  *reinterpret_cast<ErasedOptional*>(out) = ErasedOptional(place);
  return true;
}

bool Decoder::read_array(const FieldInfo& field, std::byte* out) {
  std::int64_t count = 0;
  if (!read_count(field, smallest_size(field.kind), count)) return false;
  if (count <= 0) {
    *reinterpret_cast<ErasedArray*>(out) = ErasedArray(nullptr, 0, count < 0);
    return true;
  }
  const bool structures = field.kind == Kind::structure;
  const std::size_t size = structures ? field.structure->size : element_size(field.kind);
  std::byte* elements = allocate(size * static_cast<std::size_t>(count), alignof(std::max_align_t));
  if (elements == nullptr) return false;
  *reinterpret_cast<ErasedArray*>(out) = ErasedArray(elements, static_cast<std::uint32_t>(count), false);
  return read_elements(field, static_cast<std::uint32_t>(count), elements);
}

bool Decoder::read_elements(const FieldInfo& field, std::uint32_t count, std::byte* elements) {
  if (is_scalar(field.kind)) {
    read_scalars(field.kind, count, elements);
    return true;
  }
  for (std::uint32_t i = 0; i < count; ++i) {
    bool read = false;
    if (field.kind == Kind::structure) {
      std::byte* element = elements + std::size_t{field.structure->size} * i;
      std::memcpy(element, field.structure->initial, field.structure->size);
      read = read_structure(*field.structure, element);
    } else {
      read = read_leaf(never_null(field), field.kind, elements + element_size(field.kind) * i);
    }
    if (!read) {
      path_.note_index(i);
      return false;
    }
  }
  return true;
}

// Checks each element and builds none.
bool Decoder::read_sequence(const FieldInfo& field, std::byte* out) {
  std::int64_t count = 0;
  if (!read_count(field, smallest_size(field.kind), count)) return false;
  const std::byte* start = at();
  alignas(std::max_align_t) std::array<std::byte, kLargestElement> scratch;
  for (std::int64_t i = 0; i < count; ++i) {
    if (!read_elements(field, 1, scratch.data())) {
      path_.note_index(i);
      return false;
    }
  }
  *reinterpret_cast<ErasedSequence*>(out) = ErasedSequence({start, at()}, count, version(), flexible());
  return true;
}

bool Decoder::read_tags(const StructureInfo& structure, std::byte* out) {
  std::uint32_t count = 0;
  if (!read_tag_count(count)) return false;
  auto* unknown = structure.unknown_tags == kNoUnknownTags
                      ? nullptr
                      : reinterpret_cast<ErasedArray*>(out + structure.unknown_tags);
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t tag = 0;
    TagScope scope{};
    if (!enter_tag(tag, scope)) return false;
    const FieldInfo* field = tag < structure.tags.size() ? &structure.fields[structure.tags[tag]] : nullptr;
    if (field != nullptr && field->tagged.contains(version())) {
      start_tagged(*field, out + field->offset);
      if (!read_field(*field, out + field->offset)) return false;
      if (!leave_tag(scope)) {
        path_.note(*field);
        return false;
      }
    } else if (!keep_unknown_tag(structure, tag, scope, count - i, unknown)) {
      return false;
    }
  }
  return true;
}

}  // namespace ottla::protocol
