// On which shard a partition lives: data, since it may change.
//
// Lifetime:    each shard has one of its own, told by the first shard before a partition comes and after it has gone.
// Concurrency: confined to its shard.
#pragma once

#include <cstddef>
#include <optional>
#include <unordered_map>

#include "replica/partition_key.h"
#include "runtime/shard.h"

namespace ottla::replica {

class PlacementTable {
 public:
  // Nothing for a partition that is not here.
  std::optional<ShardId> find(const PartitionKey& key) const {
    const auto found = shards_.find(key);
    return found == shards_.end() ? std::nullopt : std::optional(found->second);
  }
  void set(const PartitionKey& key, ShardId shard) { shards_[key] = shard; }
  void erase(const PartitionKey& key) { shards_.erase(key); }
  std::size_t size() const { return shards_.size(); }

 private:
  std::unordered_map<PartitionKey, ShardId> shards_;
};

}  // namespace ottla::replica
