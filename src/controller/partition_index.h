// Which partitions a broker has to do with: what is to be looked at when it is fenced, shuts down or comes back.
//
// Lifetime:    a part of State, which keeps it true.
// Concurrency: confined to one shard.
// Invariants:  1. members(b) are the partitions that b leads or is in the ISR of; members(-1) those without a leader
//              2. eligible(b) are those that have b in their ELR
//              3. ascending by topic and partition, so that every walk is the same everywhere
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "base/uuid.h"
#include "metadata/image.h"
#include "metadata/partition.h"

namespace ottla::controller {

struct PartitionKey {
  Uuid topic;
  std::int32_t partition = 0;

  friend bool operator==(const PartitionKey&, const PartitionKey&) = default;
  friend std::strong_ordering operator<=>(const PartitionKey&, const PartitionKey&) = default;
};

// Four bytes a partition.
class PartitionSet {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  bool contains(const PartitionKey& key) const;
  // Whether there was none of it, and whether there was one.
  bool insert(const PartitionKey& key);
  bool erase(const PartitionKey& key);
  // Calls f(key), in their order, until it returns false.
  template <typename F>
  void each(F&& f) const {
    for (const auto& [topic, partitions] : topics_) {
      for (const std::int32_t partition : partitions) {
        if (!f(PartitionKey{topic, partition})) return;
      }
    }
  }

  friend bool operator==(const PartitionSet&, const PartitionSet&) = default;

 private:
  std::map<Uuid, std::vector<std::int32_t>> topics_;
  std::size_t size_ = 0;
};

class PartitionIndex {
 public:
  const PartitionSet& members(std::int32_t broker) const { return of(members_, broker); }
  const PartitionSet& eligible(std::int32_t broker) const { return of(eligible_, broker); }
  const PartitionSet& leaderless() const { return members(-1); }
  const PartitionSet& reassigning() const { return reassigning_; }
  // Those that are not led by their preferred replica.
  const PartitionSet& imbalanced() const { return imbalanced_; }
  // Whether the broker leads anything.
  bool leads(std::int32_t broker) const { return leading_.contains(broker); }
  std::size_t size() const { return size_; }

  // A partition was made (no `before`), changed, or went away (no `after`).
  void update(const PartitionKey& key, const metadata::Partition* before, const metadata::Partition* after);

  friend bool operator==(const PartitionIndex&, const PartitionIndex&) = default;

 private:
  using ByBroker = std::map<std::int32_t, PartitionSet>;

  static const PartitionSet& of(const ByBroker& index, std::int32_t broker);
  void add(const PartitionKey& key, const metadata::Partition& partition);
  void remove(const PartitionKey& key, const metadata::Partition& partition);

  ByBroker members_;
  ByBroker eligible_;
  std::map<std::int32_t, std::size_t> leading_;  // how many partitions each leads
  PartitionSet reassigning_;
  PartitionSet imbalanced_;
  std::size_t size_ = 0;
};

}  // namespace ottla::controller
