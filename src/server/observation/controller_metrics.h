// What a node knows as a controller, and as a member of the metadata quorum, under the names that dashboards for the
// reference know.
//
// Concurrency: on the first shard.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/leader_epoch.h"
#include "base/node_id.h"
#include "controller/active_controller.h"
#include "runtime/clock.h"
#include "server/controller_link.h"
#include "server/observation/node_roles.h"
#include "server/observation/prometheus_text.h"

namespace ottla::metadata {
struct MetadataImage;
}
namespace ottla::quorum {
class MetadataQuorum;
}

namespace ottla::server {

struct ControllerNumbers {
  controller::ControllerCounters counters;
  std::vector<std::pair<NodeId, Duration>> since_heartbeat =
      {};  // of brokers that this node has heard of while it leads
};
ControllerNumbers numbers_of(const controller::ActiveController& controller,
                             const metadata::MetadataImage& image, Instant now);
void tell_controller(const ControllerNumbers& numbers, PrometheusText& text);

struct QuorumNumbers {
  std::size_t voters = 0;
  std::size_t voters_without_address = 0;
  std::size_t observers = 0;  // that fetch from this node while it leads
  bool voters_change = false;
  bool ignores_configured_voters = false;  // they stand in the log
  NodeId vote = kNoNode;
  LeaderEpoch log_end_epoch;
  std::uint64_t snapshots_loaded = 0;
  std::uint64_t snapshot_bytes = 0;  // of the last one that was made
  Duration since_snapshot{0};
};
// `voters_configured`: controller.quorum.voters says some.
QuorumNumbers numbers_of(const quorum::MetadataQuorum& quorum, bool voters_configured, Instant now);
void tell_quorum(const QuorumNumbers& numbers, NodeRoles roles, PrometheusText& text);

// Of a broker.
void tell_forwarding(const ForwardingMeters& meters, PrometheusText& text);

}  // namespace ottla::server
