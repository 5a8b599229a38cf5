// A node's configuration of the moment: what it was started with, and what was altered since.
//
// Lifetime:    immutable; a change makes another one. Shards share it.
#pragma once

#include <memory>

#include "config/layers.h"
#include "config/node_config.h"

namespace ottla::server {

struct NodeSettings {
  config::NodeLayers layers;
  config::NodeConfig config;  // of layers.effective()
};

using SharedSettings = std::shared_ptr<const NodeSettings>;

}  // namespace ottla::server
