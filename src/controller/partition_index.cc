#include "controller/partition_index.h"

#include <algorithm>

#include "base/invariant.h"

namespace ottla::controller {

bool PartitionSet::contains(const PartitionKey& key) const {
  const auto topic = topics_.find(key.topic);
  return topic != topics_.end() && std::ranges::binary_search(topic->second, key.partition);
}

bool PartitionSet::insert(const PartitionKey& key) {
  std::vector<std::int32_t>& partitions = topics_[key.topic];
  const auto place = std::ranges::lower_bound(partitions, key.partition);
  if (place != partitions.end() && *place == key.partition) return false;
  partitions.insert(place, key.partition);
  ++size_;
  return true;
}

bool PartitionSet::erase(const PartitionKey& key) {
  const auto topic = topics_.find(key.topic);
  if (topic == topics_.end()) return false;
  const auto place = std::ranges::lower_bound(topic->second, key.partition);
  if (place == topic->second.end() || *place != key.partition) return false;
  topic->second.erase(place);
  if (topic->second.empty()) topics_.erase(topic);
  --size_;
  return true;
}

const PartitionSet& PartitionIndex::of(const ByBroker& index, std::int32_t broker) {
  static const PartitionSet kNone;
  const auto found = index.find(broker);
  return found == index.end() ? kNone : found->second;
}

void PartitionIndex::update(const PartitionKey& key, const metadata::Partition* before,
                            const metadata::Partition* after) {
  if (before != nullptr) remove(key, *before);
  if (after != nullptr) add(key, *after);
}

void PartitionIndex::add(const PartitionKey& key, const metadata::Partition& partition) {
  ++size_;
  members_[partition.leader()].insert(key);
  if (partition.has_leader()) ++leading_[partition.leader()];
  for (const std::int32_t broker : partition.isr()) members_[broker].insert(key);
  for (const std::int32_t broker : partition.elr()) eligible_[broker].insert(key);
  if (partition.reassigning()) reassigning_.insert(key);
  if (partition.leader() != partition.preferred_leader()) imbalanced_.insert(key);
}

void PartitionIndex::remove(const PartitionKey& key, const metadata::Partition& partition) {
  const auto remove_from = [&key](ByBroker& index, std::int32_t broker) {
    const auto found = index.find(broker);
    if (found == index.end()) return;
    found->second.erase(key);
    if (found->second.empty()) index.erase(found);
  };
  --size_;
  remove_from(members_, partition.leader());
  if (partition.has_leader() && --leading_[partition.leader()] == 0) leading_.erase(partition.leader());
  for (const std::int32_t broker : partition.isr()) remove_from(members_, broker);
  for (const std::int32_t broker : partition.elr()) remove_from(eligible_, broker);
  reassigning_.erase(key);
  imbalanced_.erase(key);
}

}  // namespace ottla::controller
