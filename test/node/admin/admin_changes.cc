// What an administrator asks to be changed.
#include <fmt/format.h>

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "metadata/feature.h"
#include "metadata/metadata_version.h"
#include "protocol/messages/alter_client_quotas.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/alter_partition_reassignments.h"
#include "protocol/messages/alter_replica_log_dirs.h"
#include "protocol/messages/alter_user_scram_credentials.h"
#include "protocol/messages/create_partitions.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/elect_leaders.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "protocol/messages/unregister_broker.h"
#include "protocol/messages/update_features.h"
#include "runtime/shard.h"
#include "test/node/admin/admin.h"
#include "test/node/life/absent_member.h"
#include "test/node/life/node_life.h"

namespace ottla::server {
namespace {

using protocol::AlterPartitionReassignmentsRequest;
using protocol::Array;

constexpr std::int32_t kTimeoutMs = 10'000;
constexpr std::int8_t kTopic = 2;
constexpr std::int8_t kBroker = 4;

template <typename T>
Array<T> one(const T& element) {
  return Array<T>(&element, 1);
}

Settings altered(Settings settings, const std::vector<std::pair<std::string, std::string>>& alterations) {
  for (const auto& [key, value] : alterations) {
    settings.erase(key);
    if (!value.empty()) settings.emplace(key, value);
  }
  return settings;
}

}  // namespace

template <protocol::Message Response, typename Pick>
Task<void> Admin::ask_for_change(Ledger::Ticket ticket, protocol::Encodable request, Pick pick) {
  const auto reply = co_await ask(request);
  Response response;
  if (!reply || !line_.read(*reply, response)) co_return settle(ticket, std::nullopt);
  settle(ticket, pick(response));
}

Task<void> Admin::create(std::string topic) {
  using protocol::CreateTopicsRequest;
  std::vector<CreateTopicsRequest::CreatableTopicConfig> configs;
  Settings settings;
  const std::string retention = std::to_string(1'000'000 + below(1000));
  if (one_in(2)) settings.emplace("retention.ms", retention);
  if (one_in(3)) settings.emplace("max.message.bytes", "100000");
  for (const auto& [key, value] : settings) {
    configs.push_back({.name = key, .value = std::string_view(value)});
  }
  const auto partitions = static_cast<std::int32_t>(1 + below(3));
  const auto ticket =
      begin("topic:" + topic, [partitions, settings](const State& now) -> std::optional<State> {
        if (!now.empty()) return std::nullopt;
        return TopicState{.partitions = partitions, .adding = 0, .configs = settings}.state();
      });
  if (!ticket) co_return;
  const CreateTopicsRequest::CreatableTopic asked{
      .name = topic, .num_partitions = partitions, .replication_factor = 1, .configs = configs};
  const CreateTopicsRequest request{.topics = one(asked), .timeout_ms = kTimeoutMs};
  co_await ask_for_change<protocol::CreateTopicsResponse>(
      *ticket, {request, static_cast<std::int16_t>(5 + below(3))}, [](const auto& response) {
        return answered(response.topics.front().error_code, response.topics.front().error_message);
      });
}

Task<void> Admin::remove(std::string topic) {
  using protocol::DeleteTopicsRequest;
  const auto ticket = begin("topic:" + topic, [](const State& now) -> std::optional<State> {
    if (now.empty()) return std::nullopt;
    return State();
  });
  if (!ticket) co_return;
  const DeleteTopicsRequest::DeleteTopicState asked{.name = std::string_view(topic)};
  const DeleteTopicsRequest request{.topics = one(asked), .timeout_ms = kTimeoutMs};
  co_await ask_for_change<protocol::DeleteTopicsResponse>(*ticket, {request, 6}, [](const auto& response) {
    return answered(response.responses.front().error_code, response.responses.front().error_message);
  });
}

Task<void> Admin::grow(std::string topic) {
  using protocol::CreatePartitionsRequest;
  const auto count = static_cast<std::int32_t>(2 + below(4));
  const auto ticket = begin("topic:" + topic, [count](const State& now) -> std::optional<State> {
    std::optional<TopicState> state = TopicState::from(now);
    if (!state || state->partitions >= count) return std::nullopt;
    state->partitions = count;
    return state->state();
  });
  if (!ticket) co_return;
  const CreatePartitionsRequest::CreatePartitionsTopic asked{
      .name = topic,
      .count = count,
      .assignments = Array<CreatePartitionsRequest::CreatePartitionsAssignment>::null()};
  const CreatePartitionsRequest request{.topics = one(asked), .timeout_ms = kTimeoutMs};
  co_await ask_for_change<protocol::CreatePartitionsResponse>(
      *ticket, {request, 3}, [](const auto& response) {
        return answered(response.results.front().error_code, response.results.front().error_message);
      });
}

Task<void> Admin::alter_configs(Ledger::Ticket ticket, std::int8_t type, std::string name,
                                Alterations alterations) {
  using protocol::IncrementalAlterConfigsRequest;
  std::vector<IncrementalAlterConfigsRequest::AlterableConfig> configs;
  for (const auto& [key, value] : alterations) {
    configs.push_back({.name = key, .config_operation = static_cast<std::int8_t>(value.empty() ? 1 : 0)});
    configs.back().value = std::string_view(value);
  }
  const IncrementalAlterConfigsRequest::AlterConfigsResource resource{
      .resource_type = type, .resource_name = name, .configs = configs};
  const IncrementalAlterConfigsRequest request{.resources = one(resource)};
  co_await ask_for_change<protocol::IncrementalAlterConfigsResponse>(
      ticket, {request, 1}, [](const auto& response) {
        return answered(response.responses.front().error_code, response.responses.front().error_message);
      });
}

Task<void> Admin::alter_topic(std::string topic) {
  Alterations alterations = {{"retention.ms", one_in(4) ? "" : std::to_string(2'000'000 + below(1000))}};
  if (one_in(2))
    alterations.emplace_back("segment.ms", one_in(3) ? "" : std::to_string(60'000 + below(1000)));
  const auto ticket = begin("topic:" + topic, [alterations](const State& now) -> std::optional<State> {
    std::optional<TopicState> state = TopicState::from(now);
    if (!state) return std::nullopt;
    state->configs = altered(state->configs, alterations);
    return state->state();
  });
  if (!ticket) co_return;
  co_await alter_configs(*ticket, kTopic, topic, alterations);
}

Task<void> Admin::replace_topic_configs(std::string topic) {
  using protocol::AlterConfigsRequest;
  const std::string value = std::to_string(3'000'000 + below(1000));
  const auto ticket = begin("topic:" + topic, [value](const State& now) -> std::optional<State> {
    std::optional<TopicState> state = TopicState::from(now);
    if (!state) return std::nullopt;
    state->configs = {{"retention.ms", value}};
    return state->state();
  });
  if (!ticket) co_return;
  const AlterConfigsRequest::AlterableConfig config{.name = "retention.ms", .value = std::string_view(value)};
  const AlterConfigsRequest::AlterConfigsResource resource{
      .resource_type = kTopic, .resource_name = topic, .configs = one(config)};
  const AlterConfigsRequest request{.resources = one(resource)};
  co_await ask_for_change<protocol::AlterConfigsResponse>(*ticket, {request, 2}, [](const auto& response) {
    return answered(response.responses.front().error_code, response.responses.front().error_message);
  });
}

Task<void> Admin::alter_broker(std::string broker) {
  Alterations alterations = {{"log.retention.ms", one_in(4) ? "" : std::to_string(5'000'000 + below(1000))}};
  if (one_in(2)) {
    alterations.emplace_back("log.message.timestamp.type", one_in(2) ? "" : "LogAppendTime");
  }
  if (one_in(2)) alterations.emplace_back("compression.type", one_in(2) ? "" : "lz4");
  const auto ticket = begin("broker:" + broker, [alterations](const State& now) -> std::optional<State> {
    return shown(altered(settings_in(now), alterations));
  });
  if (!ticket) co_return;
  co_await alter_configs(*ticket, kBroker, broker, alterations);
}

Task<void> Admin::alter_quota(std::string user) {
  using protocol::AlterClientQuotasRequest;
  Alterations alterations = {
      {"producer_byte_rate", one_in(3) ? "" : std::to_string(1'000'000'000 + below(1000))}};
  if (one_in(2))
    alterations.emplace_back("consumer_byte_rate", one_in(3) ? "" : std::to_string(2'000'000'000));
  const auto ticket = begin("quota:user=" + user, [alterations](const State& now) -> std::optional<State> {
    return shown(altered(settings_in(now), alterations));
  });
  if (!ticket) co_return;
  std::vector<AlterClientQuotasRequest::OpData> operations;
  for (const auto& [key, value] : alterations) {
    operations.push_back(
        {.key = key, .value = value.empty() ? 0 : std::stod(value), .remove = value.empty()});
  }
  const AlterClientQuotasRequest::EntityData entity{.entity_type = "user",
                                                    .entity_name = std::string_view(user)};
  const AlterClientQuotasRequest::EntryData entry{.entity = one(entity), .ops = operations};
  const AlterClientQuotasRequest request{.entries = one(entry)};
  co_await ask_for_change<protocol::AlterClientQuotasResponse>(
      *ticket, {request, 1}, [](const auto& response) {
        return answered(response.entries.front().error_code, response.entries.front().error_message);
      });
}

Task<void> Admin::alter_credential(std::string user, std::int8_t mechanism) {
  using protocol::AlterUserScramCredentialsRequest;
  const auto iterations = static_cast<std::int32_t>(4096 + below(100));
  const std::string salt = fmt::format("salt{}", below(1000));
  const bool deletes = one_in(3);
  const std::string thing = fmt::format("scram:{}:{}", mechanism, user);
  const auto ticket = begin(thing, [=](const State& now) -> std::optional<State> {
    if (!deletes) return fmt::format("{}:{}", iterations, salt);
    if (now.empty()) return std::nullopt;
    return State();
  });
  if (!ticket) co_return;
  const AlterUserScramCredentialsRequest::ScramCredentialDeletion deletion{.name = user,
                                                                           .mechanism = mechanism};
  const std::string password(mechanism == 1 ? 32 : 64, 'p');
  const AlterUserScramCredentialsRequest::ScramCredentialUpsertion upsertion{
      .name = user,
      .mechanism = mechanism,
      .iterations = iterations,
      .salt = std::as_bytes(std::span(salt)),
      .salted_password = std::as_bytes(std::span(password))};
  AlterUserScramCredentialsRequest request;
  if (deletes) {
    request.deletions = one(deletion);
  } else {
    request.upsertions = one(upsertion);
  }
  co_await ask_for_change<protocol::AlterUserScramCredentialsResponse>(
      *ticket, {request, 0}, [](const auto& response) {
        return answered(response.results.front().error_code, response.results.front().error_message);
      });
}

Task<void> Admin::update_feature() {
  using protocol::UpdateFeaturesRequest;
  static constexpr std::array<std::string_view, 3> kNames = {"share.version", "streams.version",
                                                             "transaction.version"};
  const std::string_view name = kNames[below(kNames.size())];
  const auto level = static_cast<std::int16_t>(
      below(static_cast<std::uint64_t>(metadata::find_feature(name)->latest()) + 1));
  const bool up = one_in(2);
  // Before the node is up for the first time nobody knows what its cluster begins with.
  const auto known = [](const State& state) { return !state.empty(); };
  if (!ledger_.possible("feature:" + std::string(name), known)) co_return;
  const auto ticket =
      begin("feature:" + std::string(name), [level, up](const State& now) -> std::optional<State> {
        const std::int16_t before = static_cast<std::int16_t>(std::stoi(now));
        if (up ? level < before : level > before) return std::nullopt;
        return std::to_string(level);
      });
  if (!ticket) co_return;
  const UpdateFeaturesRequest::FeatureUpdateKey key{
      .feature = name, .max_version_level = level, .upgrade_type = static_cast<std::int8_t>(up ? 1 : 3)};
  const UpdateFeaturesRequest request{.timeout_ms = kTimeoutMs, .feature_updates = one(key)};
  co_await ask_for_change<protocol::UpdateFeaturesResponse>(*ticket, {request, 1}, [](const auto& response) {
    if (response.error_code != 0 || response.results.empty()) {
      return answered(response.error_code, response.error_message);
    }
    return answered(response.results.front().error_code, response.results.front().error_message);
  });
}

Task<void> Admin::register_member() {
  // A life that is over when the connection is there could not be told of it.
  if (co_await controller_line_.connected(cancel_) == nullptr) co_return;
  const auto ticket = begin(fmt::format("member:{}", kAbsentMember),
                            [](const State&) -> std::optional<State> { return "1"; });
  if (!ticket) co_return;
  const std::optional<std::int16_t> code = co_await register_absent_member(controller_line_, cancel_);
  settle(*ticket, code ? std::optional(answered(*code, nullptr)) : std::nullopt);
}

Task<void> Admin::unregister_member() {
  const auto ticket =
      begin(fmt::format("member:{}", kAbsentMember), [](const State& now) -> std::optional<State> {
        if (now.empty()) return std::nullopt;
        return State();
      });
  if (!ticket) co_return;
  const protocol::UnregisterBrokerRequest request{.broker_id = kAbsentMember};
  co_await ask_for_change<protocol::UnregisterBrokerResponse>(
      *ticket, {request, 0},
      [](const auto& response) { return answered(response.error_code, response.error_message); });
}

// To a broker that never comes, which lasts until it is broken off.
Task<void> Admin::reassign(std::string topic) {
  const bool cancels = one_in(2);
  const auto ticket = begin("topic:" + topic, [cancels](const State& now) -> std::optional<State> {
    std::optional<TopicState> state = TopicState::from(now);
    if (!state || (cancels && state->adding == 0)) return std::nullopt;
    state->adding = cancels ? 0 : kAbsentMember;
    return state->state();
  });
  if (!ticket) co_return;
  const std::array<std::int32_t, 2> brokers = {1, kAbsentMember};
  AlterPartitionReassignmentsRequest::ReassignablePartition partition;
  if (!cancels) partition.replicas = brokers;
  const AlterPartitionReassignmentsRequest::ReassignableTopic asked{.name = topic,
                                                                    .partitions = one(partition)};
  const AlterPartitionReassignmentsRequest request{.timeout_ms = kTimeoutMs, .topics = one(asked)};
  co_await ask_for_change<protocol::AlterPartitionReassignmentsResponse>(
      *ticket, {request, 1}, [](const auto& response) {
        if (response.error_code != 0) return answered(response.error_code, response.error_message);
        const auto& told = response.responses.front().partitions.front();
        return answered(told.error_code, told.error_message);
      });
}

Task<void> Admin::elect() {
  using protocol::ElectLeadersRequest;
  ElectLeadersRequest request;
  request.topic_partitions = Array<ElectLeadersRequest::TopicPartitions>::null();
  request.timeout_ms = kTimeoutMs;
  (void)co_await ask({request, 2});
}

Task<void> Admin::move_logs() {
  using protocol::AlterReplicaLogDirsRequest;
  const std::string topic = any_topic();
  const std::array<std::int32_t, 2> partitions = {0, 1};
  const AlterReplicaLogDirsRequest::AlterReplicaLogDirTopic asked{.name = topic, .partitions = partitions};
  const std::string path = one_in(2) || terms_.other_directory.empty() ? "/data" : terms_.other_directory;
  const AlterReplicaLogDirsRequest::AlterReplicaLogDir directory{.path = path, .topics = one(asked)};
  const AlterReplicaLogDirsRequest request{.dirs = one(directory)};
  (void)co_await ask({request, 2});
}

}  // namespace ottla::server
