// What DescribeConfigs answers: each key with its value, where that comes from, and what else would speak for it.
//
// Secrets: the value of a password, and of any key of a node that is unknown, is left out.
// Order:   that of the tables, then unknown keys by name. The reference's is that of a hash table.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/key.h"
#include "config/layers.h"
#include "config/node_config.h"

namespace ottla::config {

struct DescribedSynonym {
  std::string name;
  std::optional<std::string> value;
  Source source = Source::unknown;
  bool operator==(const DescribedSynonym&) const = default;
};

struct Described {
  std::string name;
  std::optional<std::string> value;
  Source source = Source::otherwise;
  bool read_only = false;
  bool sensitive = false;
  std::optional<Type> type;  // nothing for unknown keys
  std::vector<DescribedSynonym> synonyms;
  std::string_view documentation;  // empty for unknown keys
};

// `config` is what the layers give together.
std::vector<Described> describe_node(const NodeLayers& layers, const NodeConfig& config);
// What was altered for all brokers.
std::vector<Described> describe_cluster(const NodeLayers& layers);
// `own` are the texts of the topic, the group or the subscription.
std::vector<Described> describe_topic(const Texts& own, const NodeLayers& layers, const NodeConfig& config);
std::vector<Described> describe_group(const Texts& own, const NodeLayers& layers, const NodeConfig& config);
std::vector<Described> describe_client_metrics(const Texts& own);

// What a topic's or group's key has when its own texts do not say: the node's value, in the unit of that key.
std::optional<std::string> topic_fallback(const Key& key, const NodeConfig& config);
std::optional<std::string> group_fallback(const Key& key, const NodeConfig& config);

// The row that says how a node's key is to be read; a listener's key is read as the one without listener.
const Key* node_row(std::string_view name);

}  // namespace ottla::config
