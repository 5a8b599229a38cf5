#include "controller/testing/cluster_invariants.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <vector>

#include "controller/partition_change.h"
#include "controller/reassignment.h"
#include "metadata/feature.h"
#include "metadata/metadata_version.h"
#include "metadata/registration.h"

namespace ottla::controller::testing {
namespace {

using metadata::BrokerIds;
using metadata::contains;
using metadata::MetadataImage;
using metadata::Partition;
using metadata::PartitionRef;
using metadata::TopicImage;

bool distinct(BrokerIds brokers) {
  std::vector<std::int32_t> sorted(brokers.begin(), brokers.end());
  std::ranges::sort(sorted);
  return std::ranges::adjacent_find(sorted) == sorted.end();
}

bool within(BrokerIds brokers, BrokerIds all) {
  return std::ranges::all_of(brokers, [all](std::int32_t each) { return contains(all, each); });
}

bool disjoint(BrokerIds a, BrokerIds b) {
  return std::ranges::none_of(a, [b](std::int32_t each) { return contains(b, each); });
}

const char* broken_lists(const Partition& now) {
  if (now.replicas().empty()) return "it has no replicas";
  if (!distinct(now.replicas())) return "a broker has two of its replicas";
  if (!within(now.isr(), now.replicas()) || !distinct(now.isr())) return "the ISR is no part of the replicas";
  if (!within(now.elr(), now.replicas()) || !distinct(now.elr())) return "the ELR is no part of the replicas";
  if (!disjoint(now.isr(), now.elr())) return "ISR and ELR overlap";
  if (!within(now.adding_replicas(), now.replicas())) return "who is added is no replica";
  if (!within(now.removing_replicas(), now.replicas())) return "who is removed is no replica";
  if (!disjoint(now.adding_replicas(), now.removing_replicas())) return "somebody is added and removed";
  if (now.reassigning() && !reverted(now)) return "a reassignment cannot be broken off";
  return nullptr;
}

const char* broken_leader(const MetadataImage& image, const Partition& now) {
  if (!now.has_leader()) {
    return now.isr().empty() && !image.features.elr_enabled() ? "nobody leads and nobody may" : nullptr;
  }
  if (!contains(now.isr(), now.leader())) return "the leader is not in the ISR";
  if (!is_active(image, now.leader())) return "the leader is fenced, shuts down or is gone";
  const metadata::BrokerRegistration* broker = image.cluster.broker(NodeId(now.leader()));
  if (!broker->has_online_directory(*now.directory_of(now.leader())))
    return "the leader's directory is offline";
  for (const std::int32_t each : now.isr()) {
    if (!is_active(image, each)) return "one in the ISR is fenced, shuts down or is gone";
  }
  return nullptr;
}

const char* broken_epochs(const Partition& before, const Partition& after) {
  if (after.leader_epoch() < before.leader_epoch()) return "the leader's epoch went back";
  if (after.partition_epoch() < before.partition_epoch()) return "the partition's epoch went back";
  if (after == before) return nullptr;
  if (after.partition_epoch() == before.partition_epoch()) return "the partition's epoch did not grow";
  if (after.leader() != before.leader() && after.leader_epoch() == before.leader_epoch()) {
    return "the leader's epoch did not grow";
  }
  if (!within(before.replicas(), after.replicas()) && after.leader_epoch() == before.leader_epoch()) {
    return "replicas went without a new epoch of the leader";
  }
  return nullptr;
}

// Who was about to come is in sync, and who was about to go is gone; or all is as it was before.
const char* broken_reassignment(const Partition& before, const Partition& after) {
  if (!before.reassigning() || after.reassigning()) return nullptr;
  const auto original = reverted(before);
  const bool as_before = original && std::ranges::equal(original->replicas, after.replicas());
  const bool completed =
      within(before.adding_replicas(), after.isr()) && disjoint(before.removing_replicas(), after.replicas());
  // Another one that needed nobody new has taken its place.
  const bool replaced = !std::ranges::equal(before.replicas(), after.replicas());
  return as_before || completed || replaced ? nullptr : "a reassignment neither completed nor reverted";
}

const char* broken_join(const MetadataImage& after, const Partition& before, const Partition& now) {
  for (const std::int32_t each : now.isr()) {
    if (!contains(before.isr(), each) && now.has_leader() && !is_active(after, each)) {
      return "who is fenced or shuts down joined the ISR";
    }
  }
  for (const std::int32_t each : now.elr()) {
    if (!contains(before.isr(), each) && !contains(before.elr(), each))
      return "who was not in sync is eligible";
  }
  return nullptr;
}

std::string broken_partitions(const MetadataImage& before, const MetadataImage& after,
                              const TopicImage& topic) {
  const TopicImage* old_topic = before.topics.find(topic.id);
  for (const auto& [index, now] : topic.partitions) {
    const Partition* then = old_topic == nullptr ? nullptr : old_topic->partition(index);
    const char* broken = broken_lists(*now);
    if (broken == nullptr) broken = broken_leader(after, *now);
    if (broken == nullptr && then != nullptr) broken = broken_epochs(*then, *now);
    if (broken == nullptr && then != nullptr) broken = broken_reassignment(*then, *now);
    if (broken == nullptr && then != nullptr) broken = broken_join(after, *then, *now);
    if (broken != nullptr) {
      return fmt::format("{}-{}: {} (replicas {}, ISR {}, ELR {}, leader {})", topic.name, index.raw(),
                         broken, now->replicas(), now->isr(), now->elr(), now->leader());
    }
  }
  return {};
}

std::string broken_features(const MetadataImage& image) {
  if (!image.features.metadata_version) return {};
  const std::int16_t version = level_of(*image.features.metadata_version);
  for (const auto& [id, broker] : image.cluster.brokers) {
    const metadata::SupportedFeature* supported = broker->feature(metadata::kMetadataVersionFeature);
    if (supported == nullptr || supported->least > version || supported->most < version) {
      return fmt::format("broker {} does not support the metadata.version", id.raw());
    }
    for (const auto& [name, level] : image.features.finalized) {
      const metadata::SupportedFeature* other = broker->feature(name);
      if (other == nullptr || other->least > level || other->most < level) {
        return fmt::format("broker {} does not support level {} of {}", id.raw(), level, name);
      }
    }
  }
  return {};
}

}  // namespace

std::string ClusterJudge::judge_ids(const MetadataImage& before, const MetadataImage& after) {
  for (const auto& [id, topic] : before.topics.by_id) {
    if (after.topics.find(id) == nullptr) used_.insert(id);
  }
  for (const auto& [id, topic] : after.topics.by_id) {
    if (used_.contains(id)) return fmt::format("the id of {} was another topic's", topic.name);
  }
  return {};
}

std::string ClusterJudge::judge(const MetadataImage& before, const MetadataImage& after) {
  if (std::string broken = judge_ids(before, after); !broken.empty()) return broken;
  if (std::string broken = broken_features(after); !broken.empty()) return broken;
  for (const auto& [id, topic] : after.topics.by_id) {
    if (std::string broken = broken_partitions(before, after, topic); !broken.empty()) return broken;
  }
  return {};
}

}  // namespace ottla::controller::testing
