#include "protocol/equal.h"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/invariant.h"
#include "protocol/array.h"
#include "protocol/fields.h"
#include "protocol/schema.h"
#include "protocol/wire_reader.h"

namespace ottla::protocol {
namespace {

template <typename T>
bool same(const std::byte* a, const std::byte* b) {
  return *reinterpret_cast<const T*>(a) == *reinterpret_cast<const T*>(b);
}

bool equal_leaf(Kind kind, const std::byte* a, const std::byte* b) {
  switch (kind) {
    case Kind::string:
      return same<std::string_view>(a, b);
    case Kind::nullable_string:
      return same<NullableText>(a, b);
    case Kind::bytes:
      return same<Bytes>(a, b);
    case Kind::records:
      return same<Records>(a, b);
    // Bit by bit for doubles too: what would be written differently differs.
    default:
      return std::memcmp(a, b, smallest_size(kind)) == 0;
  }
}

bool equal_arrays(const FieldInfo& field, const ErasedArray& a, const ErasedArray& b) {
  if (a.is_null() != b.is_null() || a.size() != b.size()) return false;
  const bool structures = field.kind == Kind::structure;
  const std::size_t stride = structures ? field.structure->size : element_size(field.kind);
  const auto* left = static_cast<const std::byte*>(a.erased());
  const auto* right = static_cast<const std::byte*>(b.erased());
  for (std::uint32_t i = 0; i < a.size(); ++i, left += stride, right += stride) {
    const bool same = structures ? equal(*field.structure, left, right) : equal_leaf(field.kind, left, right);
    if (!same) return false;
  }
  return true;
}

bool equal_optionals(const FieldInfo& field, const ErasedOptional& a, const ErasedOptional& b) {
  if (a.is_null() || b.is_null()) return a.is_null() == b.is_null();
  return equal(*field.structure, a.erased(), b.erased());
}

}  // namespace

bool equal_field(const FieldInfo& field, const std::byte* a, const std::byte* b) {
  OTTLA_INVARIANT(field.array != ArrayForm::lazy, "encoded arrays have no equality");
  if (field.is_array()) {
    return equal_arrays(field, *reinterpret_cast<const ErasedArray*>(a),
                        *reinterpret_cast<const ErasedArray*>(b));
  }
  if (field.kind == Kind::structure) return equal(*field.structure, a, b);
  if (field.kind == Kind::optional) {
    return equal_optionals(field, *reinterpret_cast<const ErasedOptional*>(a),
                           *reinterpret_cast<const ErasedOptional*>(b));
  }
  return equal_leaf(field.kind, a, b);
}

bool equal(const StructureInfo& structure, const void* a, const void* b) {
  const auto* left = static_cast<const std::byte*>(a);
  const auto* right = static_cast<const std::byte*>(b);
  for (const FieldInfo& field : structure.fields) {
    if (!equal_field(field, left + field.offset, right + field.offset)) return false;
  }
  return structure.unknown_tags == kNoUnknownTags ||
         same<UnknownTags>(left + structure.unknown_tags, right + structure.unknown_tags);
}

}  // namespace ottla::protocol
