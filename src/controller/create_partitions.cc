#include <fmt/format.h>

#include <map>
#include <string_view>
#include <vector>

#include "controller/draft.h"
#include "controller/placement.h"
#include "controller/replica_assignment.h"
#include "controller/topics.h"

namespace ottla::controller {
namespace {

using metadata::TopicImage;
using protocol::CreatePartitionsRequest;
using protocol::CreatePartitionsResponse;
using AskedTopic = CreatePartitionsRequest::CreatePartitionsTopic;
using TopicResult = CreatePartitionsResponse::CreatePartitionsTopicResult;
using NewPartitions = std::vector<NewPartition>;

constexpr std::int64_t kMostPartitions = 10'000;

std::int64_t count_additional(const metadata::TopicsImage& topics, const AskedTopic& asked) {
  const TopicImage* topic = topics.find(asked.name);
  if (topic == nullptr || asked.count < 0) return 0;
  const auto there = static_cast<std::int64_t>(topic->partitions.size());
  return asked.count > there ? asked.count - there : 0;
}

ApiError check_count(const TopicImage& topic, const AskedTopic& asked) {
  const auto there = static_cast<std::int64_t>(topic.partitions.size());
  if (asked.count == there) {
    return {ErrorCode::invalid_partitions, fmt::format("Topic already has {} partition(s).", there)};
  }
  if (asked.count < there) {
    return {ErrorCode::invalid_partitions,
            fmt::format("The topic {} currently has {} partition(s); {} would not be an increase.",
                        asked.name, there, asked.count)};
  }
  if (!asked.assignments.is_null() && std::cmp_not_equal(asked.assignments.size(), asked.count - there)) {
    return {
        ErrorCode::invalid_replica_assignment,
        fmt::format("Attempted to add {} additional partition(s), but only {} assignment(s) were specified.",
                    asked.count - there, asked.assignments.size())};
  }
  return {};
}

ApiError assign(const metadata::MetadataImage& image, const AskedTopic& asked, std::size_t replicas,
                std::int32_t first, NewPartitions& partitions) {
  for (const CreatePartitionsRequest::CreatePartitionsAssignment& each : asked.assignments) {
    const metadata::BrokerIds brokers = each.broker_ids.as_span();
    const std::int32_t index = first + static_cast<std::int32_t>(partitions.size());
    if (ApiError error = check_assignment(image, brokers, replicas); !error.ok()) return error;
    BrokerList isr = active_of(image, brokers);
    if (isr.empty()) {
      return {
          ErrorCode::invalid_replica_assignment,
          fmt::format(
              "All brokers specified in the manual partition assignment for partition {} are fenced or in "
              "controlled shutdown.",
              index)};
    }
    partitions.push_back(
        {.index = index, .replicas = {brokers.begin(), brokers.end()}, .isr = std::move(isr)});
  }
  return {};
}

ApiError place(const metadata::MetadataImage& image, const AskedTopic& asked, std::int32_t replicas,
               std::int32_t first, Random& random, NewPartitions& partitions) {
  Placer placer(usable_brokers(image), random);
  if (ApiError error = placer.check(replicas); !error.ok()) return error;
  for (std::int32_t index = first; index < asked.count; ++index) {
    BrokerList brokers = placer.next(replicas);
    BrokerList isr = active_of(image, brokers);
    if (isr.empty()) {
      return {
          ErrorCode::invalid_replication_factor,
          fmt::format("Unable to replicate the partition {} time(s): All brokers are currently fenced or in "
                      "controlled shutdown.",
                      replicas)};
    }
    partitions.push_back({.index = index, .replicas = std::move(brokers), .isr = std::move(isr)});
  }
  return {};
}

ApiError add_partitions(const AskedTopic& asked, Draft& draft, Call& call) {
  const TopicImage* topic = draft.image().topics.find(asked.name);
  if (topic == nullptr) return ErrorCode::unknown_topic_or_partition;
  if (ApiError error = check_count(*topic, asked); !error.ok()) return error;
  const auto first = static_cast<std::int32_t>(topic->partitions.size());
  if (call.asked.quota != nullptr && !call.asked.quota->charge(asked.count - first)) {
    return ErrorCode::throttling_quota_exceeded;
  }
  if (topic->partitions.empty()) {
    return {ErrorCode::unknown_server_error,
            fmt::format("Invalid state: topic {} appears to have no partitions.", asked.name)};
  }
  const std::size_t replicas = topic->partitions.begin()->second->replicas().size();
  NewPartitions partitions;
  const ApiError error =
      asked.assignments.is_null()
          ? place(draft.image(), asked, static_cast<std::int32_t>(replicas), first, call.random, partitions)
          : assign(draft.image(), asked, replicas, first, partitions);
  if (!error.ok()) return error;
  const Uuid id = topic->id;
  for (const NewPartition& partition : partitions) add_partition(draft, id, partition);
  return {};
}

TopicResult result_of(std::string_view name, ErrorCode code, protocol::NullableText message) {
  TopicResult result;
  result.name = name;
  result.error_code = static_cast<std::int16_t>(code);
  result.error_message = message;
  return result;
}

}  // namespace

ApiError create_partitions(const State& state, const CreatePartitionsRequest& request, Call& call,
                           CreatePartitionsResponse& response) {
  std::map<std::string_view, std::size_t> times;
  for (const AskedTopic& each : request.topics) ++times[each.name];
  std::int64_t additional = 0;
  for (const AskedTopic& each : request.topics) {
    if (times[each.name] == 1) additional += count_additional(state.image().topics, each);
  }
  if (additional > kMostPartitions) {
    return {ErrorCode::policy_violation, "Excessively large number of additional partitions per request."};
  }
  std::vector<TopicResult> results;
  for (const auto& [name, count] : times) {
    if (count > 1) results.push_back(result_of(name, ErrorCode::invalid_request, "Duplicate topic name."));
  }
  Draft draft(state, call.records);
  for (const AskedTopic& each : request.topics) {
    if (times[each.name] > 1) continue;
    const ApiError error = add_partitions(each, draft, call);
    OTTLA_TRY(const protocol::NullableText message, message_text(error, call.arena));
    results.push_back(result_of(each.name, error.code, message));
  }
  call.only_validates = request.validate_only;
  OTTLA_TRY(response.results, call.array_of(results));
  return {};
}

Result<> refuse_create_partitions(const CreatePartitionsRequest& request, const ApiError& error, Arena& arena,
                                  CreatePartitionsResponse& response) {
  OTTLA_TRY(const protocol::NullableText message, message_text(error, arena));
  OTTLA_TRY(const std::span<TopicResult> results, arena.make_span<TopicResult>(request.topics.size()));
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i] = result_of(request.topics[i].name, error.code, message);
  }
  response.results = results;
  return {};
}

}  // namespace ottla::controller
