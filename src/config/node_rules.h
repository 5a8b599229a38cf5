// What must hold between the keys of a node, each rule by a name of its own.
//
// Use:    for (const Broken& each : broken_rules(config, shape)) …
// Words:  those of the reference. Where it says "requirement failed: " before them, `requirement` is true.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/node_config.h"
#include "config/node_shape.h"

namespace ottla::config {

struct Broken {
  std::string_view rule;
  std::string text;
  bool requirement = false;
};

// All rules that are broken, in the order in which the reference would meet them. Those about listeners are left out
// when the shape is not complete.
std::vector<Broken> broken_rules(const NodeConfig& config, const NodeShape& shape);

// What is allowed and yet hardly meant, for a line in the log.
std::vector<std::string> doubts(const NodeConfig& config, const NodeShape& shape);

}  // namespace ottla::config
