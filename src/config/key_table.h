// All keys, by what they configure.
//
// Use:      const Key* key = find_key(Scope::topic, "retention.ms");
// Lifetime: constants.
// Cost:     a lookup hashes the name and compares one or two.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "config/key.h"

namespace ottla::config {

// What a key belongs to. A node's keys stand in its files; the others exist only in the metadata.
enum class Scope : std::uint8_t {
  node,  // broker and controller
  topic,
  group,
  client_metrics,
  broker_throttle,  // of a broker, beside its node keys
  client_quota,     // of a user, a client id or both
  ip_quota,
};
inline constexpr Scope kScopes[] = {Scope::node,           Scope::topic,           Scope::group,
                                    Scope::client_metrics, Scope::broker_throttle, Scope::client_quota,
                                    Scope::ip_quota};
std::string_view name_of(Scope scope);

// A part of a scope's keys under a heading of its own, for documents.
struct KeyArea {
  Scope scope;
  std::string_view title;
  std::span<const Key> keys;
};
std::span<const KeyArea> key_areas();

// In the order of their areas.
std::span<const Key> keys_of(Scope scope);
const Key* find_key(Scope scope, std::string_view name);
// Where a key stands in keys_of(); the same for all of a program's life.
std::optional<std::size_t> find_index(Scope scope, std::string_view name);

// The known name that this one was probably meant to be, when one is near.
std::optional<std::string_view> nearest_name(Scope scope, std::string_view name);

}  // namespace ottla::config
