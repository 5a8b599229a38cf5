#include <vector>

#include "controller/brokers.h"
#include "controller/draft.h"
#include "controller/leadership.h"
#include "controller/partition_change.h"
#include "controller/partitions.h"
#include "metadata/registration.h"

namespace ottla::controller {
namespace {

using metadata::Partition;
using protocol::AssignReplicasToDirsRequest;
using protocol::AssignReplicasToDirsResponse;
using DirectoryResult = AssignReplicasToDirsResponse::DirectoryData;
using TopicResult = AssignReplicasToDirsResponse::TopicData;
using PartitionResult = AssignReplicasToDirsResponse::PartitionData;

struct Place {
  std::int32_t broker;
  Uuid directory;
};

ErrorCode assign(const PartitionKey& key, const Place& place, Draft& draft) {
  if (draft.image().topics.find(key.topic) == nullptr) return ErrorCode::unknown_topic_id;
  const Partition* now = draft.image().topics.partition(key.topic, PartitionId(key.partition));
  if (now == nullptr) return ErrorCode::unknown_topic_or_partition;
  if (!metadata::contains(now->replicas(), place.broker)) return ErrorCode::not_leader_or_follower;
  PartitionChange change(draft, key);
  change.put_into(place.broker, place.directory);
  change.write(draft);
  return ErrorCode::none;
}

Result<TopicResult> assign_topic(const AssignReplicasToDirsRequest::TopicData& asked, const Place& place,
                                 Draft& draft, std::vector<PartitionKey>& assigned, Call& call) {
  std::vector<PartitionResult> partitions;
  for (const AssignReplicasToDirsRequest::PartitionData& each : asked.partitions) {
    const PartitionKey key{.topic = asked.topic_id, .partition = each.partition_index};
    const ErrorCode error = assign(key, place, draft);
    if (error == ErrorCode::none) assigned.push_back(key);
    PartitionResult& result = partitions.emplace_back();
    result.partition_index = each.partition_index;
    result.error_code = static_cast<std::int16_t>(error);
  }
  TopicResult result;
  result.topic_id = asked.topic_id;
  OTTLA_TRY(result.partitions, call.array_of(partitions));
  return result;
}

}  // namespace

ApiError assign_replicas_to_dirs(const State& state, const AssignReplicasToDirsRequest& request, Call& call,
                                 AssignReplicasToDirsResponse& response) {
  if (!has_directory_assignment(state.version())) {
    return {ErrorCode::unsupported_version, "Directory assignment is not supported yet."};
  }
  if (ApiError error = check_broker_epoch(state.image(), request.broker_id, request.broker_epoch);
      !error.ok()) {
    return error;
  }
  const metadata::BrokerRegistration& broker = *state.image().cluster.broker(NodeId(request.broker_id));
  Draft draft(state, call.records);
  std::vector<DirectoryResult> directories;
  std::vector<PartitionKey> lost;
  for (const AssignReplicasToDirsRequest::DirectoryData& asked : request.directories) {
    const Place place{.broker = request.broker_id, .directory = asked.id};
    std::vector<PartitionKey> assigned;
    std::vector<TopicResult> topics;
    for (const AssignReplicasToDirsRequest::TopicData& topic : asked.topics) {
      OTTLA_TRY(topics.emplace_back(), assign_topic(topic, place, draft, assigned, call));
    }
    if (!broker.has_online_directory(asked.id)) lost.insert(lost.end(), assigned.begin(), assigned.end());
    DirectoryResult& result = directories.emplace_back();
    result.id = asked.id;
    OTTLA_TRY(result.topics, call.array_of(topics));
  }
  // Who lies where nothing can be read any more neither leads nor is in sync.
  for (const PartitionKey& partition : lost) follow_brokers(draft, partition, {.removed = request.broker_id});
  OTTLA_TRY(response.directories, call.array_of(directories));
  return {};
}

}  // namespace ottla::controller
