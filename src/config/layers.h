// Where a node's texts come from, the weaker first: defaults, what it was started with, what was altered for all
// brokers, what was altered for this one.
//
// Lifetime: plain values; a change makes new ones.
#pragma once

#include <cstdint>
#include <string_view>

#include "config/node_config.h"

namespace ottla::config {

// The numbers are those of DescribeConfigs.
enum class Source : std::uint8_t {
  unknown = 0,
  topic = 1,
  dynamic_broker = 2,
  dynamic_default_broker = 3,
  static_broker = 4,
  otherwise = 5,  // the default
  dynamic_broker_logger = 6,
  client_metrics = 7,
  group = 8,
};

struct NodeLayers {
  Texts fixed;  // file, environment and command line, already one; broker.id and node.id stand for each other
  Texts cluster;  // altered for all brokers
  Texts broker;   // altered for this one

  // One over the other. What is altered also takes the place of its synonyms below: log.roll.hours altered outweighs a
  // log.roll.ms of the file.
  Texts effective() const;
};

// Lays `over` upon `under`.
void override_texts(Texts& under, const Texts& over);

}  // namespace ottla::config
