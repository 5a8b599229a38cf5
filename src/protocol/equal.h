// Equality of messages by content, by the tables of schema.h.
#pragma once

#include <cstddef>

#include "protocol/schema.h"

namespace ottla::protocol {

bool equal(const StructureInfo& structure, const void* a, const void* b);
// The values of one field, at their own addresses.
bool equal_field(const FieldInfo& field, const std::byte* a, const std::byte* b);

}  // namespace ottla::protocol
