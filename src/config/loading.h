// A node's configuration at its start: file, environment and command line become one, and everything that is wrong with
// them is told at once.
//
// Use:    Loaded loaded = load_node({.path = "server.properties", .file = text, …}, door);
//         if (!loaded.errors.empty()) → print them all, exit with 2
// Errors: each says where (file and line, variable, or -D), which key, and what was expected.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "config/environment.h"
#include "config/layers.h"
#include "config/node_config.h"
#include "config/node_shape.h"
#include "config/providers.h"

namespace ottla::config {

// What it is wanted for: a node does not start with a protection that is not built, a tool may look at it.
enum class Purpose : std::uint8_t { start, inspection };

struct StartTexts {
  Purpose purpose = Purpose::start;
  std::string path;                 // of the file, for messages
  std::optional<std::string> file;  // its text, when there is one
  std::vector<Variable> environment;
  // Whether variables such as KAFKA_NUM_PARTITIONS are keys, or there for providers alone.
  bool environment_is_configuration = true;
  std::vector<std::string> overrides;  // key=value each, from -D
  // What holds when nobody says anything else: what `ottla` without arguments sets.
  Texts assumed;
};

struct Loaded {
  NodeLayers layers;  // nothing altered yet
  NodeConfig config;
  NodeShape shape;
  std::vector<std::string> errors;
  std::vector<std::string> warnings;
};

Loaded load_node(const StartTexts& texts, const ProviderDoor& door);

}  // namespace ottla::config
