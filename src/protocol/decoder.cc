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

bool Decoder::fail(Fault fault, std::uint64_t value) {
  detail_ = {
      .fault = fault, .value = value, .position = static_cast<std::size_t>(at_ - begin_), .left = left()};
  return false;
}

bool Decoder::read_structure(const StructureInfo& structure, std::byte* out) {
  for (const FieldInfo& field : structure.fields) {
    if (!field.versions.contains(version_) || field.tagged.contains(version_)) continue;
    if (!read_field(field, out + field.offset)) return false;
  }
  return !flexible_ || read_tags(structure, out);
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
    note(field);
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
  if (is_scalar(field.kind)) return read_scalars(field.kind, count, elements);
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
  const std::byte* start = at_;
  alignas(std::max_align_t) std::array<std::byte, kLargestElement> scratch;
  for (std::int64_t i = 0; i < count; ++i) {
    if (!read_elements(field, 1, scratch.data())) {
      note_index(i);
      return false;
    }
  }
  *reinterpret_cast<ErasedSequence*>(out) = ErasedSequence({start, at_}, count, version_, flexible_);
  return true;
}

namespace {

template <typename T>
void swap_all(const std::byte* from, std::uint32_t count, std::byte* to) {
  for (std::uint32_t i = 0; i < count; ++i) {
    const T value = load_big_endian<T>(from + i * sizeof(T));
    std::memcpy(to + i * sizeof(T), &value, sizeof(T));
  }
}

}  // namespace

// The count has been checked against the bytes left.
bool Decoder::read_scalars(Kind kind, std::uint32_t count, std::byte* out) {
  const std::size_t size = smallest_size(kind);
  switch (size) {
    case 2:
      swap_all<std::uint16_t>(at_, count, out);
      break;
    case 4:
      swap_all<std::uint32_t>(at_, count, out);
      break;
    case 8:
      swap_all<std::uint64_t>(at_, count, out);
      break;
    case 16:
      swap_all<std::uint64_t>(at_, count * 2, out);
      break;
    default:
      for (std::uint32_t i = 0; i < count; ++i)
        out[i] = kind == Kind::boolean && at_[i] != std::byte{0} ? std::byte{1} : at_[i];
  }
  at_ += size * count;
  return true;
}

bool Decoder::enter_tag(std::uint32_t& tag, TagScope& scope) {
  std::uint32_t size = 0;
  if (!read_varint(tag) || !read_varint(size) || !need(size)) return false;
  scope.end = end_;
  end_ = at_ + size;
  return true;
}

bool Decoder::leave_tag(TagScope scope) {
  if (at_ != end_) return fail(Fault::tag_size, left());
  end_ = scope.end;
  return true;
}

bool Decoder::keep_unknown_tag(const StructureInfo& structure, std::uint32_t tag, TagScope scope,
                               std::uint32_t still_to_come, ErasedArray* kept) {
  if (tag < structure.tags.size()) return fail(Fault::foreign_tag, tag);
  if (kept != nullptr && has_arena()) {
    if (kept->empty()) {
      std::byte* place = allocate(sizeof(UnknownTag) * still_to_come, alignof(UnknownTag));
      if (place == nullptr) return false;
      *kept = ErasedArray(place, 0, false);
    }
    auto* tags = static_cast<UnknownTag*>(const_cast<void*>(kept->erased()));
    ::new (tags + kept->size()) UnknownTag{.tag = tag, .value = Bytes(at_, left())};
    *kept = ErasedArray(tags, kept->size() + 1, false);
  }
  at_ = end_;
  end_ = scope.end;
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
    if (field != nullptr && field->tagged.contains(version_)) {
      start_tagged(*field, out + field->offset);
      if (!read_field(*field, out + field->offset)) return false;
      if (!leave_tag(scope)) {
        note(*field);
        return false;
      }
    } else if (!keep_unknown_tag(structure, tag, scope, count - i, unknown)) {
      return false;
    }
  }
  return true;
}

}  // namespace ottla::protocol
