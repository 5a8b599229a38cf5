// The partitions that a request names, topic by topic, each once: what is named twice counts as it was named last, as it
// does in the tables that the reference keeps them in. A topic without partitions does not count.
//
// Lifetime:    points into the request.
// Concurrency: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>
#include <vector>

namespace ottla::server {

template <typename Partition>
class AskedPartitions {
 public:
  struct Topic {
    std::string_view name;
    std::map<std::int32_t, const Partition*> partitions;
  };

  void add(std::string_view topic, std::int32_t index, const Partition& partition) {
    const auto [place, is_new] = places_.try_emplace(topic, topics_.size());
    if (is_new) topics_.push_back({.name = topic, .partitions = {}});
    topics_[place->second].partitions[index] = &partition;
  }

  // In the order in which they were named first.
  const std::vector<Topic>& topics() const { return topics_; }

 private:
  std::map<std::string_view, std::size_t> places_;
  std::vector<Topic> topics_;
};

}  // namespace ottla::server
