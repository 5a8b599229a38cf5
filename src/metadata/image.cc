#include "metadata/image.h"

#include <fmt/format.h>

#include <algorithm>

#include "metadata/feature.h"

namespace ottla::metadata {
namespace {

template <typename Map, typename Key>
auto* pointed_to(const Map& map, const Key& key) {
  const auto* found = map.find(key);
  return found == nullptr ? nullptr : found->get();
}

std::string broken_topics(const TopicsImage& topics) {
  if (topics.by_id.size() != topics.by_name.size()) {
    return fmt::format("{} topics by id, {} by name", topics.by_id.size(), topics.by_name.size());
  }
  for (const auto& [id, topic] : topics.by_id) {
    const Uuid* named = topics.by_name.find(topic.name);
    if (topic.id != id) return fmt::format("topic {} under the id {}", topic.id.to_string(), id.to_string());
    if (named == nullptr || *named != id)
      return fmt::format("topic {} is not under its name", id.to_string());
    for (const auto& [index, partition] : topic.partitions) {
      if (!partition) return fmt::format("no partition {}-{}", topic.name, index.raw());
    }
  }
  return {};
}

template <typename Registrations>
std::string broken_registrations(const Registrations& registrations) {
  for (const auto& [id, registration] : registrations) {
    if (registration->id != id)
      return fmt::format("node {} under the id {}", registration->id.raw(), id.raw());
    for (std::size_t i = 1; i < registration->listeners.size(); ++i) {
      if (registration->listeners[i - 1].name >= registration->listeners[i].name) {
        return fmt::format("listeners of node {} do not ascend", id.raw());
      }
    }
  }
  return {};
}

template <typename Map>
std::string broken_nested(const Map& map, std::string_view what) {
  for (const auto& [key, values] : map) {
    if (values.empty()) return fmt::format("{} without a value", what);
  }
  return {};
}

template <typename Map>
bool ascends(const Map& map) {
  return std::ranges::is_sorted(map, {}, [](const auto& entry) -> const auto& { return entry.first; });
}

}  // namespace

std::int16_t FeaturesImage::level(std::string_view name) const {
  if (name == kMetadataVersionFeature) return metadata_version.has_value() ? level_of(*metadata_version) : 0;
  const std::int16_t* found = finalized.find(name);
  return found == nullptr ? 0 : *found;
}

bool FeaturesImage::elr_enabled() const {
  return level(kEligibleLeaderReplicasFeature) >= 1;
}

const BrokerRegistration* ClusterImage::broker(NodeId id) const {
  return pointed_to(brokers, id);
}
const ControllerRegistration* ClusterImage::controller(NodeId id) const {
  return pointed_to(controllers, id);
}

const Partition* TopicImage::partition(PartitionId index) const {
  return pointed_to(partitions, index);
}

const TopicImage* TopicsImage::find(std::string_view name) const {
  const Uuid* id = by_name.find(name);
  return id == nullptr ? nullptr : by_id.find(*id);
}

const Partition* TopicsImage::partition(const Uuid& id, PartitionId index) const {
  const TopicImage* topic = by_id.find(id);
  return topic == nullptr ? nullptr : topic->partition(index);
}

const std::string* MetadataImage::config(const ConfigResourceView& resource, std::string_view key) const {
  const ConfigValues* values = configs.find(resource);
  return values == nullptr ? nullptr : values->find(key);
}

bool same_contents(const MetadataImage& a, const MetadataImage& b) {
  return a.features == b.features && a.cluster == b.cluster && a.topics == b.topics &&
         a.configs == b.configs && a.client_quotas == b.client_quotas &&
         a.next_producer_id == b.next_producer_id && a.acls == b.acls && a.scram == b.scram &&
         a.delegation_tokens == b.delegation_tokens;
}

std::string broken_invariant(const MetadataImage& image) {
  for (std::string broken :
       {broken_topics(image.topics), broken_registrations(image.cluster.brokers),
        broken_registrations(image.cluster.controllers), broken_nested(image.configs, "a resource"),
        broken_nested(image.client_quotas, "a quota entity")}) {
    if (!broken.empty()) return broken;
  }
  for (const auto& [id, token] : image.delegation_tokens) {
    if (token->id != id) return fmt::format("token {} under the id {}", token->id, id);
  }
  const bool ordered = ascends(image.features.finalized) && ascends(image.topics.by_id) &&
                       ascends(image.topics.by_name) && ascends(image.client_quotas) &&
                       ascends(image.scram) && ascends(image.acls) && ascends(image.delegation_tokens);
  return ordered ? "" : "a map does not ascend";
}

}  // namespace ottla::metadata
