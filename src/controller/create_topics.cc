#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/node_key.h"
#include "controller/draft.h"
#include "controller/placement.h"
#include "controller/replica_assignment.h"
#include "controller/topic_configs.h"
#include "controller/topic_names.h"
#include "controller/topics.h"

namespace ottla::controller {
namespace {

using protocol::CreateTopicsRequest;
using protocol::CreateTopicsResponse;
using AskedTopic = CreateTopicsRequest::CreatableTopic;
using TopicResult = CreateTopicsResponse::CreatableTopicResult;
using NewPartitions = std::vector<NewPartition>;

constexpr std::int64_t kMostPartitions = 10'000;
constexpr std::string_view kMetadataTopic = "__cluster_metadata";

class TopicMaker {
 public:
  TopicMaker(const State& state, Call& call)
      : state_(state), call_(call), draft_(state, call.records), configs_(state) {}

  Result<TopicResult> make(const AskedTopic& topic);

 private:
  ApiError check(const AskedTopic& topic) const;
  ApiError place(const AskedTopic& topic, NewPartitions& partitions);
  ApiError assign(const AskedTopic& topic, NewPartitions& partitions) const;
  ApiError check_policy(const AskedTopic& topic, std::int32_t partitions, std::int16_t replicas) const;
  ApiError write(const AskedTopic& topic, const NewPartitions& partitions, TopicResult& result);

  const State& state_;
  Call& call_;
  Draft draft_;
  EffectiveTopicConfigs configs_;
};

// How many partitions are asked for, as far as that is plain.
std::int64_t count_partitions(const std::vector<AskedTopic>& topics, std::int32_t otherwise) {
  std::int64_t count = 0;
  for (const AskedTopic& topic : topics) {
    if (!topic.assignments.empty()) {
      count += topic.assignments.size();
    } else if (topic.num_partitions == -1) {
      count += otherwise;
    } else if (topic.num_partitions > 0) {
      count += topic.num_partitions;
    }
  }
  return count;
}

ApiError TopicMaker::check(const AskedTopic& topic) const {
  if (state_.image().topics.find(topic.name) != nullptr) {
    return {ErrorCode::topic_already_exists, fmt::format("Topic '{}' already exists.", topic.name)};
  }
  if (const std::string* other = state_.topic_names().colliding(topic.name)) {
    return {ErrorCode::invalid_topic_exception,
            fmt::format("Topic '{}' collides with existing topic: {}", topic.name, *other)};
  }
  if (ApiError error = check_topic_name(topic.name); !error.ok()) return error;
  return check_topic_configs(state_.options(), topic.configs);
}

ApiError TopicMaker::check_policy(const AskedTopic& topic, std::int32_t partitions,
                                  std::int16_t replicas) const {
  const CreateTopicPolicy* policy = state_.options().create_topic_policy;
  if (policy == nullptr) return {};
  const auto refusal = policy->check({.name = topic.name,
                                      .partitions = partitions,
                                      .replication_factor = replicas,
                                      .assignments = topic.assignments,
                                      .configs = texts_of(topic.configs)});
  return refusal ? ApiError(ErrorCode::policy_violation, *refusal) : ApiError();
}

ApiError TopicMaker::assign(const AskedTopic& topic, NewPartitions& partitions) const {
  if (topic.replication_factor != -1) {
    return {ErrorCode::invalid_request,
            "A manual partition assignment was specified, but replication factor was not set to -1."};
  }
  if (topic.num_partitions != -1) {
    return {ErrorCode::invalid_request,
            "A manual partition assignment was specified, but numPartitions was not set to -1."};
  }
  std::map<std::int32_t, NewPartition> assigned;
  std::optional<std::size_t> replicas;
  for (const CreateTopicsRequest::CreatableReplicaAssignment& each : topic.assignments) {
    if (assigned.contains(each.partition_index)) {
      return {
          ErrorCode::invalid_replica_assignment,
          fmt::format("Found multiple manual partition assignments for partition {}", each.partition_index)};
    }
    const metadata::BrokerIds brokers = each.broker_ids.as_span();
    if (ApiError error = check_assignment(state_.image(), brokers, replicas); !error.ok()) return error;
    replicas = brokers.size();
    BrokerList isr = active_of(state_.image(), brokers);
    if (isr.empty()) {
      return {
          ErrorCode::invalid_replica_assignment,
          fmt::format(
              "All brokers specified in the manual partition assignment for partition {} are fenced or in "
              "controlled shutdown.",
              each.partition_index)};
    }
    assigned[each.partition_index] = {
        .index = each.partition_index, .replicas = {brokers.begin(), brokers.end()}, .isr = std::move(isr)};
  }
  for (auto& [index, partition] : assigned) {
    if (std::cmp_not_equal(index, partitions.size())) {
      return {ErrorCode::invalid_replica_assignment,
              "partitions should be a consecutive 0-based integer sequence"};
    }
    partitions.push_back(std::move(partition));
  }
  return check_policy(topic, -1, -1);
}

ApiError TopicMaker::place(const AskedTopic& topic, NewPartitions& partitions) {
  if (topic.replication_factor < -1 || topic.replication_factor == 0) {
    return {ErrorCode::invalid_replication_factor,
            "Replication factor must be larger than 0, or -1 to use the default value."};
  }
  if (topic.num_partitions < -1 || topic.num_partitions == 0) {
    return {ErrorCode::invalid_partitions, "Number of partitions was set to an invalid non-positive value."};
  }
  const config::NodeConfig& node = state_.options().config;
  const std::int32_t count =
      topic.num_partitions == -1 ? node.get(config::node_key<"num.partitions">) : topic.num_partitions;
  const auto replicas =
      topic.replication_factor == -1
          ? static_cast<std::int16_t>(node.get(config::node_key<"default.replication.factor">))
          : topic.replication_factor;
  const auto impossible = [replicas](std::string_view why) {
    return ApiError(ErrorCode::invalid_replication_factor,
                    fmt::format("Unable to replicate the partition {} time(s): {}", replicas, why));
  };
  Placer placer(usable_brokers(state_.image()), call_.random);
  if (const ApiError error = placer.check(replicas); !error.ok()) return impossible(error.message);
  for (std::int32_t index = 0; index < count; ++index) {
    BrokerList brokers = placer.next(replicas);
    BrokerList isr = active_of(state_.image(), brokers);
    if (isr.empty()) return impossible("All brokers are currently fenced or in controlled shutdown.");
    partitions.push_back({.index = index, .replicas = std::move(brokers), .isr = std::move(isr)});
  }
  return check_policy(topic, count, replicas);
}

ApiError TopicMaker::write(const AskedTopic& topic, const NewPartitions& partitions, TopicResult& result) {
  const auto count = static_cast<std::int32_t>(partitions.size());
  if (call_.asked.quota != nullptr && !call_.asked.quota->charge(count)) {
    return ErrorCode::throttling_quota_exceeded;
  }
  const config::Texts texts = texts_of(topic.configs);
  OTTLA_TRY(result.configs, configs_.of(texts, call_));
  do {
    result.topic_id = call_.new_uuid();
  } while (draft_.image().topics.find(result.topic_id) != nullptr);
  result.num_partitions = count;
  result.replication_factor = static_cast<std::int16_t>(partitions.front().replicas.size());
  protocol::TopicRecord record;
  record.name = topic.name;
  record.topic_id = result.topic_id;
  draft_.add(record, 0);
  add_topic_configs(draft_, topic.name, texts);
  for (const NewPartition& partition : partitions) add_partition(draft_, result.topic_id, partition);
  return {};
}

Result<TopicResult> TopicMaker::make(const AskedTopic& topic) {
  TopicResult result;
  result.name = topic.name;
  result.error_message = nullptr;
  ApiError error = check(topic);
  NewPartitions partitions;
  if (error.ok()) error = topic.assignments.empty() ? place(topic, partitions) : assign(topic, partitions);
  if (error.ok()) error = write(topic, partitions, result);
  if (error.ok()) return result;
  result.error_code = error.wire_code();
  OTTLA_TRY(result.error_message, message_text(error, call_.arena));
  return result;
}

TopicResult refused(std::string_view name, ErrorCode code, std::string_view message) {
  TopicResult result;
  result.name = name;
  result.error_code = static_cast<std::int16_t>(code);
  result.error_message = message;
  return result;
}

}  // namespace

ApiError create_topics(const State& state, const CreateTopicsRequest& request, Call& call,
                       CreateTopicsResponse& response) {
  std::map<std::string_view, std::size_t> times;
  for (const AskedTopic& topic : request.topics) ++times[topic.name];
  std::vector<AskedTopic> topics;
  std::ranges::copy_if(request.topics, std::back_inserter(topics), [&times](const AskedTopic& topic) {
    return times[topic.name] == 1 && topic.name != kMetadataTopic;
  });
  if (count_partitions(topics, state.options().config.get(config::node_key<"num.partitions">)) >
      kMostPartitions) {
    return {ErrorCode::policy_violation, "Excessively large number of partitions per request."};
  }
  TopicMaker maker(state, call);
  std::vector<TopicResult> results;
  for (const AskedTopic& topic : topics) {
    OTTLA_TRY(results.emplace_back(), maker.make(topic));
  }
  for (const auto& [name, count] : times) {
    if (count > 1) {
      results.push_back(refused(name, ErrorCode::invalid_request, "Duplicate topic name."));
    } else if (name == kMetadataTopic) {
      results.push_back(refused(name, ErrorCode::invalid_request,
                                "Creation of internal topic __cluster_metadata is prohibited."));
    }
  }
  call.only_validates = request.validate_only;
  OTTLA_TRY(response.topics, call.array_of(results));
  return {};
}

Result<> refuse_create_topics(const CreateTopicsRequest& request, const ApiError& error, Arena& arena,
                              CreateTopicsResponse& response) {
  OTTLA_TRY(const protocol::NullableText message, message_text(error, arena));
  OTTLA_TRY(const std::span<TopicResult> results, arena.make_span<TopicResult>(request.topics.size()));
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].name = request.topics[i].name;
    results[i].error_code = error.wire_code();
    results[i].error_message = message;
  }
  response.topics = results;
  return {};
}

}  // namespace ottla::controller
