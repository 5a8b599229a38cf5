#include <algorithm>
#include <vector>

#include "controller/brokers.h"
#include "controller/draft.h"
#include "controller/partition_change.h"
#include "controller/partitions.h"
#include "controller/topic_settings.h"
#include "metadata/registration.h"

namespace ottla::controller {
namespace {

using metadata::BrokerRegistration;
using metadata::MetadataImage;
using metadata::Partition;
using metadata::TopicImage;
using protocol::AlterPartitionRequest;
using protocol::AlterPartitionResponse;
using AskedPartition = AlterPartitionRequest::PartitionData;
using BrokerState = AlterPartitionRequest::BrokerState;
using PartitionResult = AlterPartitionResponse::PartitionData;
using TopicResult = AlterPartitionResponse::TopicData;

constexpr std::int8_t kRecovering = 1;
constexpr std::int16_t kIsrWithEpochs = 3;  // the version from which replicas come with their epochs

std::vector<BrokerState> isr_of(const AskedPartition& asked, std::int16_t version) {
  if (version >= kIsrWithEpochs) return {asked.new_isr_with_epochs.begin(), asked.new_isr_with_epochs.end()};
  std::vector<BrokerState> isr;
  for (const std::int32_t broker : asked.new_isr) isr.emplace_back().broker_id = broker;
  return isr;
}

BrokerList ids_of(const std::vector<BrokerState>& isr) {
  BrokerList ids;
  std::ranges::transform(isr, std::back_inserter(ids), &BrokerState::broker_id);
  return ids;
}

// Each of them a replica, and none twice.
bool is_part_of(BrokerList isr, metadata::BrokerIds replicas) {
  if (!std::ranges::all_of(isr,
                           [replicas](std::int32_t each) { return metadata::contains(replicas, each); })) {
    return false;
  }
  std::ranges::sort(isr);
  return std::ranges::adjacent_find(isr) == isr.end();
}

bool may_be_in_isr(const MetadataImage& image, const BrokerState& told) {
  const BrokerRegistration* broker = image.cluster.broker(NodeId(told.broker_id));
  return broker != nullptr && !broker->fenced && !broker->in_controlled_shutdown &&
         (told.broker_epoch == -1 || told.broker_epoch == broker->epoch);
}

ErrorCode check_epochs(std::int32_t broker, const Partition& now, const AskedPartition& asked) {
  // This controller is behind: the leader has heard of something newer.
  if (asked.leader_epoch > now.leader_epoch() || asked.partition_epoch > now.partition_epoch()) {
    return ErrorCode::not_controller;
  }
  if (asked.leader_epoch < now.leader_epoch()) return ErrorCode::fenced_leader_epoch;
  if (broker != now.leader()) return ErrorCode::invalid_request;
  return asked.partition_epoch < now.partition_epoch() ? ErrorCode::invalid_update_version : ErrorCode::none;
}

ErrorCode check_isr(const MetadataImage& image, const Partition& now, const AskedPartition& asked,
                    const std::vector<BrokerState>& told) {
  const BrokerList isr = ids_of(told);
  if (!is_part_of(isr, now.replicas()) || !metadata::contains(isr, now.leader()))
    return ErrorCode::invalid_request;
  if (asked.leader_recovery_state < 0 || asked.leader_recovery_state > kRecovering)
    return ErrorCode::invalid_request;
  const bool recovering = asked.leader_recovery_state == kRecovering;
  if (recovering && (isr.size() > 1 || now.leader_recovery() == LeaderRecovery::recovered)) {
    return ErrorCode::invalid_request;
  }
  const bool eligible =
      std::ranges::all_of(told, [&image](const BrokerState& each) { return may_be_in_isr(image, each); });
  return eligible ? ErrorCode::none : ErrorCode::ineligible_replica;
}

PartitionResult failed(const AskedPartition& asked, ErrorCode code) {
  PartitionResult result;
  result.partition_index = asked.partition_index;
  result.error_code = static_cast<std::int16_t>(code);
  return result;
}

Result<PartitionResult> alter(std::int32_t broker, const TopicImage& topic, const AskedPartition& asked,
                              Draft& draft, Call& call) {
  const PartitionId index(asked.partition_index);
  const Partition* now = draft.image().topics.partition(topic.id, index);
  if (now == nullptr) return failed(asked, ErrorCode::unknown_topic_or_partition);
  const std::vector<BrokerState> isr = isr_of(asked, call.asked.version);
  ErrorCode error = check_epochs(broker, *now, asked);
  if (error == ErrorCode::none) error = check_isr(draft.image(), *now, asked, isr);
  if (error != ErrorCode::none) return failed(asked, error);
  PartitionChange change(draft, {topic.id, asked.partition_index});
  if (unclean_election_enabled(draft.options(), draft.image(), topic.name))
    change.election = Election::unclean;
  change.isr = ids_of(isr);
  change.recovery =
      asked.leader_recovery_state == kRecovering ? LeaderRecovery::recovering : LeaderRecovery::recovered;
  change.write(draft);
  const Partition& after = *draft.image().topics.partition(topic.id, index);
  // With the ISR complete a reassignment is done, which may take the leader away.
  if (after.leader() != broker) return failed(asked, ErrorCode::new_leader_elected);
  PartitionResult result;
  result.partition_index = asked.partition_index;
  result.leader_id = after.leader();
  result.leader_epoch = after.leader_epoch();
  result.leader_recovery_state = static_cast<std::int8_t>(after.leader_recovery());
  result.partition_epoch = after.partition_epoch();
  OTTLA_TRY(result.isr, call.array_of(BrokerList(after.isr().begin(), after.isr().end())));
  return result;
}

}  // namespace

ApiError alter_partition(const State& state, const AlterPartitionRequest& request, Call& call,
                         AlterPartitionResponse& response) {
  if (request.topics.empty()) return {};
  if (ApiError error = check_broker_epoch(state.image(), request.broker_id, request.broker_epoch);
      !error.ok()) {
    return error;
  }
  Draft draft(state, call.records);
  std::vector<TopicResult> topics;
  for (const AlterPartitionRequest::TopicData& asked : request.topics) {
    const TopicImage* topic = asked.topic_id.is_zero() ? nullptr : state.image().topics.find(asked.topic_id);
    std::vector<PartitionResult> partitions;
    for (const AskedPartition& each : asked.partitions) {
      if (topic == nullptr) {
        partitions.push_back(failed(each, ErrorCode::unknown_topic_id));
      } else {
        OTTLA_TRY(partitions.emplace_back(), alter(request.broker_id, *topic, each, draft, call));
      }
    }
    TopicResult& result = topics.emplace_back();
    result.topic_id = asked.topic_id;
    OTTLA_TRY(result.partitions, call.array_of(partitions));
  }
  OTTLA_TRY(response.topics, call.array_of(topics));
  return {};
}

}  // namespace ottla::controller
