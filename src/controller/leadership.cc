#include "controller/leadership.h"

#include <fmt/format.h>

#include <string>
#include <vector>

#include "controller/topic_settings.h"
#include "metadata/partition.h"

namespace ottla::controller {
namespace {

using metadata::Partition;
using metadata::TopicImage;
using protocol::ElectLeadersRequest;
using protocol::ElectLeadersResponse;
using PartitionResult = ElectLeadersResponse::PartitionResult;
using TopicResult = ElectLeadersResponse::ReplicaElectionResult;

constexpr std::int8_t kPreferred = 0;
constexpr std::int8_t kUnclean = 1;

ApiError with_text(ErrorCode code) {
  return {code, std::string(message_of(code))};
}

ApiError elect(Draft& draft, const TopicImage& topic, std::int32_t partition, Election election) {
  const Partition* now = draft.image().topics.partition(topic.id, PartitionId(partition));
  if (now == nullptr) {
    return {ErrorCode::unknown_topic_or_partition,
            fmt::format("No such partition as {}-{}", topic.name, partition)};
  }
  const bool needed =
      election == Election::unclean ? !now->has_leader() : now->leader() != now->preferred_leader();
  if (!needed) return with_text(ErrorCode::election_not_needed);
  PartitionChange change(draft, {topic.id, partition});
  change.election = election;
  if (change.write(draft)) return {};
  return with_text(election == Election::preferred ? ErrorCode::preferred_leader_not_available
                                                   : ErrorCode::eligible_leaders_not_available);
}

ApiError elect(Draft& draft, std::string_view name, std::int32_t partition, Election election) {
  const TopicImage* topic = draft.image().topics.find(name);
  if (topic == nullptr) {
    return {ErrorCode::unknown_topic_or_partition, fmt::format("No such topic as {}", name)};
  }
  return elect(draft, TopicImage(*topic), partition, election);
}

Result<PartitionResult> result_of(std::int32_t partition, const ApiError& error, Arena& arena) {
  PartitionResult result;
  result.partition_id = partition;
  result.error_code = error.wire_code();
  OTTLA_TRY(result.error_message, message_text(error, arena));
  return result;
}

ApiError elect_everywhere(const State& state, Election election, Call& call, ElectLeadersResponse& response) {
  Draft draft(state, call.records);
  std::vector<TopicResult> topics;
  for (const auto& [name, id] : state.image().topics.by_name) {
    const TopicImage& topic = *state.image().topics.find(id);
    std::vector<PartitionResult> results;
    for (const auto& [partition, now] : topic.partitions) {
      const ApiError error = elect(draft, topic, partition.raw(), election);
      if (error.code == ErrorCode::election_not_needed) continue;
      OTTLA_TRY(results.emplace_back(), result_of(partition.raw(), error, call.arena));
    }
    TopicResult& result = topics.emplace_back();
    OTTLA_TRY(result.topic, call.text(name));
    OTTLA_TRY(result.partition_result, call.array_of(results));
  }
  OTTLA_TRY(response.replica_election_results, call.array_of(topics));
  return {};
}

}  // namespace

void follow_brokers(Draft& draft, const PartitionKey& partition, const BrokerChange& brokers) {
  const TopicImage* topic = draft.image().topics.find(partition.topic);
  PartitionChange change(draft, partition, brokers);
  if (unclean_election_enabled(draft.options(), draft.image(), topic->name))
    change.election = Election::unclean;
  std::erase_if(change.isr, [&brokers](std::int32_t broker) {
    return broker == brokers.removed || broker == brokers.unclean;
  });
  change.write(draft);
}

void follow_brokers(Draft& draft, const PartitionSet& partitions, const BrokerChange& brokers) {
  partitions.each([&](const PartitionKey& partition) {
    follow_brokers(draft, partition, brokers);
    return true;
  });
}

ApiError elect_leaders(const State& state, const ElectLeadersRequest& request, Call& call,
                       ElectLeadersResponse& response) {
  if (!request.topic_partitions.is_null() && request.topic_partitions.empty()) return {};
  if (request.election_type != kPreferred && request.election_type != kUnclean) {
    return {ErrorCode::invalid_request, fmt::format("Unknown election type {}", request.election_type)};
  }
  const Election election = request.election_type == kUnclean ? Election::unclean : Election::preferred;
  if (request.topic_partitions.is_null()) return elect_everywhere(state, election, call, response);
  Draft draft(state, call.records);
  std::vector<TopicResult> topics;
  for (const ElectLeadersRequest::TopicPartitions& asked : request.topic_partitions) {
    std::vector<PartitionResult> results;
    for (const std::int32_t partition : asked.partitions) {
      OTTLA_TRY(results.emplace_back(),
                result_of(partition, elect(draft, asked.topic, partition, election), call.arena));
    }
    TopicResult& result = topics.emplace_back();
    result.topic = asked.topic;
    OTTLA_TRY(result.partition_result, call.array_of(results));
  }
  OTTLA_TRY(response.replica_election_results, call.array_of(topics));
  return {};
}

Result<> refuse_elect_leaders(const ElectLeadersRequest& request, const ApiError& error, Arena& arena,
                              ElectLeadersResponse& response) {
  response.error_code = error.wire_code();
  OTTLA_TRY(const protocol::NullableText message, message_text(error, arena));
  OTTLA_TRY(const std::span<TopicResult> topics,
            arena.make_span<TopicResult>(request.topic_partitions.size()));
  for (std::size_t i = 0; i < topics.size(); ++i) {
    const ElectLeadersRequest::TopicPartitions& asked = request.topic_partitions[i];
    OTTLA_TRY(const std::span<PartitionResult> results,
              arena.make_span<PartitionResult>(asked.partitions.size()));
    for (std::size_t j = 0; j < results.size(); ++j) {
      results[j].partition_id = asked.partitions[j];
      results[j].error_code = error.wire_code();
      results[j].error_message = message;
    }
    topics[i].topic = asked.topic;
    topics[i].partition_result = results;
  }
  response.replica_election_results = topics;
  return {};
}

bool elect_preferred_leaders(const State& state, Call& call) {
  Draft draft(state, call.records);
  state.partitions().imbalanced().each([&](const PartitionKey& partition) {
    PartitionChange change(draft, partition);
    change.election = Election::preferred;
    change.write(draft);
    return draft.records() < kMostElections;
  });
  return draft.records() >= kMostElections;
}

bool elect_unclean_leaders(const State& state, Call& call) {
  Draft draft(state, call.records);
  state.partitions().leaderless().each([&](const PartitionKey& partition) {
    const TopicImage& topic = *state.image().topics.find(partition.topic);
    if (unclean_election_enabled(state.options(), state.image(), topic.name)) {
      static_cast<void>(elect(draft, topic, partition.partition, Election::unclean));
    }
    return draft.records() < kMostElections;
  });
  return draft.records() >= kMostElections;
}

}  // namespace ottla::controller
