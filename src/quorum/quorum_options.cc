#include "quorum/quorum_options.h"

#include <chrono>
#include <optional>
#include <utility>

#include "config/node_key.h"
#include "config/quorum_addresses.h"

namespace ottla::quorum {
namespace {

using config::node_key;
using std::chrono::milliseconds;

storage::LogConfig log_config(const config::NodeConfig& config) {
  storage::LogConfig log;
  log.segment_bytes = config.get(node_key<"internal.metadata.log.segment.bytes">)
                          .value_or(config.get(node_key<"metadata.log.segment.bytes">));
  log.segment_ms = milliseconds(config.get(node_key<"metadata.log.segment.ms">));
  log.file_delete_delay_ms = milliseconds(config.get(node_key<"internal.metadata.delete.delay.millis">));
  log.append.max_message_bytes = config.get(node_key<"internal.metadata.max.batch.size.in.bytes">);
  // Only what lies before a snapshot goes.
  log.retention_bytes = -1;
  log.retention_ms = milliseconds(-1);
  return log;
}

raft::Timing timing(const config::NodeConfig& config) {
  raft::Timing timing;
  timing.election_timeout = milliseconds(config.get(node_key<"controller.quorum.election.timeout.ms">));
  timing.fetch_timeout = milliseconds(config.get(node_key<"controller.quorum.fetch.timeout.ms">));
  timing.election_backoff_max =
      milliseconds(config.get(node_key<"controller.quorum.election.backoff.max.ms">));
  timing.request_timeout = milliseconds(config.get(node_key<"controller.quorum.request.timeout.ms">));
  timing.retry_backoff = milliseconds(config.get(node_key<"controller.quorum.retry.backoff.ms">));
  return timing;
}

raft::VoterSet configured_voters(const config::NodeShape& shape, const std::string& listener) {
  std::vector<raft::VoterNode> voters;
  for (const config::QuorumVoter& voter : shape.voters) {
    voters.push_back({{NodeId(voter.id), kZeroUuid},
                      raft::Endpoints({{listener, voter.address.host, voter.address.port}}),
                      {raft::kStaticVoters, raft::kStaticVoters}});
  }
  return raft::VoterSet(std::move(voters));
}

}  // namespace

std::string metadata_directory(const config::NodeConfig& config) {
  const std::optional<std::string> own = config.get(node_key<"metadata.log.dir">);
  if (own) return *own;
  const config::List directories = config::log_directories(config);
  return directories.empty() ? std::string() : directories.front();
}

QuorumOptions quorum_options(const config::NodeConfig& config, const config::NodeShape& shape,
                             const QuorumIdentity& identity, const std::vector<config::Endpoint>& bound) {
  QuorumOptions options;
  options.directory = metadata_directory(config);
  options.log = std::make_shared<const storage::LogConfig>(log_config(config));
  options.snapshots.max_bytes = config.get(node_key<"metadata.log.max.record.bytes.between.snapshots">);
  options.snapshots.max_interval =
      milliseconds(config.get(node_key<"metadata.log.max.snapshot.interval.ms">));
  options.retention.max_bytes = config.get(node_key<"metadata.max.retention.bytes">);
  options.retention.max_ms = config.get(node_key<"metadata.max.retention.ms">);
  options.largest_batch = config.get(node_key<"internal.metadata.max.batch.size.in.bytes">);
  raft::CoreOptions& raft = options.raft;
  raft.self = {NodeId(config.get(node_key<"node.id">)), identity.directory_id};
  raft.cluster = identity.cluster_id;
  if (!shape.controller_names.empty()) raft.listener = config::upper_case(shape.controller_names.front());
  std::vector<raft::Endpoint> endpoints;
  for (const config::Endpoint& endpoint : bound) {
    endpoints.push_back({endpoint.listener, endpoint.host, static_cast<std::uint16_t>(endpoint.port)});
  }
  raft.endpoints = raft::Endpoints(std::move(endpoints));
  raft.configured_voters = configured_voters(shape, raft.listener);
  const auto servers =
      config::parse_quorum_bootstrap(config.get(node_key<"controller.quorum.bootstrap.servers">));
  if (servers.ok()) {
    for (const config::QuorumAddress& server : *servers) {
      raft.bootstrap.push_back({raft.listener, server.host, server.port});
    }
  }
  raft.can_become_voter = shape.controller;
  raft.auto_join = config.get(node_key<"controller.quorum.auto.join.enable">);
  raft.fetch_max_bytes = config.get(node_key<"controller.quorum.fetch.max.bytes">);
  raft.snapshot_max_bytes = config.get(node_key<"controller.quorum.fetch.snapshot.max.bytes">);
  raft.timing = timing(config);
  return options;
}

}  // namespace ottla::quorum
