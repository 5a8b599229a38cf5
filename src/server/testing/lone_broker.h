// A broker's settings and dispatcher without a node around them, for tests of what stands beside those.
//
// Lifetime:    within a process; the view refers to the facts.
// Concurrency: confined to its shard.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "config/layers.h"
#include "config/node_config.h"
#include "metadata/image.h"
#include "server/dispatcher.h"
#include "server/node_settings.h"
#include "server/node_view.h"

namespace ottla::server {

struct LoneBroker {
  static SharedSettings default_settings() {
    std::vector<config::Problem> problems;
    return std::make_shared<NodeSettings>(
        config::NodeLayers{},
        config::NodeConfig::read({{"process.roles", "broker"}, {"node.id", "2"}}, problems));
  }

  const NodeFacts facts{.id = NodeId(2), .incarnation = {}, .cluster_id = "c", .shape = {}};
  NodeView view{.facts = facts,
                .image = std::make_shared<const metadata::MetadataImage>(),
                .settings = default_settings(),
                .log = {}};
  Dispatcher dispatcher{view, std::size_t{1} << 20};
};

}  // namespace ottla::server
