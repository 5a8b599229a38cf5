// What several keys say together about a node: its roles, its listeners, whom it talks to.
//
// Lifetime: owns what it holds; of one NodeConfig.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/listeners.h"
#include "config/node_config.h"
#include "config/quorum_addresses.h"
#include "config/value.h"

namespace ottla::config {

struct NodeShape {
  // Problems are listeners and protocols that cannot be understood; `complete` is false then, and nothing but the
  // roles and the voters may be used.
  static NodeShape of(const NodeConfig& config, std::vector<Problem>& problems);

  bool combined() const { return broker && controller; }
  bool is_controller_listener(std::string_view name) const;
  // Listeners that a broker tells its clients about, and those that a controller tells others.
  std::vector<Endpoint> advertised_to_clients() const;
  std::vector<Endpoint> advertised_by_controller() const;
  std::vector<Endpoint> controller_listeners() const;

  bool broker = false;
  bool controller = false;
  bool complete = false;
  List controller_names;  // as written
  ProtocolMap protocols;
  std::vector<Endpoint> listeners;
  std::vector<Endpoint> advertised;  // as configured; the listeners when nothing is
  bool advertised_is_set = false;
  std::string inter_broker_listener;
  SecurityProtocol inter_broker_protocol = SecurityProtocol::plaintext;
  std::vector<QuorumVoter> voters;
};

// The lengths of time that are given in one of several units; the shortest unit wins.
std::int64_t log_roll_ms(const NodeConfig& config);
std::int64_t log_roll_jitter_ms(const NodeConfig& config);
std::int64_t log_retention_ms(const NodeConfig& config);  // -1: for ever
std::int64_t log_flush_interval_ms(const NodeConfig& config);
List log_directories(const NodeConfig& config);

}  // namespace ottla::config
