#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "controller/api_table.h"
#include "controller/draft.h"
#include "controller/partition_change.h"
#include "controller/partitions.h"
#include "controller/reassignment.h"
#include "controller/replica_assignment.h"
#include "controller/topic_settings.h"

namespace ottla::controller {
namespace {

using metadata::BrokerIds;
using metadata::Partition;
using metadata::TopicImage;
using protocol::AlterPartitionReassignmentsRequest;
using protocol::AlterPartitionReassignmentsResponse;
using protocol::ListPartitionReassignmentsRequest;
using protocol::ListPartitionReassignmentsResponse;
using Target = AlterPartitionReassignmentsRequest::ReassignablePartition;
using TargetTopic = AlterPartitionReassignmentsRequest::ReassignableTopic;
using PartitionResult = AlterPartitionReassignmentsResponse::ReassignablePartitionResponse;
using TopicResult = AlterPartitionReassignmentsResponse::ReassignableTopicResponse;
using Ongoing = ListPartitionReassignmentsResponse::OngoingPartitionReassignment;
using OngoingTopic = ListPartitionReassignmentsResponse::OngoingTopicReassignment;

// How many replicas there are when what is under way is done.
std::size_t replicas_at_the_end(const Partition& partition) {
  return partition.replicas().size() - partition.removing_replicas().size();
}

ApiError begin(const TopicImage& topic, const Partition& now, const Target& target, bool size_may_change,
               Draft& draft) {
  const BrokerIds replicas = target.replicas.as_span();
  if (ApiError error = check_assignment(draft.image(), replicas, std::nullopt); !error.ok()) return error;
  if (!size_may_change && replicas_at_the_end(now) != replicas.size()) {
    return {ErrorCode::invalid_replication_factor,
            fmt::format("The replication factor is changed from {} to {}", replicas_at_the_end(now),
                        replicas.size())};
  }
  Reassignment made = Reassignment::between(now.replicas(), replicas);
  PartitionChange change(draft, {topic.id, target.partition_index});
  change.replicas = std::move(made.replicas);
  // What another reassignment had left to do is not taken back by having nothing to do oneself; but nobody can come
  // and go at once.
  if (!made.adding.empty()) change.adding = std::move(made.adding);
  std::erase_if(change.adding,
                [&made](std::int32_t each) { return metadata::contains(made.removing, each); });
  if (!made.removing.empty()) change.removing = std::move(made.removing);
  change.write(draft);
  return {};
}

ApiError cancel(const TopicImage& topic, const Partition& now, const Target& target, Draft& draft) {
  if (!now.reassigning()) return ErrorCode::no_reassignment_in_progress;
  const auto before = reverted(now);
  if (!before) {
    return {ErrorCode::invalid_replica_assignment,
            "Invalid replica assignment: addingReplicas contains all replicas."};
  }
  const bool unclean_enabled = unclean_election_enabled(draft.options(), draft.image(), topic.name);
  if (before->unclean && !unclean_enabled) {
    return {ErrorCode::invalid_replica_assignment,
            fmt::format(
                "Unable to revert partition assignment for {}:{} because it would require an unclean leader "
                "election.",
                topic.name, target.partition_index)};
  }
  PartitionChange change(draft, {topic.id, target.partition_index});
  if (unclean_enabled) change.election = Election::unclean;
  change.isr = before->isr;
  change.replicas = before->replicas;
  change.removing.clear();
  change.adding.clear();
  change.write(draft);
  return {};
}

ApiError reassign(std::string_view name, const Target& target, bool size_may_change, Draft& draft) {
  const TopicImage* topic = draft.image().topics.find(name);
  if (topic == nullptr) {
    return {ErrorCode::unknown_topic_or_partition, fmt::format("Unable to find a topic named {}.", name)};
  }
  const Partition* now = topic->partition(PartitionId(target.partition_index));
  if (now == nullptr) {
    return {ErrorCode::unknown_topic_or_partition,
            fmt::format("Unable to find partition {}:{}.", name, target.partition_index)};
  }
  // What does not fit into one request is told so; the rest is done.
  if (draft.records() >= kMostRecords) return ErrorCode::unknown_server_error;
  const TopicImage held = *topic;
  return target.replicas.is_null() ? cancel(held, *now, target, draft)
                                   : begin(held, *now, target, size_may_change, draft);
}

Result<protocol::Array<std::int32_t>> copied(BrokerIds brokers, Call& call) {
  return call.array_of(BrokerList(brokers.begin(), brokers.end()));
}

Result<> list(const TopicImage& topic, std::int32_t index, std::vector<Ongoing>& listed, Call& call) {
  const Partition* now = topic.partition(PartitionId(index));
  if (now == nullptr || !now->reassigning()) return {};
  Ongoing& ongoing = listed.emplace_back();
  ongoing.partition_index = index;
  OTTLA_TRY(ongoing.replicas, copied(now->replicas(), call));
  OTTLA_TRY(ongoing.adding_replicas, copied(now->adding_replicas(), call));
  OTTLA_TRY(ongoing.removing_replicas, copied(now->removing_replicas(), call));
  return {};
}

Result<> finish(const TopicImage& topic, std::vector<Ongoing>& listed, std::vector<OngoingTopic>& topics,
                Call& call) {
  if (listed.empty()) return {};
  OngoingTopic& ongoing = topics.emplace_back();
  OTTLA_TRY(ongoing.name, call.text(topic.name));
  OTTLA_TRY(ongoing.partitions, call.array_of(listed));
  listed.clear();
  return {};
}

Result<> list_all(const State& state, std::vector<OngoingTopic>& topics, Call& call) {
  const TopicImage* topic = nullptr;
  std::vector<Ongoing> listed;
  Result<> result;
  state.partitions().reassigning().each([&](const PartitionKey& key) {
    if (topic != nullptr && topic->id != key.topic) result = finish(*topic, listed, topics, call);
    topic = state.image().topics.find(key.topic);
    if (result.ok()) result = list(*topic, key.partition, listed, call);
    return result.ok();
  });
  if (result.ok() && topic != nullptr) result = finish(*topic, listed, topics, call);
  return result;
}

Result<> list_asked(const State& state, const ListPartitionReassignmentsRequest& request,
                    std::vector<OngoingTopic>& topics, Call& call) {
  for (const auto& asked : request.topics) {
    const TopicImage* topic = state.image().topics.find(asked.name);
    if (topic == nullptr) continue;
    std::vector<Ongoing> listed;
    for (const std::int32_t index : asked.partition_indexes) OTTLA_CHECK(list(*topic, index, listed, call));
    OTTLA_CHECK(finish(*topic, listed, topics, call));
  }
  return {};
}

}  // namespace

ApiError alter_partition_reassignments(const State& state, const AlterPartitionReassignmentsRequest& request,
                                       Call& call, AlterPartitionReassignmentsResponse& response) {
  if (request.topics.empty()) return {};
  response.error_message = nullptr;
  response.allow_replication_factor_change = request.allow_replication_factor_change;
  Draft draft(state, call.records);
  std::vector<TopicResult> topics;
  for (const TargetTopic& asked : request.topics) {
    std::vector<PartitionResult> partitions;
    for (const Target& target : asked.partitions) {
      const ApiError error = reassign(asked.name, target, request.allow_replication_factor_change, draft);
      PartitionResult& result = partitions.emplace_back();
      result.partition_index = target.partition_index;
      result.error_code = error.wire_code();
      OTTLA_TRY(result.error_message, message_text(error, call.arena));
    }
    TopicResult& result = topics.emplace_back();
    result.name = asked.name;
    OTTLA_TRY(result.partitions, call.array_of(partitions));
  }
  OTTLA_TRY(response.responses, call.array_of(topics));
  return {};
}

Result<> refuse_alter_partition_reassignments(const AlterPartitionReassignmentsRequest& request,
                                              const ApiError& error, Arena& arena,
                                              AlterPartitionReassignmentsResponse& response) {
  response.error_code = error.wire_code();
  OTTLA_TRY(response.error_message, message_text(error, arena));
  OTTLA_TRY(const std::span<TopicResult> topics, arena.make_span<TopicResult>(request.topics.size()));
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const TargetTopic& asked = request.topics[i];
    OTTLA_TRY(const std::span<PartitionResult> results,
              arena.make_span<PartitionResult>(asked.partitions.size()));
    for (std::size_t j = 0; j < results.size(); ++j) {
      results[j].partition_index = asked.partitions[j].partition_index;
      results[j].error_code = error.wire_code();
      results[j].error_message = response.error_message;
    }
    topics[i].name = asked.name;
    topics[i].partitions = results;
  }
  response.responses = topics;
  return {};
}

ApiError list_partition_reassignments(const State& state, const ListPartitionReassignmentsRequest& request,
                                      Call& call, ListPartitionReassignmentsResponse& response) {
  response.error_message = nullptr;
  std::vector<OngoingTopic> topics;
  const Result<> listed =
      request.topics.is_null() ? list_all(state, topics, call) : list_asked(state, request, topics, call);
  if (!listed.ok()) return listed.error();
  OTTLA_TRY(response.topics, call.array_of(topics));
  return {};
}

Result<> refuse_list_partition_reassignments(const ListPartitionReassignmentsRequest& request,
                                             const ApiError& error, Arena& arena,
                                             ListPartitionReassignmentsResponse& response) {
  response.error_code = error.wire_code();
  OTTLA_TRY(response.error_message, message_text(error, arena));
  OTTLA_TRY(const std::span<OngoingTopic> topics, arena.make_span<OngoingTopic>(request.topics.size()));
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const auto& asked = request.topics[i];
    OTTLA_TRY(const std::span<Ongoing> partitions, arena.make_span<Ongoing>(asked.partition_indexes.size()));
    for (std::size_t j = 0; j < partitions.size(); ++j)
      partitions[j].partition_index = asked.partition_indexes[j];
    topics[i].name = asked.name;
    topics[i].partitions = partitions;
  }
  response.topics = topics;
  return {};
}

}  // namespace ottla::controller
