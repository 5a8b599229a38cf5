#include "config/node_config.h"

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/key.h"
#include "config/key_table.h"
#include "config/value_check.h"

namespace ottla::config {
namespace {

// Something of the key's type, for a node that cannot start anyway but whose other faults are wanted too.
Value stand_in(const Key& key) {
  switch (key.type) {
    case Type::int32:
      return Value(-1);
    case Type::list:
      return Value(List());
    default:
      return Value();
  }
}

Value read_value(const Key& key, const Texts& texts, std::vector<Problem>& problems) {
  const auto text = texts.find(key.name);
  auto value = text == texts.end() ? default_value(key) : parse_value(key, text->second);
  if (value.ok()) return *std::move(value);
  problems.push_back({.key = std::string(key.name), .text = std::string(value.error().text())});
  auto otherwise = default_value(key);
  return otherwise.ok() ? *std::move(otherwise) : stand_in(key);
}

}  // namespace

void populate_node_id(Texts& texts) {
  const auto broker = texts.find("broker.id");
  const auto node = texts.find("node.id");
  if (broker == texts.end() && node != texts.end()) {
    texts.emplace("broker.id", node->second);
  } else if (broker != texts.end() && node == texts.end()) {
    texts.emplace("node.id", broker->second);
  }
}

NodeConfig NodeConfig::read(Texts texts, std::vector<Problem>& problems) {
  NodeConfig config;
  populate_node_id(texts);
  config.texts_ = std::move(texts);
  const std::span<const Key> keys = keys_of(Scope::node);
  config.values_.reserve(keys.size());
  for (const Key& key : keys) config.values_.push_back(read_value(key, config.texts_, problems));
  return config;
}

}  // namespace ottla::config
