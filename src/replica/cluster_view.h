// What a shard's replicas know of the cluster: the image that was published last, the node's configuration, and what
// follows from both for topics and brokers.
//
// Lifetime:    a part of the shard's ReplicaSet.
// Concurrency: confined to its shard; images and configurations are shared and never change.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "config/node_config.h"
#include "metadata/image.h"
#include "replica/leader_core.h"
#include "replica/partition_key.h"
#include "replica/topic_settings.h"

namespace ottla::replica {

using SharedNodeConfig = std::shared_ptr<const config::NodeConfig>;

class ClusterView final : public Brokers {
 public:
  // The configuration is there; the image may come later.
  explicit ClusterView(SharedNodeConfig config) { set_config(std::move(config)); }

  // Null before the first one.
  const metadata::SharedImage& image() const { return image_; }
  void set_image(metadata::SharedImage image) { image_ = std::move(image); }
  const config::NodeConfig& config() const { return *config_; }
  void set_config(SharedNodeConfig config);

  // Topics without a configuration of their own share one.
  SharedSettings settings_of(const std::string& topic);
  // The topic is configured in another way in the image of now.
  void forget_settings(const std::string& topic) { settings_.erase(topic); }

  bool knows(const PartitionKey& key) const {
    return image_ && image_->topics.partition(key.topic, key.index) != nullptr;
  }
  Facts facts_of(NodeId broker) const override;

 private:
  metadata::SharedImage image_;
  SharedNodeConfig config_;
  SharedSettings usual_;
  std::map<std::string, SharedSettings> settings_;  // of topics that are configured
};

}  // namespace ottla::replica
