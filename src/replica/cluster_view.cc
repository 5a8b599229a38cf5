#include "replica/cluster_view.h"

#include <utility>

namespace ottla::replica {

void ClusterView::set_config(SharedNodeConfig config) {
  config_ = std::move(config);
  usual_ = std::make_shared<const TopicSettings>(topic_settings(nullptr, *config_));
  settings_.clear();
}

SharedSettings ClusterView::settings_of(const std::string& topic) {
  const auto known = settings_.find(topic);
  if (known != settings_.end()) return known->second;
  const metadata::ConfigValues* const own =
      image_ ? image_->configs.find(metadata::ConfigResourceView(metadata::ConfigResourceType::topic, topic))
             : nullptr;
  if (own == nullptr) return usual_;
  return settings_.emplace(topic, std::make_shared<const TopicSettings>(topic_settings(own, *config_)))
      .first->second;
}

Brokers::Facts ClusterView::facts_of(NodeId broker) const {
  const metadata::BrokerRegistration* const known = image_ ? image_->cluster.broker(broker) : nullptr;
  if (known == nullptr) return {};
  return {.epoch = known->fenced ? std::nullopt : std::optional(known->epoch),
          .fenced = known->fenced,
          .stopping = known->in_controlled_shutdown};
}

}  // namespace ottla::replica
