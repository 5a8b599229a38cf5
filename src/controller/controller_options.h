// What an active controller knows beside the metadata: who it is and what its node was started with.
//
// Lifetime: outlives the controller; constant.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/node_id.h"
#include "base/slice.h"
#include "base/uuid.h"
#include "config/node_config.h"
#include "controller/api_error.h"
#include "metadata/bootstrap.h"
#include "metadata/registration.h"
#include "protocol/array.h"
#include "protocol/messages/create_topics.h"

namespace ottla::controller {

// What create.topic.policy.class.name asks about each topic that is about to be made.
class CreateTopicPolicy {
 public:
  struct Topic {
    std::string_view name;
    std::int32_t partitions;          // -1 when replicas are assigned by hand
    std::int16_t replication_factor;  // -1 likewise
    const protocol::Array<protocol::CreateTopicsRequest::CreatableReplicaAssignment>& assignments;
    const config::Texts& configs;
  };
  virtual ~CreateTopicPolicy() = default;
  // A text is the reason for a refusal.
  virtual std::optional<std::string> check(const Topic& topic) const = 0;
};

// What alter.config.policy.class.name asks about each change.
class AlterConfigPolicy {
 public:
  virtual ~AlterConfigPolicy() = default;
  virtual std::optional<std::string> check(const metadata::ConfigResourceView& resource,
                                           const config::Texts& configs) const = 0;
};

struct ControllerOptions {
  NodeId node;
  std::string cluster_id;
  config::NodeConfig config;                         // as the node was started
  std::vector<metadata::SupportedFeature> features;  // of this node, by name
  // Of the broker in this very process, if there is one: other incarnations of it are dead, since it holds the lock on
  // their directories.
  std::optional<Uuid> own_broker = {};
  std::vector<NodeId> quorum_nodes;  // controller.quorum.voters; empty when voters stand in the log
  metadata::Bootstrap bootstrap;     // what a new cluster begins with
  const CreateTopicPolicy* create_topic_policy = nullptr;
  const AlterConfigPolicy* alter_config_policy = nullptr;
};

}  // namespace ottla::controller
