// Vote, BeginQuorumEpoch and EndQuorumEpoch.
#include <utility>
#include <variant>

#include "quorum/messages/serving.h"
#include "quorum/messages/serving_parts.h"

namespace ottla::quorum {

using protocol::ErrorCode;
using serving::endpoints_of;
using serving::is_about_metadata;
using serving::is_other_cluster;
using serving::key_of;
using serving::name_leader;
using serving::number_of;
using serving::single;

namespace {

template <typename Request, typename Response>
bool is_refused(const Request& request, const ServingTerms& terms, Response& response) {
  if (is_other_cluster(request.cluster_id, terms)) {
    refuse(ErrorCode::inconsistent_cluster_id, response);
    return true;
  }
  if (!is_about_metadata(request.topics)) {
    refuse(ErrorCode::invalid_request, response);
    return true;
  }
  return false;
}

// What all three responses say.
template <typename Response, typename Finish>
Result<> write(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Response& response,
               Finish finish) {
  refuse(reply.top, response);
  if (reply.top != ErrorCode::none) return {};
  typename Response::PartitionData partition;
  partition.partition_index = kMetadataPartition;
  partition.error_code = number_of(reply.error);
  partition.leader_id = reply.leader.raw();
  partition.leader_epoch = reply.epoch.raw();
  finish(partition);
  typename Response::TopicData topic;
  topic.topic_name = kMetadataTopic;
  OTTLA_TRY(topic.partitions, single(arena, partition));
  OTTLA_TRY(response.topics, single(arena, topic));
  if (terms.version < 1) return {};
  return name_leader(reply.leader, reply.leader_endpoints, terms, arena, response);
}

constexpr auto kNothingMore = [](auto&) {};

}  // namespace

Result<bool> read_request(const protocol::VoteRequest& request, const ServingTerms& terms, Arena&,
                          raft::Request& out, protocol::VoteResponse& response) {
  if (is_refused(request, terms, response)) return false;
  const auto& partition = request.topics[0].partitions[0];
  raft::VoteRequest vote;
  vote.candidate = {NodeId(partition.replica_id), partition.replica_directory_id};
  vote.epoch = LeaderEpoch(partition.replica_epoch);
  vote.voter = key_of(request.voter_id, partition.voter_directory_id);
  vote.end = {LeaderEpoch(partition.last_offset_epoch), Offset(partition.last_offset)};
  vote.pre_vote = partition.pre_vote;
  out.body = vote;
  return true;
}

Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain&,
                        protocol::VoteResponse& response) {
  const bool granted = std::get<raft::VoteReply>(reply.body).granted;
  return write(reply, terms, arena, response,
               [granted](auto& partition) { partition.vote_granted = granted; });
}

Result<bool> read_request(const protocol::BeginQuorumEpochRequest& request, const ServingTerms& terms, Arena&,
                          raft::Request& out, protocol::BeginQuorumEpochResponse& response) {
  if (is_refused(request, terms, response)) return false;
  const auto& partition = request.topics[0].partitions[0];
  raft::BeginEpochRequest begin;
  begin.leader = NodeId(partition.leader_id);
  begin.epoch = LeaderEpoch(partition.leader_epoch);
  begin.voter = key_of(request.voter_id, partition.voter_directory_id);
  begin.endpoints = endpoints_of(request.leader_endpoints);
  out.body = std::move(begin);
  return true;
}

Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain&,
                        protocol::BeginQuorumEpochResponse& response) {
  return write(reply, terms, arena, response, kNothingMore);
}

Result<bool> read_request(const protocol::EndQuorumEpochRequest& request, const ServingTerms& terms, Arena&,
                          raft::Request& out, protocol::EndQuorumEpochResponse& response) {
  if (is_refused(request, terms, response)) return false;
  const auto& partition = request.topics[0].partitions[0];
  raft::EndEpochRequest end;
  end.leader = NodeId(partition.leader_id);
  end.epoch = LeaderEpoch(partition.leader_epoch);
  for (const auto& each : partition.preferred_candidates) {
    end.preferred.push_back({NodeId(each.candidate_id), each.candidate_directory_id});
  }
  if (end.preferred.empty()) {
    for (const std::int32_t node : partition.preferred_successors)
      end.preferred.push_back({NodeId(node), {}});
  }
  end.endpoints = endpoints_of(request.leader_endpoints);
  out.body = std::move(end);
  return true;
}

Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain&,
                        protocol::EndQuorumEpochResponse& response) {
  return write(reply, terms, arena, response, kNothingMore);
}

}  // namespace ottla::quorum
