// What a shard counts of topics, under the reference's names (BrokerTopicMetrics): all topics together, and each.
//
// Use:         meters.count_append(topic, bytes, answer);   meters.count_read(topic, error);
// Lifetime:    a reference is good until the next forget(); series go with their topic.
// Concurrency: confined to its shard.
// Cost:        one look-up a topic and request; nothing a record.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/metric_registry.h"
#include "protocol/error_code.h"
#include "replica/answers.h"

namespace ottla::replica {

struct TopicMeters {
  Metric<Counter> messages_in;
  Metric<Counter> bytes_in;
  Metric<Counter> bytes_out;
  Metric<Counter> bytes_rejected;
  Metric<Counter> produce_requests;
  Metric<Counter> fetch_requests;
  Metric<Counter> failed_produce_requests;
  Metric<Counter> failed_fetch_requests;
};

// Of all topics only.
struct RefusalMeters {
  Metric<Counter> no_key;
  Metric<Counter> magic;
  Metric<Counter> checksum;
  Metric<Counter> offset_or_sequence;
};

class TopicMeterSet {
 public:
  explicit TopicMeterSet(MetricRegistry& registry);
  TopicMeterSet(const TopicMeterSet&) = delete;
  TopicMeterSet& operator=(const TopicMeterSet&) = delete;

  const TopicMeters& all() const { return all_; }
  const RefusalMeters& refusals() const { return refusals_; }
  TopicMeters& of(std::string_view topic);
  // What became of an append of so many bytes.
  void count_append(std::string_view topic, std::size_t bytes, const AppendAnswer& answer);
  void count_read(std::string_view topic, protocol::ErrorCode error);
  void count_sent(std::string_view topic, std::size_t bytes);
  // Those of topics that there are no more.
  void forget(const std::function<bool(std::string_view topic)>& is_gone);
  std::size_t size() const { return topics_.size(); }

 private:
  // Of that topic, and of all together.
  void count(TopicMeters& topic, Metric<Counter> TopicMeters::* meter, std::uint64_t amount = 1);
  void count_refusal(TopicMeters& meters, std::size_t bytes, const AppendAnswer& answer);

  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };

  MetricRegistry& registry_;
  TopicMeters all_;
  RefusalMeters refusals_;
  std::unordered_map<std::string, TopicMeters, Hash, std::equal_to<>> topics_;
};

}  // namespace ottla::replica
