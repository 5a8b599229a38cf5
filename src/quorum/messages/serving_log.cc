// Fetch and FetchSnapshot of the metadata log.
#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "quorum/messages/serving.h"
#include "quorum/messages/serving_parts.h"

namespace ottla::quorum {

using protocol::ErrorCode;
using serving::is_other_cluster;
using serving::name_leader;
using serving::number_of;
using serving::single;

namespace {

// From which version on a fetch's answer tells where the leader listens.
constexpr std::int16_t kFetchNamesLeader = 17;

}  // namespace

Result<bool> read_request(const protocol::FetchRequest& request, const ServingTerms& terms, Arena&,
                          raft::Request& out, protocol::FetchResponse& response) {
  if (is_other_cluster(request.cluster_id, terms)) {
    refuse(ErrorCode::inconsistent_cluster_id, response);
    return false;
  }
  const auto& topics = request.topics;
  const bool valid = topics.size() == 1 && topics[0].topic_id == kMetadataTopicId &&
                     topics[0].partitions.size() == 1 &&
                     topics[0].partitions[0].partition == kMetadataPartition;
  if (!valid) {
    refuse(ErrorCode::invalid_request, response);
    return false;
  }
  const auto& partition = topics[0].partitions[0];
  const std::int32_t replica =
      request.replica_id != -1 ? request.replica_id : request.replica_state.replica_id;
  raft::FetchRequest fetch;
  fetch.replica = {NodeId(replica), partition.replica_directory_id};
  fetch.epoch = LeaderEpoch(partition.current_leader_epoch);
  fetch.end = {LeaderEpoch(partition.last_fetched_epoch), Offset(partition.fetch_offset)};
  fetch.high_watermark = Offset(partition.high_watermark);
  fetch.max_wait = std::chrono::milliseconds(request.max_wait_ms);
  fetch.max_bytes = request.max_bytes;
  out.body = fetch;
  return true;
}

Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain& records,
                        protocol::FetchResponse& response) {
  refuse(reply.top, response);
  if (reply.top != ErrorCode::none) return {};
  const auto& fetch = std::get<raft::FetchReply>(reply.body);
  protocol::FetchResponse::PartitionData partition;
  partition.partition_index = kMetadataPartition;
  partition.error_code = number_of(reply.error);
  partition.high_watermark = fetch.high_watermark.raw();
  partition.log_start_offset = std::max(fetch.log_start, terms.log_start).raw();
  partition.current_leader = {.leader_id = reply.leader.raw(), .leader_epoch = reply.epoch.raw()};
  if (fetch.diverging) {
    partition.diverging_epoch = {.epoch = fetch.diverging->epoch.raw(),
                                 .end_offset = fetch.diverging->offset.raw()};
  }
  if (fetch.snapshot) {
    partition.snapshot_id = {.end_offset = fetch.snapshot->offset.raw(),
                             .epoch = fetch.snapshot->epoch.raw()};
  }
  records.clear();
  for (const raft::Batch& batch : fetch.batches) records.append(batch.bytes);
  partition.records = protocol::Records(records);
  protocol::FetchResponse::FetchableTopicResponse topic;
  topic.topic = kMetadataTopic;
  topic.topic_id = kMetadataTopicId;
  OTTLA_TRY(topic.partitions, single(arena, partition));
  OTTLA_TRY(response.responses, single(arena, topic));
  if (terms.version < kFetchNamesLeader) return {};
  return name_leader(reply.leader, reply.leader_endpoints, terms, arena, response);
}

namespace {

using SnapshotPartition = protocol::FetchSnapshotResponse::PartitionSnapshot;

Result<> finish_snapshot(const SnapshotPartition& partition, std::string_view name, NodeId leader,
                         const raft::Endpoints& endpoints, const ServingTerms& terms, Arena& arena,
                         protocol::FetchSnapshotResponse& response) {
  protocol::FetchSnapshotResponse::TopicSnapshot topic;
  topic.name = name;
  OTTLA_TRY(topic.partitions, single(arena, partition));
  OTTLA_TRY(response.topics, single(arena, topic));
  if (terms.version < 1) return {};
  return name_leader(leader, endpoints, terms, arena, response);
}

}  // namespace

Result<bool> read_request(const protocol::FetchSnapshotRequest& request, const ServingTerms& terms,
                          Arena& arena, raft::Request& out, protocol::FetchSnapshotResponse& response) {
  if (is_other_cluster(request.cluster_id, terms)) {
    refuse(ErrorCode::inconsistent_cluster_id, response);
    return false;
  }
  if (request.topics.size() != 1 || request.topics[0].partitions.size() != 1) {
    refuse(ErrorCode::invalid_request, response);
    return false;
  }
  const auto& topic = request.topics[0];
  const auto& partition = topic.partitions[0];
  if (topic.name != kMetadataTopic || partition.partition != kMetadataPartition) {
    response = {};
    SnapshotPartition unknown;
    unknown.index = partition.partition;
    unknown.error_code = number_of(ErrorCode::unknown_topic_or_partition);
    OTTLA_CHECK(
        finish_snapshot(unknown, topic.name, terms.leader, terms.leader_endpoints, terms, arena, response));
    return false;
  }
  raft::FetchSnapshotRequest fetch;
  fetch.replica = {NodeId(request.replica_id), partition.replica_directory_id};
  fetch.epoch = LeaderEpoch(partition.current_leader_epoch);
  fetch.snapshot = {LeaderEpoch(partition.snapshot_id.epoch), Offset(partition.snapshot_id.end_offset)};
  fetch.position = partition.position;
  fetch.max_bytes = request.max_bytes;
  out.body = fetch;
  return true;
}

Result<> write_response(const raft::Reply& reply, const ServingTerms& terms, Arena& arena, Chain& records,
                        protocol::FetchSnapshotResponse& response) {
  refuse(reply.top, response);
  if (reply.top != ErrorCode::none) return {};
  const auto& piece = std::get<raft::FetchSnapshotReply>(reply.body);
  SnapshotPartition partition;
  partition.index = kMetadataPartition;
  partition.error_code = number_of(reply.error);
  partition.current_leader = {.leader_id = reply.leader.raw(), .leader_epoch = reply.epoch.raw()};
  if (reply.error == ErrorCode::none) {
    partition.snapshot_id = {.end_offset = piece.snapshot.offset.raw(), .epoch = piece.snapshot.epoch.raw()};
    partition.size = piece.size;
    partition.position = piece.position;
    records = Chain(piece.bytes);
    partition.unaligned_records = protocol::Records(records);
  }
  return finish_snapshot(partition, kMetadataTopic, reply.leader, reply.leader_endpoints, terms, arena,
                         response);
}

}  // namespace ottla::quorum
