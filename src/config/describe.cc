#include "config/describe.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "config/key_table.h"
#include "config/node_key.h"
#include "config/node_shape.h"
#include "config/synonyms.h"
#include "config/value.h"
#include "config/value_check.h"

namespace ottla::config {
namespace {

// Everything that the layers know under these names, the strongest first.
std::vector<DescribedSynonym> found_under(const NodeLayers& layers,
                                          const std::vector<std::string_view>& names, bool sensitive) {
  std::vector<DescribedSynonym> found;
  const auto add = [&](std::string_view name, std::string_view text, Source source) {
    found.push_back({.name = std::string(name),
                     .value = sensitive ? std::nullopt : std::optional<std::string>(text),
                     .source = source});
  };
  const auto add_all = [&](const Texts& texts, Source source) {
    for (const std::string_view name : names) {
      if (const auto text = texts.find(name); text != texts.end()) add(name, text->second, source);
    }
  };
  add_all(layers.broker, Source::dynamic_broker);
  add_all(layers.cluster, Source::dynamic_default_broker);
  add_all(layers.fixed, Source::static_broker);
  for (const std::string_view name : names) {
    const Key* key = find_key(Scope::node, name);
    if (key == nullptr) continue;
    if (const auto text = key->otherwise.value()) add(name, *text, Source::otherwise);
  }
  return found;
}

// The synonyms of a node's key; those that stand before the key itself are other keys' business.
std::vector<DescribedSynonym> synonyms_of(const NodeLayers& layers, std::string_view name, bool sensitive) {
  auto found = found_under(layers, node_synonyms(name, ListenerBase::with_base), sensitive);
  const auto self = std::ranges::find(found, name, &DescribedSynonym::name);
  found.erase(found.begin(), self);
  return found;
}

void take_source(Described& entry) {
  entry.source = entry.synonyms.empty() ? Source::otherwise : entry.synonyms.front().source;
}

bool can_be_altered(std::string_view name) {
  const Key* key = find_key(Scope::node, name);
  return key != nullptr && key->update != UpdateMode::read_only;
}

Described node_entry(const NodeLayers& layers, std::string_view name, std::optional<std::string> value) {
  const Key* row = node_row(name);
  Described entry;
  entry.name = std::string(name);
  entry.sensitive = row == nullptr || row->sensitive();
  if (!entry.sensitive) entry.value = std::move(value);
  entry.read_only = !can_be_altered(name);
  if (row != nullptr) entry.type = row->type;
  if (const Key* exact = find_key(Scope::node, name)) entry.documentation = exact->description;
  entry.synonyms = synonyms_of(layers, name, entry.sensitive);
  take_source(entry);
  return entry;
}

// A key of a topic or group: its own text first, then what stands behind it.
Described owned_entry(const Key& key, const Texts& own, Source source, std::optional<std::string> fallback,
                      std::vector<DescribedSynonym> behind) {
  Described entry;
  entry.name = std::string(key.name);
  entry.type = key.type;
  entry.documentation = key.description;
  const auto text = own.find(key.name);
  if (text == own.end()) {
    entry.value = std::move(fallback);
  } else {
    const auto value = parse_value(key, text->second);
    entry.value = value.ok() ? text_of(*value) : text->second;
    entry.synonyms.push_back({.name = entry.name, .value = entry.value, .source = source});
  }
  std::ranges::move(behind, std::back_inserter(entry.synonyms));
  take_source(entry);
  return entry;
}

std::optional<std::string> default_text(const Key& key) {
  const auto text = key.otherwise.value();
  return text ? std::optional<std::string>(*text) : std::nullopt;
}

bool shows(const Key& key, const Texts& own) {
  return !key.internal() || own.contains(key.name);
}

}  // namespace

const Key* node_row(std::string_view name) {
  if (const Key* exact = find_key(Scope::node, name)) return exact;
  for (const std::string_view each : node_synonyms(name, ListenerBase::with_base)) {
    if (const Key* key = find_key(Scope::node, each)) return key;
  }
  return find_key(Scope::broker_throttle, name);
}

std::vector<Described> describe_node(const NodeLayers& layers, const NodeConfig& config) {
  std::vector<Described> entries;
  const auto keys = keys_of(Scope::node);
  for (std::size_t each = 0; each < keys.size(); ++each) {
    if (!shows(keys[each], config.texts())) continue;
    // An internal key is there for its text alone.
    const auto text = config.texts().find(keys[each].name);
    entries.push_back(
        node_entry(layers, keys[each].name,
                   keys[each].internal() ? std::optional(text->second) : text_of(config.value(each))));
  }
  for (const auto& [name, text] : config.texts()) {
    if (find_key(Scope::node, name) == nullptr) entries.push_back(node_entry(layers, name, text));
  }
  return entries;
}

std::vector<Described> describe_cluster(const NodeLayers& layers) {
  std::vector<Described> entries;
  for (const auto& [name, text] : layers.cluster) {
    Described entry = node_entry(layers, name, text);
    std::erase_if(entry.synonyms,
                  [](const DescribedSynonym& each) { return each.source != Source::dynamic_default_broker; });
    take_source(entry);
    entries.push_back(std::move(entry));
  }
  return entries;
}

std::optional<std::string> topic_fallback(const Key& key, const NodeConfig& config) {
  if (key.name == "segment.ms") return std::to_string(log_roll_ms(config));
  if (key.name == "segment.jitter.ms") return std::to_string(log_roll_jitter_ms(config));
  if (key.name == "retention.ms") return std::to_string(log_retention_ms(config));
  if (key.name == "flush.ms") return std::to_string(log_flush_interval_ms(config));
  const auto synonyms = topic_synonyms(key.name);
  if (synonyms.empty()) return default_text(key);
  return text_of(config.value(*find_index(Scope::node, synonyms.front().name)));
}

std::optional<std::string> group_fallback(const Key& key, const NodeConfig& config) {
  const auto synonym = group_synonym(key.name);
  if (!synonym) return default_text(key);
  const Value& value = config.value(*find_index(Scope::node, *synonym));
  // Of several assignors the first one is meant.
  if (const List* list = std::get_if<List>(&value); list != nullptr && key.type == Type::string) {
    return list->empty() ? std::nullopt : std::optional(list->front());
  }
  return text_of(value);
}

std::vector<Described> describe_topic(const Texts& own, const NodeLayers& layers, const NodeConfig& config) {
  std::vector<Described> entries;
  for (const Key& key : keys_of(Scope::topic)) {
    if (!shows(key, own)) continue;
    const auto synonyms = topic_synonyms(key.name);
    entries.push_back(owned_entry(key, own, Source::topic, topic_fallback(key, config),
                                  synonyms.empty() ? std::vector<DescribedSynonym>()
                                                   : synonyms_of(layers, synonyms.front().name, false)));
  }
  return entries;
}

std::vector<Described> describe_group(const Texts& own, const NodeLayers& layers, const NodeConfig& config) {
  std::vector<Described> entries;
  for (const Key& key : keys_of(Scope::group)) {
    if (!shows(key, own)) continue;
    std::vector<DescribedSynonym> behind;
    if (const auto synonym = group_synonym(key.name)) {
      behind = synonyms_of(layers, *synonym, false);
    } else {
      behind.push_back(
          {.name = std::string(key.name), .value = default_text(key), .source = Source::otherwise});
    }
    entries.push_back(owned_entry(key, own, Source::group, group_fallback(key, config), std::move(behind)));
  }
  return entries;
}

std::vector<Described> describe_client_metrics(const Texts& own) {
  std::vector<Described> entries;
  for (const Key& key : keys_of(Scope::client_metrics)) {
    entries.push_back(owned_entry(key, own, Source::client_metrics, default_text(key), {}));
  }
  return entries;
}

}  // namespace ottla::config
