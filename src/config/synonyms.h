// Which keys speak for which: a topic's retention.ms falls back on three keys of the node, in their order.
//
// Lifetime: constants.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ottla::config {

// A key of the node that gives another key its value when that is not set itself.
struct Synonym {
  std::string_view name;
  std::int64_t factor = 1;  // from its unit to that of the other key: 3600000 from hours
};

// Of a topic's key, the strongest first; none for keys that belong to topics alone.
std::span<const Synonym> topic_synonyms(std::string_view topic_key);
// The key of the node that a group's key falls back on.
std::optional<std::string_view> group_synonym(std::string_view group_key);

// What listener.name.NAME.key is made of.
struct ListenerKey {
  std::string_view listener;
  std::string_view base;  // may have a SASL mechanism before it: plain.sasl.jaas.config
};
std::optional<ListenerKey> split_listener_key(std::string_view name);

// The names under which the value of a node's key is looked for, the strongest first; the key itself is among them.
// A listener's key falls back on the one without listener and mechanism when `with_base` is asked for.
enum class ListenerBase : std::uint8_t { without_base, with_base };
std::vector<std::string_view> node_synonyms(std::string_view name, ListenerBase base);

}  // namespace ottla::config
