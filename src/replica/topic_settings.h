// What a topic is configured to, as its replicas need it: the topic's own texts, and the node's values behind them.
//
// Lifetime:    a value; the replicas of one topic share it and get a new one when a configuration changes.
// Concurrency: pure.
#pragma once

#include <cstdint>
#include <memory>

#include "metadata/image.h"
#include "storage/log/log_config.h"

namespace ottla::config {
class NodeConfig;
}

namespace ottla::replica {

struct TopicSettings {
  storage::LogConfig log;
  std::int32_t min_insync_replicas = 1;  // min.insync.replicas
  bool unclean_elections = false;        // unclean.leader.election.enable
  bool remote_storage = false;           // remote.storage.enable
};

using SharedSettings = std::shared_ptr<const TopicSettings>;

// `own`: of the topic in the image; null when nothing is configured. A text that the node does not understand, which
// an older or newer controller may have let through, counts as not there.
TopicSettings topic_settings(const metadata::ConfigValues* own, const config::NodeConfig& node);

// The log's part of it, which keeps all of it alive.
std::shared_ptr<const storage::LogConfig> log_config(SharedSettings settings);

}  // namespace ottla::replica
