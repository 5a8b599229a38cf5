// DescribeQuorum, AddRaftVoter, RemoveRaftVoter and UpdateRaftVoter.
#include <fmt/format.h>

#include <chrono>
#include <optional>
#include <utility>
#include <variant>

#include "quorum/messages/serving.h"
#include "quorum/messages/serving_parts.h"

namespace ottla::quorum {

using protocol::ErrorCode;
using serving::default_text;
using serving::endpoints_of;
using serving::is_about_metadata;
using serving::is_other_cluster;
using serving::key_of;
using serving::number_of;
using serving::single;

namespace serving {

std::string_view default_text(ErrorCode error) {
  switch (error) {
    case ErrorCode::none:
      return "NONE";
    case ErrorCode::unknown_topic_or_partition:
      return "This server does not host this topic-partition.";
    case ErrorCode::not_leader_or_follower:
      return "For requests intended only for the leader, this error indicates that the broker is not the "
             "current "
             "leader. For requests intended for any replica, this error indicates that the broker is not a "
             "replica "
             "of the topic partition.";
    default:
      return "";
  }
}

}  // namespace serving

// --- DescribeQuorum -----------------------------------------------------------------------------------------

namespace {

using Describe = protocol::DescribeQuorumResponse;

// Each partition that was asked for gets that error.
Result<> refuse_partitions(const protocol::DescribeQuorumRequest& request, ErrorCode error, Arena& arena,
                           Describe& response) {
  response = {};
  OTTLA_TRY(const std::span<Describe::TopicData> topics,
            arena.make_span<Describe::TopicData>(request.topics.size()));
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const auto& asked = request.topics[i].partitions;
    OTTLA_TRY(const std::span<Describe::PartitionData> partitions,
              arena.make_span<Describe::PartitionData>(asked.size()));
    for (std::size_t j = 0; j < partitions.size(); ++j) {
      partitions[j].partition_index = asked[j].partition_index;
      partitions[j].error_code = number_of(error);
      partitions[j].error_message = default_text(error);
    }
    topics[i].topic_name = request.topics[i].topic_name;
    topics[i].partitions = partitions;
  }
  response.topics = topics;
  return {};
}

std::int64_t time_of(const std::optional<Duration>& ago, std::int64_t now_ms) {
  if (!ago) return -1;
  return now_ms - std::chrono::floor<std::chrono::milliseconds>(*ago).count();
}

Result<protocol::Array<Describe::ReplicaState>> states_of(const std::vector<raft::ReplicaStatus>& replicas,
                                                          const ServingTerms& terms, Arena& arena) {
  OTTLA_TRY(const std::span<Describe::ReplicaState> states,
            arena.make_span<Describe::ReplicaState>(replicas.size()));
  for (std::size_t i = 0; i < replicas.size(); ++i) {
    const raft::ReplicaStatus& replica = replicas[i];
    states[i].replica_id = replica.key.id.raw();
    if (terms.version >= 2) states[i].replica_directory_id = replica.key.directory;
    states[i].log_end_offset = replica.end.raw();
    states[i].last_fetch_timestamp = time_of(replica.since_fetch, terms.now_ms);
    states[i].last_caught_up_timestamp = time_of(replica.since_caught_up, terms.now_ms);
  }
  return protocol::Array<Describe::ReplicaState>(states);
}

Result<protocol::Array<Describe::Node>> nodes_of(const std::vector<raft::ReplicaStatus>& voters,
                                                 Arena& arena) {
  OTTLA_TRY(const std::span<Describe::Node> nodes, arena.make_span<Describe::Node>(voters.size()));
  for (std::size_t i = 0; i < voters.size(); ++i) {
    const std::vector<raft::Endpoint>& endpoints = voters[i].endpoints.list();
    OTTLA_TRY(const std::span<Describe::Listener> listeners,
              arena.make_span<Describe::Listener>(endpoints.size()));
    for (std::size_t j = 0; j < endpoints.size(); ++j) {
      OTTLA_TRY(listeners[j].name, arena.copy(endpoints[j].listener));
      OTTLA_TRY(listeners[j].host, arena.copy(endpoints[j].host));
      listeners[j].port = endpoints[j].port;
    }
    nodes[i].node_id = voters[i].key.id.raw();
    nodes[i].listeners = listeners;
  }
  return protocol::Array<Describe::Node>(nodes);
}

}  // namespace

Result<bool> read_request(const protocol::DescribeQuorumRequest& request, const ServingTerms&, Arena& arena,
                          raft::Request& out, Describe& response) {
  out.body = raft::DescribeRequest();
  if (is_about_metadata(request.topics)) return true;
  OTTLA_CHECK(refuse_partitions(request, ErrorCode::unknown_topic_or_partition, arena, response));
  return false;
}

Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain&,
                        Describe& response) {
  refuse(reply.top, response);
  if (reply.top != ErrorCode::none) return {};
  const auto& describe = std::get<raft::DescribeReply>(reply.body);
  Describe::PartitionData partition;
  partition.partition_index = kMetadataPartition;
  partition.error_code = number_of(reply.error);
  if (reply.error != ErrorCode::none) {
    partition.error_message = default_text(reply.error);
  } else {
    partition.leader_id = reply.leader.raw();
    partition.leader_epoch = reply.epoch.raw();
    partition.high_watermark = describe.high_watermark.raw();
    OTTLA_TRY(partition.current_voters, states_of(describe.voters, terms, arena));
    OTTLA_TRY(partition.observers, states_of(describe.observers, terms, arena));
    if (terms.version >= 2) {
      OTTLA_TRY(response.nodes, nodes_of(describe.voters, arena));
    }
  }
  Describe::TopicData topic;
  topic.topic_name = kMetadataTopic;
  OTTLA_TRY(topic.partitions, single(arena, partition));
  OTTLA_TRY(response.topics, single(arena, topic));
  return {};
}

// --- Changes of voters --------------------------------------------------------------------------------------

namespace {

template <typename Request, typename Response>
Result<bool> is_refused(const Request& request, const ServingTerms& terms, Arena& arena, Response& response) {
  if (!is_other_cluster(request.cluster_id, terms)) return false;
  refuse(ErrorCode::inconsistent_cluster_id, response);
  OTTLA_TRY(response.error_message,
            arena.copy(fmt::format("The given id \"{}\" doesn't match the cluster id \"{}\"",
                                   *request.cluster_id, terms.cluster)));
  return true;
}

template <typename Response>
Result<> write_change(const raft::Reply& reply, Arena& arena, Response& response) {
  const ErrorCode error = reply.top != ErrorCode::none ? reply.top : reply.error;
  refuse(error, response);
  // Who does not lead says no more than that.
  const std::string_view text =
      reply.message.empty() && error == ErrorCode::none ? default_text(error) : reply.message;
  OTTLA_TRY(response.error_message, arena.copy(text));
  return {};
}

}  // namespace

Result<bool> read_request(const protocol::AddRaftVoterRequest& request, const ServingTerms& terms,
                          Arena& arena, raft::Request& out, protocol::AddRaftVoterResponse& response) {
  OTTLA_TRY(const bool refused, is_refused(request, terms, arena, response));
  if (refused) return false;
  raft::AddVoterRequest add;
  add.voter = key_of(request.voter_id, request.voter_directory_id);
  add.endpoints = endpoints_of(request.listeners);
  add.ack_when_committed = request.ack_when_committed;
  out.body = std::move(add);
  return true;
}

Result<> write_response(const raft::Reply& reply, const ServingTerms&, Arena& arena, Chain&,
                        protocol::AddRaftVoterResponse& response) {
  return write_change(reply, arena, response);
}

Result<bool> read_request(const protocol::RemoveRaftVoterRequest& request, const ServingTerms& terms,
                          Arena& arena, raft::Request& out, protocol::RemoveRaftVoterResponse& response) {
  OTTLA_TRY(const bool refused, is_refused(request, terms, arena, response));
  if (refused) return false;
  out.body = raft::RemoveVoterRequest{key_of(request.voter_id, request.voter_directory_id)};
  return true;
}

Result<> write_response(const raft::Reply& reply, const ServingTerms&, Arena& arena, Chain&,
                        protocol::RemoveRaftVoterResponse& response) {
  return write_change(reply, arena, response);
}

namespace {

Result<> write_update(ErrorCode error, NodeId leader, LeaderEpoch epoch, const raft::Endpoints& endpoints,
                      const ServingTerms& terms, Arena& arena, protocol::UpdateRaftVoterResponse& response) {
  refuse(error, response);
  response.current_leader.leader_id = leader.raw();
  response.current_leader.leader_epoch = epoch.raw();
  if (const raft::Endpoint* at = endpoints.find(terms.listener)) {
    OTTLA_TRY(response.current_leader.host, arena.copy(at->host));
    response.current_leader.port = at->port;
  }
  return {};
}

}  // namespace

Result<bool> read_request(const protocol::UpdateRaftVoterRequest& request, const ServingTerms& terms,
                          Arena& arena, raft::Request& out, protocol::UpdateRaftVoterResponse& response) {
  if (is_other_cluster(request.cluster_id, terms)) {
    OTTLA_CHECK(write_update(ErrorCode::inconsistent_cluster_id, terms.leader, terms.epoch,
                             terms.leader_endpoints, terms, arena, response));
    return false;
  }
  raft::UpdateVoterRequest update;
  update.epoch = LeaderEpoch(request.current_leader_epoch);
  update.voter.key = key_of(request.voter_id, request.voter_directory_id);
  update.voter.endpoints = endpoints_of(request.listeners);
  update.voter.kraft_versions = {request.k_raft_version_feature.min_supported_version,
                                 request.k_raft_version_feature.max_supported_version};
  out.body = std::move(update);
  return true;
}

Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain&,
                        protocol::UpdateRaftVoterResponse& response) {
  const ErrorCode error = reply.top != ErrorCode::none ? reply.top : reply.error;
  return write_update(error, reply.leader, reply.epoch, reply.leader_endpoints, terms, arena, response);
}

}  // namespace ottla::quorum
