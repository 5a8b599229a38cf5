#include "test/protocol/golden/json_difference.h"

#include <fmt/format.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/budget.h"
#include "base/json_value.h"

namespace ottla::golden {
namespace {

std::string shown(const JsonValue& value) {
  switch (value.kind()) {
    case JsonKind::null:
      return "null";
    case JsonKind::boolean:
      return *value.boolean() ? "true" : "false";
    case JsonKind::integer:
      return fmt::to_string(*value.integer());
    case JsonKind::real:
      return fmt::to_string(*value.real());
    case JsonKind::text:
      return fmt::format("\"{}\" ({} bytes)", value.text()->substr(0, 40), value.text()->size());
    default:
      return fmt::format("{} of {}", name_of(value.kind()), value.size());
  }
}

bool is_number(const JsonValue& value) {
  return value.kind() == JsonKind::integer || value.kind() == JsonKind::real;
}

bool same_leaf(const JsonValue& a, const JsonValue& b) {
  if (is_number(a) && is_number(b)) {
    if (a.kind() == JsonKind::integer && b.kind() == JsonKind::integer) return *a.integer() == *b.integer();
    return std::bit_cast<std::uint64_t>(*a.real()) == std::bit_cast<std::uint64_t>(*b.real());
  }
  return a.kind() == b.kind() && a.boolean() == b.boolean() && a.text() == b.text();
}

std::string compare(const JsonValue& expected, const JsonValue& actual, const std::string& path);

std::string compare_objects(const JsonValue& expected, const JsonValue& actual, const std::string& path) {
  for (const JsonValue& member : expected) {
    const std::string place = fmt::format("{}.{}", path, member.name());
    const JsonValue* other = actual.find(member.name());
    if (other == nullptr) return fmt::format("{}: expected {}, ours has no such field", place, shown(member));
    std::string found = compare(member, *other, place);
    if (!found.empty()) return found;
  }
  for (const JsonValue& member : actual) {
    if (expected.find(member.name()) == nullptr)
      return fmt::format("{}.{}: unexpected field, {}", path, member.name(), shown(member));
  }
  return {};
}

std::string compare_arrays(const JsonValue& expected, const JsonValue& actual, const std::string& path) {
  if (expected.size() != actual.size())
    return fmt::format("{}: expected {} elements, ours has {}", path, expected.size(), actual.size());
  auto other = actual.begin();
  std::size_t index = 0;
  for (const JsonValue& element : expected) {
    std::string found = compare(element, *other, fmt::format("{}[{}]", path, index));
    if (!found.empty()) return found;
    ++other;
    ++index;
  }
  return {};
}

std::string compare(const JsonValue& expected, const JsonValue& actual, const std::string& path) {
  if (expected.kind() == JsonKind::object && actual.kind() == JsonKind::object)
    return compare_objects(expected, actual, path);
  if (expected.kind() == JsonKind::array && actual.kind() == JsonKind::array)
    return compare_arrays(expected, actual, path);
  if (same_leaf(expected, actual)) return {};
  return fmt::format("{}: expected {}, ours is {}", path, shown(expected), shown(actual));
}

}  // namespace

std::string json_difference(std::string_view expected, std::string_view actual) {
  if (expected == actual) return {};
  Budget budget("json", std::size_t{256} << 20);
  Arena arena(budget);
  const auto theirs = parse_json(expected, arena);
  if (!theirs.ok()) return fmt::format("the reference's JSON is none: {}", theirs.error().to_string());
  const auto ours = parse_json(actual, arena);
  if (!ours.ok()) return fmt::format("our JSON is none: {}", ours.error().to_string());
  return compare(**theirs, **ours, "");
}

}  // namespace ottla::golden
