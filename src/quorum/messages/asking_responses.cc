#include <fmt/format.h>

#include <chrono>
#include <utility>

#include "protocol/api.h"
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
#include "raft/control_codec.h"

namespace ottla::quorum {
namespace {

using protocol::ApiKey;
using protocol::ErrorCode;
using raft::Reply;

constexpr std::string_view kKraftVersion = "kraft.version";

Error malformed(std::string_view what) {
  return Error(Errc::malformed, fmt::format("a peer's response {}", what));
}

ErrorCode error_of(std::int16_t number) {
  return static_cast<ErrorCode>(number);
}

NodeId node_of(std::int32_t number) {
  return number < 0 ? kNoNode : NodeId(number);
}

struct Reader {
  const ResponseBytes& bytes;
  const AskingTerms& terms;
  Arena& arena;
  record::CodecPool& codecs;

  template <typename Message>
  Result<Message> decode() const {
    Message message;
    const auto size = protocol::decode({.bytes = bytes.frame.as_span().subspan(bytes.body),
                                        .version = bytes.version,
                                        .rest = protocol::Rest::left},
                                       arena, message);
    if (!size.ok()) return Error(size.error()).with_context("a peer's response");
    return message;
  }

  template <typename Nodes>
  void set_leader(Reply& reply, std::int32_t leader, std::int32_t epoch, const Nodes& nodes) const {
    reply.leader = node_of(leader);
    reply.epoch = LeaderEpoch(epoch);
    for (const auto& node : nodes) {
      const std::int64_t port = node.port;
      if (node.node_id != leader || port < 0 || port > 65535) continue;
      reply.leader_endpoints = raft::Endpoints(
          {{std::string(terms.listener), std::string(node.host), static_cast<std::uint16_t>(port)}});
    }
  }

  // Vote, BeginQuorumEpoch and EndQuorumEpoch; `body` makes the rest of its partition.
  template <typename Message, typename Body>
  Result<Reply> read_election(Body body) const {
    OTTLA_TRY(const Message message, decode<Message>());
    Reply reply;
    reply.top = error_of(message.error_code);
    typename Message::PartitionData partition;
    if (reply.top == ErrorCode::none) {
      const bool about_it = message.topics.size() == 1 && message.topics[0].topic_name == kMetadataTopic &&
                            message.topics[0].partitions.size() == 1 &&
                            message.topics[0].partitions[0].partition_index == kMetadataPartition;
      if (!about_it) return malformed("is not about the metadata's only partition");
      partition = message.topics[0].partitions[0];
      reply.error = error_of(partition.error_code);
      set_leader(reply, partition.leader_id, partition.leader_epoch, message.node_endpoints);
    }
    reply.body = body(partition);
    return reply;
  }

  Result<Reply> read_fetch() const {
    OTTLA_TRY(const auto message, decode<protocol::FetchResponse>());
    Reply reply;
    reply.top = error_of(message.error_code);
    raft::FetchReply fetch;
    if (reply.top == ErrorCode::none) {
      const bool about_it = message.responses.size() == 1 && is_metadata(message.responses[0]) &&
                            message.responses[0].partitions.size() == 1 &&
                            message.responses[0].partitions[0].partition_index == kMetadataPartition;
      if (!about_it) return malformed("is not about the metadata's only partition");
      const auto& partition = message.responses[0].partitions[0];
      reply.error = error_of(partition.error_code);
      set_leader(reply, partition.current_leader.leader_id, partition.current_leader.leader_epoch,
                 message.node_endpoints);
      OTTLA_TRY(fetch, read_partition(partition));
    }
    reply.body = std::move(fetch);
    return reply;
  }

  bool is_metadata(const protocol::FetchResponse::FetchableTopicResponse& topic) const {
    return bytes.version >= 13 ? topic.topic_id == kMetadataTopicId : topic.topic == kMetadataTopic;
  }

  Result<raft::FetchReply> read_partition(const protocol::FetchResponse::PartitionData& partition) const {
    raft::FetchReply fetch;
    fetch.high_watermark = Offset(partition.high_watermark);
    fetch.log_start = Offset(partition.log_start_offset);
    const auto& diverging = partition.diverging_epoch;
    if (diverging.epoch != -1 || diverging.end_offset != -1) {
      fetch.diverging = raft::LogPosition{LeaderEpoch(diverging.epoch), Offset(diverging.end_offset)};
    }
    const auto& snapshot = partition.snapshot_id;
    if (snapshot.epoch != -1 || snapshot.end_offset != -1) {
      fetch.snapshot = raft::LogPosition{LeaderEpoch(snapshot.epoch), Offset(snapshot.end_offset)};
    }
    if (!partition.records.is_null() && partition.records.size() > 0) {
      OTTLA_TRY(fetch.batches, raft::read_batches(partition.records.slice_of(bytes.frame), codecs));
    }
    return fetch;
  }

  Result<Reply> read_snapshot() const {
    OTTLA_TRY(const auto message, decode<protocol::FetchSnapshotResponse>());
    Reply reply;
    reply.top = error_of(message.error_code);
    raft::FetchSnapshotReply piece;
    if (reply.top == ErrorCode::none) {
      const bool about_it = message.topics.size() == 1 && message.topics[0].name == kMetadataTopic &&
                            message.topics[0].partitions.size() == 1 &&
                            message.topics[0].partitions[0].index == kMetadataPartition;
      if (!about_it) return malformed("is not about the metadata's only partition");
      const auto& partition = message.topics[0].partitions[0];
      reply.error = error_of(partition.error_code);
      set_leader(reply, partition.current_leader.leader_id, partition.current_leader.leader_epoch,
                 message.node_endpoints);
      piece.snapshot = {LeaderEpoch(partition.snapshot_id.epoch), Offset(partition.snapshot_id.end_offset)};
      piece.size = partition.size;
      piece.position = partition.position;
      if (!partition.unaligned_records.is_null()) {
        piece.bytes = partition.unaligned_records.slice_of(bytes.frame);
      }
    }
    reply.body = std::move(piece);
    return reply;
  }

  template <typename Message>
  Result<Reply> read_change() const {
    OTTLA_TRY(const Message message, decode<Message>());
    Reply reply;
    reply.error = error_of(message.error_code);
    reply.message = std::string(message.error_message.value_or(""));
    reply.body = raft::VoterChangeReply();
    return reply;
  }

  Result<Reply> read_update() const {
    OTTLA_TRY(const auto message, decode<protocol::UpdateRaftVoterResponse>());
    Reply reply;
    reply.error = error_of(message.error_code);
    const auto& leader = message.current_leader;
    reply.leader = node_of(leader.leader_id);
    reply.epoch = LeaderEpoch(leader.leader_epoch);
    if (!leader.host.empty() && leader.port >= 0 && leader.port <= 65535) {
      reply.leader_endpoints = raft::Endpoints(
          {{std::string(terms.listener), std::string(leader.host), static_cast<std::uint16_t>(leader.port)}});
    }
    reply.body = raft::VoterChangeReply();
    return reply;
  }

  Result<Reply> read_versions() const {
    OTTLA_TRY(const auto message, decode<protocol::ApiVersionsResponse>());
    Reply reply;
    reply.top = error_of(message.error_code);
    raft::VersionsReply versions;
    for (const auto& feature : message.supported_features) {
      if (feature.name == kKraftVersion) {
        versions.kraft_versions = raft::VersionRange{feature.min_version, feature.max_version};
      }
    }
    reply.body = versions;
    return reply;
  }

  Result<Reply> read_describe() const {
    OTTLA_TRY(const auto message, decode<protocol::DescribeQuorumResponse>());
    Reply reply;
    reply.top = error_of(message.error_code);
    raft::DescribeReply describe;
    if (reply.top == ErrorCode::none) {
      if (message.topics.size() != 1 || message.topics[0].partitions.size() != 1) {
        return malformed("is not about the metadata's only partition");
      }
      const auto& partition = message.topics[0].partitions[0];
      reply.error = error_of(partition.error_code);
      reply.leader = node_of(partition.leader_id);
      reply.epoch = LeaderEpoch(partition.leader_epoch);
      describe.high_watermark = Offset(partition.high_watermark);
      for (const auto& voter : partition.current_voters) describe.voters.push_back(status_of(voter));
      for (const auto& observer : partition.observers) describe.observers.push_back(status_of(observer));
    }
    reply.body = std::move(describe);
    return reply;
  }

  static raft::ReplicaStatus status_of(const protocol::DescribeQuorumResponse::ReplicaState& state) {
    raft::ReplicaStatus status;
    status.key = {NodeId(state.replica_id), state.replica_directory_id};
    status.end = Offset(state.log_end_offset);
    return status;
  }
};

}  // namespace

Result<Reply> read_response(ApiKey api, const ResponseBytes& bytes, const AskingTerms& terms, Arena& arena,
                            record::CodecPool& codecs) {
  const Reader reader{bytes, terms, arena, codecs};
  switch (api) {
    case ApiKey::vote:
      return reader.read_election<protocol::VoteResponse>(
          [](const auto& partition) { return raft::VoteReply{partition.vote_granted}; });
    case ApiKey::begin_quorum_epoch:
      return reader.read_election<protocol::BeginQuorumEpochResponse>(
          [](const auto&) { return raft::BeginEpochReply(); });
    case ApiKey::end_quorum_epoch:
      return reader.read_election<protocol::EndQuorumEpochResponse>(
          [](const auto&) { return raft::EndEpochReply(); });
    case ApiKey::fetch:
      return reader.read_fetch();
    case ApiKey::fetch_snapshot:
      return reader.read_snapshot();
    case ApiKey::describe_quorum:
      return reader.read_describe();
    case ApiKey::add_raft_voter:
      return reader.read_change<protocol::AddRaftVoterResponse>();
    case ApiKey::remove_raft_voter:
      return reader.read_change<protocol::RemoveRaftVoterResponse>();
    case ApiKey::update_raft_voter:
      return reader.read_update();
    case ApiKey::api_versions:
      return reader.read_versions();
    default:
      return Error(Errc::invalid_argument, "no API of the quorum");
  }
}

}  // namespace ottla::quorum
