// A partition by the name of its topic.
#pragma once

#include <compare>
#include <cstddef>
#include <functional>
#include <string>

#include "base/partition_id.h"

namespace ottla {

struct TopicPartition {
  std::string topic;
  PartitionId partition;

  // "topic-7", as the reference writes it in texts and names of directories.
  std::string to_string() const { return topic + "-" + partition.to_string(); }

  friend bool operator==(const TopicPartition&, const TopicPartition&) = default;
  friend std::strong_ordering operator<=>(const TopicPartition&, const TopicPartition&) = default;
};

}  // namespace ottla

template <>
struct std::hash<ottla::TopicPartition> {
  std::size_t operator()(const ottla::TopicPartition& of) const noexcept {
    return std::hash<std::string>()(of.topic) * 31 + std::hash<ottla::PartitionId>()(of.partition);
  }
};
