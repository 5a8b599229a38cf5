#include "server/response_fields.h"

#include <cstddef>
#include <cstring>

#include "protocol/array.h"
#include "protocol/fields.h"

namespace ottla::server {
namespace {

using protocol::FieldInfo;
using protocol::Kind;
using protocol::StructureInfo;

constexpr std::string_view kThrottleTime = "throttleTimeMs";
constexpr std::string_view kErrorCode = "errorCode";

const std::byte* place_of(const FieldInfo& field, const void* structure) {
  return static_cast<const std::byte*>(structure) + field.offset;
}

bool mentions(const StructureInfo& structure, const void* data, std::int16_t code) {
  for (const FieldInfo& field : structure.fields) {
    const std::byte* place = place_of(field, data);
    if (field.kind == Kind::int16 && !field.is_array() && field.name == kErrorCode) {
      if (*reinterpret_cast<const std::int16_t*>(place) == code) return true;
    } else if (field.kind == Kind::structure && field.array == protocol::ArrayForm::plain) {
      const auto& array = *reinterpret_cast<const protocol::ErasedArray*>(place);
      const auto* elements = static_cast<const std::byte*>(array.erased());
      for (std::uint32_t each = 0; each < array.size(); ++each) {
        const std::size_t offset = std::size_t{each} * field.structure->size;
        if (mentions(*field.structure, elements + offset, code)) return true;
      }
    } else if (field.kind == Kind::structure && !field.is_array()) {
      if (mentions(*field.structure, place, code)) return true;
    }
  }
  return false;
}

}  // namespace

const FieldInfo* find_field(const StructureInfo& structure, std::string_view name) {
  for (const FieldInfo& field : structure.fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

void set_throttle_time(const protocol::MessageInfo& message, void* response, std::int32_t ms) {
  const FieldInfo* field = find_field(*message.root, kThrottleTime);
  if (field != nullptr) std::memcpy(static_cast<std::byte*>(response) + field->offset, &ms, sizeof ms);
}

std::int32_t throttle_time(const protocol::MessageInfo& message, const void* response) {
  const FieldInfo* field = find_field(*message.root, kThrottleTime);
  return field != nullptr ? *reinterpret_cast<const std::int32_t*>(place_of(*field, response)) : 0;
}

bool mentions_error(const protocol::Encodable& response, protocol::ErrorCode error) {
  return mentions(*response.message->root, response.data, static_cast<std::int16_t>(error));
}

}  // namespace ottla::server
