#include "bench/load/topic.h"

#include <fmt/format.h>

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <stdexcept>
#include <string_view>

#include "bench/asking.h"
#include "protocol/array.h"
#include "protocol/error_code.h"
#include "protocol/messages/create_topics.h"
#include "protocol/messages/delete_topics.h"
#include "protocol/messages/metadata.h"
#include "runtime/sleep.h"

namespace ottla::bench {
namespace {

using protocol::Array;
using protocol::CreateTopicsRequest;
using protocol::MetadataRequest;

constexpr std::int16_t kCreateTopics = 7;
constexpr std::int16_t kMetadata = 12;
constexpr std::int16_t kDeleteTopics = 6;
constexpr std::int32_t kDropTimeoutMs = 30'000;
constexpr int kLooks = 30'000;  // a millisecond apart

// Nothing while it is not there, or a partition has no leader.
Task<std::optional<Topic>> look(rpc::ClientConnection& connection, std::string name) {
  MetadataRequest::MetadataRequestTopic wanted;
  wanted.name = std::string_view(name);
  MetadataRequest request;
  request.topics = Array<MetadataRequest::MetadataRequestTopic>(std::span(&wanted, 1));
  request.allow_auto_topic_creation = false;
  const auto told = co_await ask<protocol::MetadataResponse>(connection, {request, kMetadata});
  for (const auto& topic : told->response.topics) {
    if (topic.error_code != 0 || topic.partitions.empty()) continue;
    bool led = true;
    for (const auto& partition : topic.partitions)
      led = led && partition.error_code == 0 && partition.leader_id >= 0;
    if (led)
      co_return Topic{std::move(name), topic.topic_id, static_cast<std::int32_t>(topic.partitions.size())};
  }
  co_return std::nullopt;
}

}  // namespace

bool will_pass(std::int16_t error) {
  const auto code = static_cast<protocol::ErrorCode>(error);
  return code == protocol::ErrorCode::unknown_topic_or_partition ||
         code == protocol::ErrorCode::not_leader_or_follower || code == protocol::ErrorCode::unknown_topic_id;
}

Task<Topic> make_topic(rpc::ClientConnection& connection, std::string name, std::int32_t partitions,
                       TopicConfigs configs) {
  std::vector<CreateTopicsRequest::CreatableTopicConfig> settings;
  for (const auto& [key, value] : configs) {
    CreateTopicsRequest::CreatableTopicConfig setting;
    setting.name = key;
    setting.value = std::string_view(value);
    settings.push_back(setting);
  }
  CreateTopicsRequest::CreatableTopic wanted;
  wanted.name = name;
  wanted.num_partitions = partitions;
  wanted.replication_factor = 1;
  wanted.configs = Array<CreateTopicsRequest::CreatableTopicConfig>(settings);
  CreateTopicsRequest request;
  request.topics = Array<CreateTopicsRequest::CreatableTopic>(std::span(&wanted, 1));
  const auto told = co_await ask<protocol::CreateTopicsResponse>(connection, {request, kCreateTopics});
  for (const auto& each : told->response.topics) {
    const auto error = static_cast<protocol::ErrorCode>(each.error_code);
    if (error != protocol::ErrorCode::none && error != protocol::ErrorCode::topic_already_exists)
      throw std::runtime_error(fmt::format("topic {} was not created: error {}", name, each.error_code));
  }
  co_return co_await find_topic(connection, std::move(name));
}

Task<Topic> find_topic(rpc::ClientConnection& connection, std::string name) {
  for (int looked = 0; looked < kLooks; ++looked) {
    std::optional<Topic> found = co_await look(connection, name);
    if (found) co_return std::move(*found);
    (void)co_await sleep_for(std::chrono::milliseconds(1));
  }
  throw std::runtime_error(fmt::format("topic {} has no leaders", name));
}

Task<void> drop_topic(rpc::ClientConnection& connection, std::string name) {
  protocol::DeleteTopicsRequest::DeleteTopicState wanted;
  wanted.name = std::string_view(name);
  protocol::DeleteTopicsRequest request;
  request.topics = Array<protocol::DeleteTopicsRequest::DeleteTopicState>(std::span(&wanted, 1));
  request.timeout_ms = kDropTimeoutMs;
  const auto told = co_await ask<protocol::DeleteTopicsResponse>(connection, {request, kDeleteTopics});
  for (const auto& each : told->response.responses) {
    if (each.error_code != 0)
      throw std::runtime_error(fmt::format("topic {} was not deleted: error {}", name, each.error_code));
  }
}

}  // namespace ottla::bench
