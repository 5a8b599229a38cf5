#include "bench/protocol/messages.h"

#include <cstdint>
#include <string>
#include <string_view>

#include "base/slice.h"
#include "base/uuid.h"
#include "protocol/array.h"
#include "protocol/fields.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kBatch = 1024;
constexpr Uuid kTopicId{0x123456789abcdef0, 0x0fedcba987654321};

Slice some_batch() {
  return Slice::copy_of(std::string(kBatch, 'r'));
}

}  // namespace

ProduceSample::ProduceSample(std::size_t count) : batch(some_batch()) {
  for (std::size_t i = 0; i < count; ++i) {
    partitions.push_back({.index = static_cast<std::int32_t>(i), .records = protocol::Records(batch)});
  }
  topic = {.topic_id = kTopicId, .partition_data = partitions};
  message = {.acks = -1, .timeout_ms = 30'000, .topic_data = protocol::Array(&topic, 1)};
}

FetchSample::FetchSample(std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    partitions.push_back({.partition = static_cast<std::int32_t>(i),
                          .current_leader_epoch = 7,
                          .fetch_offset = static_cast<std::int64_t>(i) * 1000,
                          .partition_max_bytes = 1 << 20});
  }
  topic = {.topic_id = kTopicId, .partitions = partitions};
  message = {.max_wait_ms = 500,
             .min_bytes = 1,
             .max_bytes = 50 << 20,
             .session_id = 5,
             .session_epoch = 6,
             .topics = protocol::Array(&topic, 1)};
}

FetchedSample::FetchedSample(std::size_t count) : batch(some_batch()) {
  for (std::size_t i = 0; i < count; ++i) {
    partitions.push_back({.partition_index = static_cast<std::int32_t>(i),
                          .high_watermark = 1000,
                          .last_stable_offset = 1000,
                          .log_start_offset = 0,
                          .records = protocol::Records(batch)});
  }
  topic = {.topic_id = kTopicId, .partitions = partitions};
  message = {.session_id = 5, .responses = protocol::Array(&topic, 1)};
}

MetadataSample::MetadataSample(std::size_t topic_count, std::size_t partition_count) : replicas{1, 2, 3} {
  for (std::int32_t node = 1; node <= 3; ++node)
    brokers.push_back({.node_id = node, .host = "broker.example", .port = 9092});
  for (std::size_t i = 0; i < partition_count; ++i) {
    partitions.push_back({.partition_index = static_cast<std::int32_t>(i),
                          .leader_id = 1,
                          .leader_epoch = 4,
                          .replica_nodes = replicas,
                          .isr_nodes = replicas});
  }
  for (std::size_t i = 0; i < topic_count; ++i) names.push_back("some.topic.name." + std::to_string(i));
  for (const std::string& name : names) {
    topics.push_back({.name = std::string_view(name), .topic_id = kTopicId, .partitions = partitions});
  }
  message = {.brokers = brokers, .cluster_id = "cluster", .controller_id = 1, .topics = topics};
}

}  // namespace ottla::bench
