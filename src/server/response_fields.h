// What responses have in common, found by the names of their fields: times of throttling, error codes.
//
// Concurrency: pure.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string_view>

#include "protocol/codec.h"
#include "protocol/error_code.h"
#include "protocol/schema.h"

namespace ottla::server {

// Null when the structure has no field of that name.
const protocol::FieldInfo* find_field(const protocol::StructureInfo& structure, std::string_view name);

// As much of a wait as a response can tell.
constexpr std::int32_t told_wait(std::int64_t ms) {
  return static_cast<std::int32_t>(std::min<std::int64_t>(ms, INT32_MAX));
}
// Does nothing to a response without such a field.
void set_throttle_time(const protocol::MessageInfo& message, void* response, std::int32_t ms);
// Zero when it has no such field.
std::int32_t throttle_time(const protocol::MessageInfo& message, const void* response);

// Whether any errorCode in the response, however deep, is that one.
bool mentions_error(const protocol::Encodable& response, protocol::ErrorCode error);

}  // namespace ottla::server
