// A partition by the id of its topic: what everything in this module is found by. Names can be given again.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>

#include "base/partition_id.h"
#include "base/uuid.h"

namespace ottla::replica {

struct PartitionKey {
  Uuid topic;
  PartitionId index;

  std::string to_string() const { return topic.to_string() + ":" + index.to_string(); }

  friend bool operator==(const PartitionKey&, const PartitionKey&) = default;
  friend std::strong_ordering operator<=>(const PartitionKey&, const PartitionKey&) = default;
};

}  // namespace ottla::replica

template <>
struct std::hash<ottla::replica::PartitionKey> {
  std::size_t operator()(const ottla::replica::PartitionKey& key) const noexcept {
    return std::hash<ottla::Uuid>()(key.topic) * 31 + std::hash<ottla::PartitionId>()(key.index);
  }
};
