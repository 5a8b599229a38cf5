// What an administrator is shown, held against the ledger.
#include <fmt/format.h>

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "protocol/error_code.h"
#include "protocol/messages/api_versions.h"
#include "protocol/messages/describe_client_quotas.h"
#include "protocol/messages/describe_configs.h"
#include "protocol/messages/describe_log_dirs.h"
#include "protocol/messages/describe_user_scram_credentials.h"
#include "protocol/messages/metadata.h"
#include "test/node/admin/admin.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;

template <typename T>
protocol::Array<T> one(const T& element) {
  return protocol::Array<T>(&element, 1);
}

bool is(std::int16_t code, ErrorCode error) {
  return code == static_cast<std::int16_t>(error);
}

// Values that were set for the resource itself.
bool is_own(std::int8_t type, std::string_view name, std::int8_t source) {
  if (type == 2) return source == 1;
  return source == (name.empty() ? 3 : 2);
}

}  // namespace

Task<bool> Admin::look_at_topic(std::string topic) {
  const protocol::MetadataRequest::MetadataRequestTopic asked{.name = std::string_view(topic)};
  const protocol::MetadataRequest request{.topics = one(asked), .allow_auto_topic_creation = false};
  const auto reply = co_await ask({request, static_cast<std::int16_t>(9 + below(5))});
  protocol::MetadataResponse response;
  if (!reply || !line_.read(*reply, response)) co_return !must_answer();
  const auto& told = response.topics.front();
  if (is(told.error_code, ErrorCode::unknown_topic_or_partition)) {
    shown_ = "no topic";
    co_return ledger_.possible("topic:" + topic, [](const State& state) { return state.empty(); });
  }
  const auto partitions = static_cast<std::int32_t>(told.partitions.size());
  bool led = true;
  for (const auto& partition : told.partitions) led &= partition.leader_id == 1;
  shown_ = fmt::format("error {}, {} partitions, led: {}", told.error_code, partitions, led);
  co_return told.error_code == 0 &&
      led&& ledger_.possible("topic:" + topic, [partitions](const State& state) {
        const auto there = TopicState::from(state);
        return there && there->partitions == partitions;
      });
}

Task<bool> Admin::look_at_configs(std::string thing, std::int8_t type, std::string name) {
  const protocol::DescribeConfigsRequest::DescribeConfigsResource asked{
      .resource_type = type,
      .resource_name = name,
      .configuration_keys = protocol::Array<std::string_view>::null()};
  const protocol::DescribeConfigsRequest request{.resources = one(asked)};
  const auto reply = co_await ask({request, static_cast<std::int16_t>(1 + below(4))});
  protocol::DescribeConfigsResponse response;
  if (!reply || !line_.read(*reply, response)) co_return !must_answer();
  const auto& told = response.results.front();
  if (is(told.error_code, ErrorCode::unknown_topic_or_partition)) {
    shown_ = "no topic";
    co_return ledger_.possible(thing, [](const State& state) { return state.empty(); });
  }
  Settings settings;
  for (const auto& each : told.configs) {
    if (!is_own(type, name, each.config_source)) continue;
    if (type == 2 || is_used_broker_key(each.name)) settings.emplace(each.name, each.value.value_or(""));
  }
  if (terms_.plant == AdminPlant::settings_not_shown) settings.clear();
  shown_ = fmt::format("error {}, {}", told.error_code, shown(settings));
  co_return told.error_code == 0 && ledger_.possible(thing, [&settings, type](const State& state) {
    if (type != 2) return settings_in(state) == settings;
    const auto there = TopicState::from(state);
    return there && there->configs == settings;
  });
}

Task<bool> Admin::look_at_quota(std::string user) {
  const protocol::DescribeClientQuotasRequest::ComponentData component{
      .entity_type = "user", .match_type = 0, .match = std::string_view(user)};
  const protocol::DescribeClientQuotasRequest request{.components = one(component), .strict = true};
  const auto reply = co_await ask({request, 1});
  protocol::DescribeClientQuotasResponse response;
  if (!reply || !line_.read(*reply, response)) co_return !must_answer();
  Settings settings;
  for (const auto& entry : response.entries) {
    for (const auto& value : entry.values) {
      settings.emplace(value.key, fmt::format("{}", value.value));
    }
  }
  shown_ = fmt::format("error {}, {}", response.error_code, shown(settings));
  co_return response.error_code == 0 &&
      ledger_.possible("quota:user=" + user,
                       [&settings](const State& state) { return settings_in(state) == settings; });
}

Task<bool> Admin::look_at_credential(std::string user, std::int8_t mechanism) {
  const protocol::DescribeUserScramCredentialsRequest::UserName asked{.name = user};
  const protocol::DescribeUserScramCredentialsRequest request{.users = one(asked)};
  const auto reply = co_await ask({request, 0});
  protocol::DescribeUserScramCredentialsResponse response;
  if (!reply || !line_.read(*reply, response)) co_return !must_answer();
  std::string iterations;
  for (const auto& result : response.results) {
    for (const auto& info : result.credential_infos) {
      if (info.mechanism == mechanism) iterations = std::to_string(info.iterations);
    }
  }
  shown_ = iterations.empty() ? "nothing" : iterations;
  co_return ledger_.possible(fmt::format("scram:{}:{}", mechanism, user), [&iterations](const State& state) {
    return std::string_view(state).substr(0, state.find(':')) == iterations;
  });
}

Task<bool> Admin::look_at_features() {
  const protocol::ApiVersionsRequest request{.client_software_name = "admin", .client_software_version = "1"};
  const auto reply = co_await ask({request, 4});
  protocol::ApiVersionsResponse response;
  if (!reply || !line_.read(*reply, response)) co_return !must_answer();
  for (const std::string_view name : {"share.version", "streams.version", "transaction.version"}) {
    std::int16_t level = 0;
    for (const auto& feature : response.finalized_features) {
      if (feature.name == name) level = feature.max_version_level;
    }
    shown_ = fmt::format("{} of {}", level, name);
    const auto fits = [level](const State& state) { return state == std::to_string(level); };
    if (!ledger_.possible("feature:" + std::string(name), fits)) co_return false;
  }
  co_return true;
}

// Each partition has one log, and there are no others.
Task<bool> Admin::look_at_logs() {
  protocol::DescribeLogDirsRequest request;
  request.topics = protocol::Array<protocol::DescribeLogDirsRequest::DescribableLogDirTopic>::null();
  const auto reply = co_await ask({request, 4});
  protocol::DescribeLogDirsResponse response;
  if (!reply || !line_.read(*reply, response)) co_return false;
  std::multiset<std::string> logs;
  for (const auto& directory : response.results) {
    for (const auto& topic : directory.topics) {
      for (const auto& partition : topic.partitions) {
        logs.insert(fmt::format("{}-{}{}", topic.name, partition.partition_index,
                                partition.is_future_key ? " (moves)" : ""));
      }
    }
  }
  const std::multiset<std::string> wanted = ears_.partitions();
  shown_ = fmt::format("{} logs for {} partitions", logs.size(), wanted.size());
  for (const std::string& log : logs) {
    if (!wanted.contains(log)) shown_ += ", among them " + log;
  }
  co_return logs == wanted;
}

}  // namespace ottla::server
