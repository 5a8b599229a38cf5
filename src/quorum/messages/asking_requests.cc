#include <algorithm>
#include <array>
#include <chrono>
#include <limits>
#include <string_view>
#include <utility>
#include <variant>

#include "base/invariant.h"
#include "protocol/messages/add_raft_voter.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/begin_quorum_epoch.h"
#include "protocol/messages/describe_quorum.h"
#include "protocol/messages/end_quorum_epoch.h"
#include "protocol/messages/fetch.h"
#include "protocol/messages/fetch_snapshot.h"
#include "protocol/messages/remove_raft_voter.h"
#include "protocol/messages/update_raft_voter.h"
#include "protocol/messages/vote.h"
#include "quorum/messages/asking.h"
#include "quorum/metadata_topic.h"

namespace ottla::quorum {
namespace {

using protocol::ApiKey;
using protocol::Encodable;

// From which version of Vote on it can be asked without consequences.
constexpr std::int16_t kPreVote = 2;
// From which version of AddRaftVoter on it may be answered before it is committed.
constexpr std::int16_t kEarlyAnswer = 1;

std::int32_t millis_of(Duration duration) {
  const std::int64_t millis = std::chrono::ceil<std::chrono::milliseconds>(duration).count();
  return static_cast<std::int32_t>(
      std::clamp<std::int64_t>(millis, 0, std::numeric_limits<std::int32_t>::max()));
}

struct Maker {
  const AskingTerms& terms;
  const std::int16_t version;
  Arena& arena;

  template <typename T>
  Result<protocol::Array<T>> single(const T& element) const {
    OTTLA_TRY(const std::span<T> one, arena.make_span<T>(1));
    one[0] = element;
    return protocol::Array<T>(one);
  }
  template <typename Message>
  Result<Encodable> finish(const Message& message) const {
    OTTLA_TRY(const std::span<Message> kept, arena.make_span<Message>(1));
    kept[0] = message;
    return Encodable(kept[0], version);
  }
  // The topic's only partition.
  template <typename Message>
  Result<void> set_partition(Message& message, const typename Message::PartitionData& partition) const {
    typename Message::TopicData topic;
    topic.topic_name = kMetadataTopic;
    OTTLA_TRY(topic.partitions, single(partition));
    OTTLA_TRY(message.topics, single(topic));
    return {};
  }
  template <typename Listener>
  Result<protocol::Array<Listener>> listeners_of(const raft::Endpoints& endpoints) const {
    OTTLA_TRY(const std::span<Listener> listeners, arena.make_span<Listener>(endpoints.size()));
    for (std::size_t i = 0; i < listeners.size(); ++i) {
      const raft::Endpoint& endpoint = endpoints.list()[i];
      listeners[i].name = endpoint.listener;
      listeners[i].host = endpoint.host;
      listeners[i].port = endpoint.port;
    }
    return protocol::Array<Listener>(listeners);
  }

  Result<Encodable> operator()(const raft::VoteRequest& vote) const {
    if (vote.pre_vote && version < kPreVote) {
      return Error(Errc::unsupported, "the peer does not know a vote without consequences");
    }
    protocol::VoteRequest message;
    message.cluster_id = terms.cluster;
    message.voter_id = vote.voter.id.raw();
    protocol::VoteRequest::PartitionData partition;
    partition.partition_index = kMetadataPartition;
    partition.replica_epoch = vote.epoch.raw();
    partition.replica_id = vote.candidate.id.raw();
    partition.replica_directory_id = vote.candidate.directory;
    partition.voter_directory_id = vote.voter.directory;
    partition.last_offset_epoch = vote.end.epoch.raw();
    partition.last_offset = vote.end.offset.raw();
    partition.pre_vote = vote.pre_vote;
    OTTLA_CHECK(set_partition(message, partition));
    return finish(message);
  }
  Result<Encodable> operator()(const raft::BeginEpochRequest& begin) const {
    protocol::BeginQuorumEpochRequest message;
    message.cluster_id = terms.cluster;
    message.voter_id = begin.voter.id.raw();
    protocol::BeginQuorumEpochRequest::PartitionData partition;
    partition.partition_index = kMetadataPartition;
    partition.voter_directory_id = begin.voter.directory;
    partition.leader_id = begin.leader.raw();
    partition.leader_epoch = begin.epoch.raw();
    OTTLA_CHECK(set_partition(message, partition));
    OTTLA_TRY(message.leader_endpoints,
              listeners_of<protocol::BeginQuorumEpochRequest::LeaderEndpoint>(begin.endpoints));
    return finish(message);
  }
  Result<Encodable> operator()(const raft::EndEpochRequest& end) const {
    protocol::EndQuorumEpochRequest message;
    message.cluster_id = terms.cluster;
    protocol::EndQuorumEpochRequest::PartitionData partition;
    partition.partition_index = kMetadataPartition;
    partition.leader_id = end.leader.raw();
    partition.leader_epoch = end.epoch.raw();
    OTTLA_TRY(const std::span<std::int32_t> nodes, arena.make_span<std::int32_t>(end.preferred.size()));
    OTTLA_TRY(const auto candidates,
              arena.make_span<protocol::EndQuorumEpochRequest::ReplicaInfo>(end.preferred.size()));
    for (std::size_t i = 0; i < end.preferred.size(); ++i) {
      nodes[i] = end.preferred[i].id.raw();
      candidates[i].candidate_id = end.preferred[i].id.raw();
      candidates[i].candidate_directory_id = end.preferred[i].directory;
    }
    partition.preferred_successors = nodes;
    partition.preferred_candidates = candidates;
    OTTLA_CHECK(set_partition(message, partition));
    OTTLA_TRY(message.leader_endpoints,
              listeners_of<protocol::EndQuorumEpochRequest::LeaderEndpoint>(end.endpoints));
    return finish(message);
  }
  Result<Encodable> operator()(const raft::FetchRequest& fetch) const {
    protocol::FetchRequest message;
    message.cluster_id = terms.cluster;
    if (version < 15) {
      message.replica_id = fetch.replica.id.raw();
    } else {
      message.replica_state.replica_id = fetch.replica.id.raw();
    }
    message.max_wait_ms = millis_of(fetch.max_wait);
    message.max_bytes = fetch.max_bytes;
    protocol::FetchRequest::FetchPartition partition;
    partition.partition = kMetadataPartition;
    partition.current_leader_epoch = fetch.epoch.raw();
    partition.fetch_offset = fetch.end.offset.raw();
    partition.last_fetched_epoch = fetch.end.epoch.raw();
    partition.replica_directory_id = fetch.replica.directory;
    partition.high_watermark = fetch.high_watermark.raw();
    protocol::FetchRequest::FetchTopic topic;
    topic.topic = kMetadataTopic;
    topic.topic_id = kMetadataTopicId;
    OTTLA_TRY(topic.partitions, single(partition));
    OTTLA_TRY(message.topics, single(topic));
    return finish(message);
  }
  Result<Encodable> operator()(const raft::FetchSnapshotRequest& fetch) const {
    protocol::FetchSnapshotRequest message;
    message.cluster_id = terms.cluster;
    message.replica_id = fetch.replica.id.raw();
    message.max_bytes = fetch.max_bytes;
    protocol::FetchSnapshotRequest::PartitionSnapshot partition;
    partition.partition = kMetadataPartition;
    partition.current_leader_epoch = fetch.epoch.raw();
    partition.snapshot_id = {.end_offset = fetch.snapshot.offset.raw(), .epoch = fetch.snapshot.epoch.raw()};
    partition.position = fetch.position;
    partition.replica_directory_id = fetch.replica.directory;
    protocol::FetchSnapshotRequest::TopicSnapshot topic;
    topic.name = kMetadataTopic;
    OTTLA_TRY(topic.partitions, single(partition));
    OTTLA_TRY(message.topics, single(topic));
    return finish(message);
  }
  Result<Encodable> operator()(const raft::DescribeRequest&) const {
    protocol::DescribeQuorumRequest message;
    protocol::DescribeQuorumRequest::PartitionData partition;
    partition.partition_index = kMetadataPartition;
    OTTLA_CHECK(set_partition(message, partition));
    return finish(message);
  }
  Result<Encodable> operator()(const raft::AddVoterRequest& add) const {
    protocol::AddRaftVoterRequest message;
    message.cluster_id = terms.cluster;
    message.voter_id = add.voter.id.raw();
    message.voter_directory_id = add.voter.directory;
    // Version 0 knows no other answer than the late one.
    message.ack_when_committed = version < kEarlyAnswer || add.ack_when_committed;
    OTTLA_TRY(message.listeners, listeners_of<protocol::AddRaftVoterRequest::Listener>(add.endpoints));
    return finish(message);
  }
  Result<Encodable> operator()(const raft::RemoveVoterRequest& remove) const {
    protocol::RemoveRaftVoterRequest message;
    message.cluster_id = terms.cluster;
    message.voter_id = remove.voter.id.raw();
    message.voter_directory_id = remove.voter.directory;
    return finish(message);
  }
  Result<Encodable> operator()(const raft::UpdateVoterRequest& update) const {
    protocol::UpdateRaftVoterRequest message;
    message.cluster_id = terms.cluster;
    message.current_leader_epoch = update.epoch.raw();
    message.voter_id = update.voter.key.id.raw();
    message.voter_directory_id = update.voter.key.directory;
    message.k_raft_version_feature = {.min_supported_version = update.voter.kraft_versions.least,
                                      .max_supported_version = update.voter.kraft_versions.greatest};
    OTTLA_TRY(message.listeners,
              listeners_of<protocol::UpdateRaftVoterRequest::Listener>(update.voter.endpoints));
    return finish(message);
  }
  Result<Encodable> operator()(const raft::VersionsRequest&) const {
    protocol::ApiVersionsRequest message;
    message.client_software_name = "ottla";
    message.client_software_version = "1";
    return finish(message);
  }
};

struct Key {
  ApiKey operator()(const raft::VoteRequest&) const { return ApiKey::vote; }
  ApiKey operator()(const raft::BeginEpochRequest&) const { return ApiKey::begin_quorum_epoch; }
  ApiKey operator()(const raft::EndEpochRequest&) const { return ApiKey::end_quorum_epoch; }
  ApiKey operator()(const raft::FetchRequest&) const { return ApiKey::fetch; }
  ApiKey operator()(const raft::FetchSnapshotRequest&) const { return ApiKey::fetch_snapshot; }
  ApiKey operator()(const raft::DescribeRequest&) const { return ApiKey::describe_quorum; }
  ApiKey operator()(const raft::AddVoterRequest&) const { return ApiKey::add_raft_voter; }
  ApiKey operator()(const raft::RemoveVoterRequest&) const { return ApiKey::remove_raft_voter; }
  ApiKey operator()(const raft::UpdateVoterRequest&) const { return ApiKey::update_raft_voter; }
  ApiKey operator()(const raft::VersionsRequest&) const { return ApiKey::api_versions; }
};

}  // namespace

ApiKey api_of(const raft::Request& request) {
  return std::visit(Key(), request.body);
}

Result<Encodable> make_request(const raft::Request& request, const AskingTerms& terms, std::int16_t version,
                               Arena& arena) {
  return std::visit(Maker{terms, version, arena}, request.body);
}

}  // namespace ottla::quorum
