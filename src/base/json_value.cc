#include "base/json_value.h"

#include <optional>
#include <string_view>

namespace ottla {

std::string_view name_of(JsonKind kind) {
  switch (kind) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return "a boolean";
    case JsonKind::integer:
      return "an integer";
    case JsonKind::real:
      return "a number";
    case JsonKind::text:
      return "a string";
    case JsonKind::array:
      return "an array";
    case JsonKind::object:
      return "an object";
  }
  return "nothing";
}

std::optional<bool> JsonValue::boolean() const {
  if (kind_ != JsonKind::boolean) return std::nullopt;
  return integer_ != 0;
}

std::optional<std::int64_t> JsonValue::integer() const {
  if (kind_ != JsonKind::integer) return std::nullopt;
  return integer_;
}

std::optional<double> JsonValue::real() const {
  if (kind_ == JsonKind::integer) return static_cast<double>(integer_);
  if (kind_ != JsonKind::real) return std::nullopt;
  return real_;
}

std::optional<std::string_view> JsonValue::text() const {
  if (kind_ != JsonKind::text) return std::nullopt;
  return text_;
}

const JsonValue* JsonValue::find(std::string_view name) const {
  if (kind_ != JsonKind::object) return nullptr;
  for (const JsonValue& member : *this) {
    if (member.name_ == name) return &member;
  }
  return nullptr;
}

}  // namespace ottla
