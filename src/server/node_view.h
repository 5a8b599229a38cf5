// A node as its handlers see it: one view a shard, with the metadata and settings of the moment and the doors to
// everything that answers.
//
// Use:         const metadata::SharedImage image = context.node.image;   // keep it over a wait, if it must be the same
// Lifetime:    outlives the requests of its shard.
// Concurrency: confined to its shard. Image and settings are changed by message, and are never null.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/log.h"
#include "base/node_id.h"
#include "base/uuid.h"
#include "config/node_shape.h"
#include "metadata/image.h"
#include "protocol/schema.h"
#include "server/node_settings.h"

namespace ottla::controller {
class ActiveController;
}
namespace ottla::quorum {
class MetadataQuorum;
}
namespace ottla::replica {
class ReplicaManager;
}

namespace ottla::server {

// What stays as it is while the node runs.
struct NodeFacts {
  NodeId id{0};
  Uuid incarnation;  // of this start of the process
  std::string cluster_id;
  config::NodeShape shape;
};

class ClientQuotas;
class ControllerDoor;
class Dispatcher;
class ProducerIdDoor;
class QuotaDoor;
class TopicCreatorDoor;

struct NodeView {
  const NodeFacts& facts;
  metadata::SharedImage image;
  SharedSettings settings;
  std::int16_t kraft_version = 0;    // finalised by the quorum, not by the image
  NodeId leader = kNoNode;           // of the quorum, as this node knows it; told to the first shard alone
  Dispatcher* dispatcher = nullptr;  // of this shard
  ControllerDoor* controller = nullptr;  // the way to the active controller
  // What a controller on another node serves, by API key; nothing when it is here, or not connected.
  std::shared_ptr<const std::vector<protocol::Versions>> controller_versions = {};
  TopicCreatorDoor* topic_creator = nullptr;
  ProducerIdDoor* producer_ids = nullptr;       // of a broker
  replica::ReplicaManager* replicas = nullptr;  // of a broker; its door is that of the shard that asks
  QuotaDoor* broker_quotas = nullptr;
  // On the first shard of a node that is a controller.
  controller::ActiveController* active_controller = nullptr;
  quorum::MetadataQuorum* quorum = nullptr;
  QuotaDoor* controller_quotas = nullptr;
  ClientQuotas* mutation_quotas = nullptr;
  Logger log;

  template <typename T>
  T setting(config::NodeKey<T> key) const {
    return settings->config.get(key);
  }
};

}  // namespace ottla::server
