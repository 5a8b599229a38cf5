#include "metadata/delta.h"

#include <utility>

namespace ottla::metadata {
namespace {

// What Refs point to; other values themselves.
template <typename V>
const auto* pointee(const V* value) {
  if constexpr (requires { value->get(); }) {
    return value == nullptr ? nullptr : value->get();
  } else {
    return value;
  }
}

template <typename Changes, typename Map>
void list_changes(Changes& changes, const Map& before, const Map& after) {
  diff(before, after, [&](const auto& key, const auto* was, const auto* is) {
    if constexpr (requires { changes.push_back({key, pointee(was), pointee(is)}); }) {
      changes.push_back({key, pointee(was), pointee(is)});
    } else {
      changes.push_back({&key, pointee(was), pointee(is)});
    }
  });
}

// Of maps of maps: each outer key with what changed below it.
template <typename Changes, typename Map>
void list_nested_changes(Changes& changes, const Map& before, const Map& after) {
  static const typename Map::mapped_type kNone;
  diff(before, after, [&](const auto& key, const auto* was, const auto* is) {
    if constexpr (requires { changes.push_back({key, {}}); }) {
      changes.push_back({key, {}});
    } else {
      changes.push_back({&key, {}});
    }
    list_changes(changes.back().values, was == nullptr ? kNone : *was, is == nullptr ? kNone : *is);
  });
}

void list_topics(std::vector<TopicChange>& changes, const TopicsImage& before, const TopicsImage& after) {
  static const decltype(TopicImage::partitions) kNone;
  diff(before.by_id, after.by_id, [&](const Uuid& id, const TopicImage* was, const TopicImage* is) {
    changes.push_back({.id = id, .before = was, .after = is, .partitions = {}});
    list_changes(changes.back().partitions, was == nullptr ? kNone : was->partitions,
                 is == nullptr ? kNone : is->partitions);
  });
}

void sort_out(const TopicChange& topic, const PartitionChange& change, std::int32_t broker,
              LocalChanges& local) {
  const Partition* was = change.before;
  const Partition* is = change.after;
  const bool had = was != nullptr && contains(was->replicas(), broker);
  const LocalReplica replica{.topic_id = topic.id,
                             .topic = topic.name(),
                             .index = change.key,
                             .partition = is == nullptr ? was : is};
  if (is == nullptr || !contains(is->replicas(), broker)) {
    if (had) local.gone.push_back({topic.id, topic.name(), change.key, was});
    return;
  }
  const bool moved_on = was == nullptr || was->partition_epoch() != is->partition_epoch();
  if (is->leader() == broker) {
    if (moved_on) local.leading.push_back(replica);
    if (moved_on && (was == nullptr || was->leader_epoch() != is->leader_epoch()))
      local.elected.push_back(replica);
  } else if (moved_on) {
    local.following.push_back(replica);
  }
  if (!had || *was->directory_of(broker) != *is->directory_of(broker)) local.placed.push_back(replica);
}

}  // namespace

bool MetadataDelta::empty() const {
  return features.empty() && brokers.empty() && controllers.empty() && topics.empty() && configs.empty() &&
         client_quotas.empty() && acls.empty() && scram.empty() && delegation_tokens.empty() &&
         !metadata_version_changed() && !producer_ids_changed();
}

MetadataDelta delta_between(SharedImage before, SharedImage after) {
  MetadataDelta delta;
  delta.before = std::move(before);
  delta.after = std::move(after);
  const MetadataImage& was = *delta.before;
  const MetadataImage& is = *delta.after;
  list_changes(delta.features, was.features.finalized, is.features.finalized);
  list_changes(delta.brokers, was.cluster.brokers, is.cluster.brokers);
  list_changes(delta.controllers, was.cluster.controllers, is.cluster.controllers);
  list_topics(delta.topics, was.topics, is.topics);
  list_nested_changes(delta.configs, was.configs, is.configs);
  list_nested_changes(delta.client_quotas, was.client_quotas, is.client_quotas);
  list_changes(delta.acls, was.acls, is.acls);
  list_changes(delta.scram, was.scram, is.scram);
  list_changes(delta.delegation_tokens, was.delegation_tokens, is.delegation_tokens);
  return delta;
}

LocalChanges local_changes(const MetadataDelta& delta, NodeId broker) {
  LocalChanges local;
  for (const TopicChange& topic : delta.topics) {
    for (const PartitionChange& change : topic.partitions) sort_out(topic, change, broker.raw(), local);
  }
  return local;
}

}  // namespace ottla::metadata
