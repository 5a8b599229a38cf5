// What a node knows of itself and its cluster at one moment, for those who watch it.
//
// Concurrency: a value; the image is immutable.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/leader_epoch.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "metadata/image.h"
#include "server/broker_lifecycle.h"
#include "server/observation/health_reason.h"
#include "server/observation/prometheus_text.h"

namespace ottla::server {

struct NodeStatus {
  NodeId node{0};
  metadata::SharedImage image;        // of the metadata up to now
  std::optional<BrokerState> broker;  // of a broker
  bool is_controller = false;
  bool leads = false;  // is the active controller
  NodeId leader{-1};   // of the metadata quorum; -1: not known
  LeaderEpoch epoch{-1};
  Offset high_watermark{0};
  Offset log_end{0};
  bool ready = false;
  std::int64_t now_ms = 0;  // wall time
};

// Why it is not ready; nothing when it is.
std::vector<HealthReason> why_not_ready(const NodeStatus& status);

// Under the names that dashboards for the reference know.
void add_metrics(const NodeStatus& status, PrometheusText& text);

}  // namespace ottla::server
