// Handles for keys of a node: they cannot name a key that does not exist, nor take its value for another type.
//
// Use:   constexpr auto kPartitions = node_key<"num.partitions">;   int n = config.get(kPartitions);
//        A key that may be null gives std::optional.
// Cost:  an index; names are looked up while compiling.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

#include "config/key.h"
#include "config/node_table.h"
#include "config/value.h"

namespace ottla::config {

// A name as an argument of a template.
template <std::size_t kSize>
struct KeyName {
  consteval KeyName(const char (&name)[kSize]) { std::copy_n(name, kSize, text); }
  constexpr std::string_view view() const { return std::string_view(text, kSize - 1); }

  char text[kSize];
};

template <typename T>
struct NodeKey {
  using value_type = T;
  std::uint16_t index;

  constexpr const Key& row() const { return kNodeTable[index]; }
};

namespace node_key_internal {

template <Type kType>
consteval auto held_type() {
  if constexpr (kType == Type::boolean) return std::type_identity<bool>();
  if constexpr (kType == Type::string) return std::type_identity<std::string>();
  if constexpr (kType == Type::int32) return std::type_identity<std::int32_t>();
  if constexpr (kType == Type::int16) return std::type_identity<std::int16_t>();
  if constexpr (kType == Type::int64) return std::type_identity<std::int64_t>();
  if constexpr (kType == Type::real) return std::type_identity<double>();
  if constexpr (kType == Type::list) return std::type_identity<List>();
  if constexpr (kType == Type::class_name) return std::type_identity<ClassName>();
  if constexpr (kType == Type::password) return std::type_identity<Password>();
}

template <KeyName kName>
consteval auto make() {
  constexpr std::size_t kIndex = node_index(kName.view());
  static_assert(kIndex < kNodeTable.size(), "there is no such key");
  constexpr const Key& kRow = kNodeTable[kIndex];
  using Held = typename decltype(held_type<kRow.type>())::type;
  if constexpr (kRow.otherwise.kind == Default::Kind::null) {
    return NodeKey<std::optional<Held>>{static_cast<std::uint16_t>(kIndex)};
  } else {
    return NodeKey<Held>{static_cast<std::uint16_t>(kIndex)};
  }
}

}  // namespace node_key_internal

template <KeyName kName>
inline constexpr auto node_key = node_key_internal::make<kName>();

}  // namespace ottla::config
