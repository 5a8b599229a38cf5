// The configuration of a node with everything understood: what code asks for values.
//
// Use:         int n = config.get(node_key<"num.partitions">);
// Lifetime:    immutable; a change makes a new one.
// Invariants:  1. each key has a value that its own rules accept
//              2. values without rules of their own were not compared with each other yet: node_rules.h does that
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/invariant.h"
#include "config/key_table.h"
#include "config/node_key.h"
#include "config/value.h"

namespace ottla::config {

// Texts by key, as files and records hold them.
using Texts = std::map<std::string, std::string, std::less<>>;

// What is wrong, about which key.
struct Problem {
  std::string key;  // empty when it is about several
  std::string text;
  bool operator==(const Problem&) const = default;
};

class NodeConfig {
 public:
  // Understands what `texts` say and takes defaults for the rest. `problems` gets one for each key that is wrong, and
  // such a key has its default (or null) here. broker.id and node.id stand for each other.
  static NodeConfig read(Texts texts, std::vector<Problem>& problems);

  template <typename T>
  T get(NodeKey<T> key) const {
    return as<T>(values_[key.index]);
  }
  const Value& value(std::size_t index) const { return values_[index]; }

  // Whether somebody set this key, and the texts of all that were set, unknown keys too.
  bool is_set(std::string_view name) const { return texts_.contains(name); }
  const Texts& texts() const { return texts_; }

 private:
  template <typename T>
  struct Optional : std::false_type {};
  template <typename T>
  struct Optional<std::optional<T>> : std::true_type {
    using Held = T;
  };

  template <typename T>
  static T as(const Value& value) {
    if constexpr (Optional<T>::value) {
      if (is_null(value)) return std::nullopt;
      return as<typename Optional<T>::Held>(value);
    } else {
      const T* held = std::get_if<T>(&value);
      OTTLA_INVARIANT(held != nullptr, "a required key of a node has no value", value.index());
      return *held;
    }
  }

  Texts texts_;
  std::vector<Value> values_;  // by the index of the key
};

// Copies node.id to broker.id or the other way round, when one of them is missing.
void populate_node_id(Texts& texts);

}  // namespace ottla::config
