#include "server/internal_topics.h"

#include "config/node_key.h"

namespace ottla::server {
namespace {

using config::node_key;

template <typename T>
std::string text(T number) {
  return std::to_string(number);
}

}  // namespace

NewTopic new_topic(std::string_view name, const config::NodeConfig& config) {
  if (name == "__consumer_offsets") {
    return {.partitions = config.get(node_key<"offsets.topic.num.partitions">),
            .replication_factor = config.get(node_key<"offsets.topic.replication.factor">),
            .configs = {{"cleanup.policy", "compact"},
                        {"compression.type", "producer"},
                        {"segment.bytes", text(config.get(node_key<"offsets.topic.segment.bytes">))}}};
  }
  if (name == "__transaction_state") {
    return {.partitions = config.get(node_key<"transaction.state.log.num.partitions">),
            .replication_factor = config.get(node_key<"transaction.state.log.replication.factor">),
            .configs = {{"cleanup.policy", "compact"},
                        {"compression.type", "uncompressed"},
                        {"min.insync.replicas", text(config.get(node_key<"transaction.state.log.min.isr">))},
                        {"segment.bytes", text(config.get(node_key<"transaction.state.log.segment.bytes">))},
                        {"unclean.leader.election.enable", "false"}}};
  }
  if (name == "__share_group_state") {
    return {
        .partitions = config.get(node_key<"share.coordinator.state.topic.num.partitions">),
        .replication_factor = config.get(node_key<"share.coordinator.state.topic.replication.factor">),
        .configs = {
            {"cleanup.policy", "delete"},
            {"compression.type", "producer"},
            {"min.insync.replicas", text(config.get(node_key<"share.coordinator.state.topic.min.isr">))},
            {"retention.ms", "-1"},
            {"segment.bytes", text(config.get(node_key<"share.coordinator.state.topic.segment.bytes">))}}};
  }
  return {
      .partitions = config.get(node_key<"num.partitions">),
      .replication_factor = static_cast<std::int16_t>(config.get(node_key<"default.replication.factor">))};
}

bool is_internal(std::string_view name) {
  return name == "__consumer_offsets" || name == "__transaction_state" || name == "__share_group_state";
}

}  // namespace ottla::server
