#include "controller/broker_alterations.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>

#include "config/alteration.h"
#include "config/key_table.h"
#include "config/node_alteration.h"
#include "controller/call.h"
#include "metadata/config_resource.h"
#include "metadata/describe/configs.h"

namespace ottla::controller {
namespace {

using config::Operation;
using metadata::ConfigResourceType;
using protocol::AlterConfigsRequest;
using protocol::IncrementalAlterConfigsRequest;
using IncrementalResource = IncrementalAlterConfigsRequest::AlterConfigsResource;
using LegacyResource = AlterConfigsRequest::AlterConfigsResource;

constexpr std::string_view kLevels[] = {"DEBUG", "ERROR", "FATAL", "INFO", "TRACE", "WARN"};
constexpr std::string_view kRootLogger = "root";

ApiError invalid(std::string message) {
  return {ErrorCode::invalid_request, std::move(message)};
}

template <typename Range>
bool holds(const Range& all, std::string_view one) {
  return std::ranges::find(all, one) != std::ranges::end(all);
}

// As Integer.parseInt().
std::optional<std::int32_t> number_of(std::string_view text) {
  if (text.starts_with('+') && !text.starts_with("+-")) text.remove_prefix(1);
  std::int32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

bool is_known(std::int8_t operation) {
  return operation >= 0 && operation <= 3;
}

// Resources that are named more than once.
template <typename Resource>
std::set<std::pair<std::int8_t, std::string_view>> repeated(const protocol::Array<Resource>& resources) {
  std::set<std::pair<std::int8_t, std::string_view>> seen;
  std::set<std::pair<std::int8_t, std::string_view>> twice;
  for (const Resource& each : resources) {
    const auto key = std::pair(each.resource_type, each.resource_name);
    if (!seen.insert(key).second) twice.insert(key);
  }
  return twice;
}

bool lacks_value(const IncrementalAlterConfigsRequest::AlterableConfig& config) {
  return config.value.is_null() && config.config_operation != static_cast<std::int8_t>(Operation::remove);
}
bool lacks_value(const AlterConfigsRequest::AlterableConfig& config) {
  return config.value.is_null();
}

template <typename Resource>
ApiError check_keys(const Resource& resource) {
  std::set<std::string_view> keys;
  std::vector<std::string_view> nulls;
  for (const auto& config : resource.configs) {
    if (!keys.insert(config.name).second) return invalid("Error due to duplicate config keys");
    if (lacks_value(config)) nulls.push_back(config.name);
  }
  if (nulls.empty()) return {};
  return invalid(fmt::format("Null value not supported for : {}", fmt::join(nulls, ", ")));
}

ApiError check_logger(const AlterationSide& side,
                      const IncrementalAlterConfigsRequest::AlterableConfig& config) {
  const std::string_view logger = config.name;
  if (!is_known(config.config_operation)) {
    return invalid(fmt::format("Unknown operation type {} is not allowed for the BROKER_LOGGER resource",
                               config.config_operation));
  }
  const auto operation = static_cast<Operation>(config.config_operation);
  if (operation == Operation::append || operation == Operation::subtract) {
    return invalid(fmt::format("{} operation is not allowed for the BROKER_LOGGER resource",
                               operation == Operation::append ? "APPEND" : "SUBTRACT"));
  }
  if (!holds(side.loggers, logger)) {
    return {ErrorCode::invalid_config, fmt::format("Logger {} does not exist!", logger)};
  }
  if (operation == Operation::remove) {
    if (logger != kRootLogger) return {};
    return invalid("Removing the log level of the root logger is not allowed");
  }
  const std::string_view level = config.value.value_or("null");
  if (holds(kLevels, level)) return {};
  return {ErrorCode::invalid_config,
          fmt::format("Cannot set the log level of {} to {} as it is not a supported log level. Valid log "
                      "levels are {}",
                      logger, level, fmt::join(kLevels, ", "))};
}

ApiError check_loggers(const AlterationSide& side, const IncrementalResource& resource) {
  if (!side.access.allows_cluster(metadata::AclOperation::alter_configs)) {
    return {ErrorCode::cluster_authorization_failed, "Cluster authorization failed."};
  }
  const std::optional<std::int32_t> id = number_of(resource.resource_name);
  if (!id) return invalid(fmt::format("Node id must be an integer, but it is: {}", resource.resource_name));
  if (*id != side.node.raw()) {
    return invalid(fmt::format("Unexpected node id. Expected {}, but received {}", side.node.raw(), *id));
  }
  for (const auto& config : resource.configs) {
    if (ApiError error = check_logger(side, config); !error.ok()) return error;
  }
  return {};
}

ApiError check_broker(const AlterationSide& side, std::string_view broker) {
  if (!side.access.allows_cluster(metadata::AclOperation::alter_configs)) {
    return {ErrorCode::cluster_authorization_failed, "Cluster authorization failed."};
  }
  if (broker.empty()) return {};
  const std::optional<std::int32_t> id = number_of(broker);
  if (!id) return invalid(fmt::format("Node id must be an integer, but it is: {}", broker));
  if (*id != side.node.raw()) {
    return invalid(
        fmt::format("Unexpected broker id, expected {}, but received {}", side.node.raw(), broker));
  }
  return {};
}

ApiError check_texts(const AlterationSide& side, std::string_view broker, const config::Texts& texts) {
  const auto level = broker.empty() ? config::Level::cluster : config::Level::broker;
  const Result<> checked = config::check_node_alteration(side.layers, level, texts);
  return checked.ok() ? ApiError() : invalid(std::string(checked.error().text()));
}

ApiError check_operation(const IncrementalAlterConfigsRequest::AlterableConfig& config) {
  const auto operation = static_cast<Operation>(config.config_operation);
  if (operation != Operation::append && operation != Operation::subtract) return {};
  const config::Key* key = config::find_key(config::Scope::node, config.name);
  if (key == nullptr) {
    return {ErrorCode::invalid_config, fmt::format("Unknown config name: {}", config.name)};
  }
  if (key->type == config::Type::list) return {};
  return {ErrorCode::invalid_config,
          fmt::format("Config value {} is not allowed for config key: {}",
                      operation == Operation::append ? "append" : "subtract", config.name)};
}

ApiError check_broker_configs(const AlterationSide& side, const IncrementalResource& resource) {
  if (ApiError error = check_broker(side, resource.resource_name); !error.ok()) return error;
  config::Texts texts = metadata::config_texts(
      side.image, metadata::ConfigResourceView(ConfigResourceType::broker, resource.resource_name));
  for (const auto& config : resource.configs) {
    if (is_known(config.config_operation)) continue;
    return invalid(fmt::format("Unknown operations type {}", config.config_operation));
  }
  std::vector<config::Alteration> alterations;
  for (const auto& config : resource.configs) {
    if (ApiError error = check_operation(config); !error.ok()) return error;
    alterations.push_back(
        {.key = std::string(config.name),
         .operation = static_cast<Operation>(config.config_operation),
         .value = config.value.is_null() ? std::nullopt : std::optional<std::string>(*config.value)});
  }
  const auto altered = config::altered(config::Scope::node, std::move(texts), alterations);
  // What is too long is the controller's to refuse.
  if (!altered.ok()) return {};
  return check_texts(side, resource.resource_name, *altered);
}

ApiError check_broker_configs(const AlterationSide& side, const LegacyResource& resource) {
  if (ApiError error = check_broker(side, resource.resource_name); !error.ok()) return error;
  config::Texts texts;
  for (const auto& config : resource.configs) texts.emplace(config.name, *config.value);
  return check_texts(side, resource.resource_name, texts);
}

// Nothing: the controller decides.
std::optional<ApiError> refusal(ApiError error) {
  if (error.ok()) return std::nullopt;
  return error;
}

template <typename Resource>
std::optional<ApiError> judge(const AlterationSide& side, const Resource& resource) {
  if (ApiError error = check_keys(resource); !error.ok()) return error;
  switch (metadata::config_resource_type_of(resource.resource_type)) {
    case ConfigResourceType::broker:
      return refusal(check_broker_configs(side, resource));
    case ConfigResourceType::broker_logger:
      if constexpr (std::is_same_v<Resource, IncrementalResource>) return check_loggers(side, resource);
      break;
    case ConfigResourceType::topic:
    case ConfigResourceType::client_metrics:
    case ConfigResourceType::group:
      return std::nullopt;
    case ConfigResourceType::unknown:
      break;
  }
  return invalid(fmt::format("Unknown resource type {}", resource.resource_type));
}

template <typename Request>
Judged judge_all(const AlterationSide& side, const Request& request) {
  const auto twice = repeated(request.resources);
  Judged judged;
  for (const auto& each : request.resources) {
    if (twice.contains(std::pair(each.resource_type, each.resource_name))) {
      judged.verdicts.emplace_back(invalid("Each resource must appear at most once."));
    } else {
      judged.verdicts.push_back(judge(side, each));
    }
  }
  return judged;
}

void take_levels(const IncrementalAlterConfigsRequest& request, Judged& judged) {
  if (request.validate_only) return;
  for (std::size_t each = 0; each < request.resources.size(); ++each) {
    const auto& resource = request.resources[each];
    if (resource.resource_type != static_cast<std::int8_t>(ConfigResourceType::broker_logger)) continue;
    if (!judged.verdicts[each] || !judged.verdicts[each]->ok()) continue;
    for (const auto& config : resource.configs) {
      const bool set = config.config_operation == static_cast<std::int8_t>(Operation::set);
      judged.levels.push_back({.logger = config.name,
                               .level = set ? std::optional<std::string_view>(*config.value) : std::nullopt});
    }
  }
}

template <typename Request>
Result<Request> rest(const Request& request, const Judged& judged, Arena& arena) {
  using Resource = typename decltype(request.resources)::value_type;
  OTTLA_TRY(const std::span<Resource> left, arena.make_span<Resource>(request.resources.size()));
  std::size_t count = 0;
  for (std::size_t each = 0; each < request.resources.size(); ++each) {
    if (!judged.verdicts[each]) left[count++] = request.resources[each];
  }
  Request asked = request;
  asked.resources = {left.data(), count};
  return asked;
}

template <typename Request, typename Response>
Result<> join_all(const Request& request, const Judged& judged, const Response& from_controller, Arena& arena,
                  Response& response) {
  using Answer = typename decltype(response.responses)::value_type;
  std::map<std::pair<std::int8_t, std::string_view>, const Answer*> answered;
  for (const Answer& each : from_controller.responses) {
    answered.emplace(std::pair(each.resource_type, each.resource_name), &each);
  }
  OTTLA_TRY(const std::span<Answer> answers, arena.make_span<Answer>(request.resources.size()));
  for (std::size_t each = 0; each < answers.size(); ++each) {
    const auto& resource = request.resources[each];
    Answer& answer = answers[each];
    answer.resource_type = resource.resource_type;
    answer.resource_name = resource.resource_name;
    const auto found = answered.find(std::pair(resource.resource_type, resource.resource_name));
    if (judged.verdicts[each]) {
      answer.error_code = judged.verdicts[each]->wire_code();
      OTTLA_TRY(answer.error_message, message_text(*judged.verdicts[each], arena));
    } else if (found != answered.end()) {
      answer.error_code = found->second->error_code;
      answer.error_message = found->second->error_message;
    } else {
      answer.error_code = static_cast<std::int16_t>(ErrorCode::unknown_server_error);
      answer.error_message = nullptr;
    }
  }
  response.throttle_time_ms = from_controller.throttle_time_ms;
  response.responses = answers;
  return {};
}

}  // namespace

Judged judge_alterations(const AlterationSide& side, const IncrementalAlterConfigsRequest& request) {
  Judged judged = judge_all(side, request);
  take_levels(request, judged);
  return judged;
}

Judged judge_alterations(const AlterationSide& side, const AlterConfigsRequest& request) {
  return judge_all(side, request);
}

Judged judge_loggers(const AlterationSide& side, const IncrementalAlterConfigsRequest& request) {
  Judged judged;
  for (const auto& each : request.resources) {
    const bool logger = each.resource_type == static_cast<std::int8_t>(ConfigResourceType::broker_logger);
    judged.verdicts.push_back(logger ? std::optional(check_loggers(side, each)) : std::nullopt);
  }
  take_levels(request, judged);
  return judged;
}

Result<IncrementalAlterConfigsRequest> rest_of(const IncrementalAlterConfigsRequest& request,
                                               const Judged& judged, Arena& arena) {
  return rest(request, judged, arena);
}

Result<AlterConfigsRequest> rest_of(const AlterConfigsRequest& request, const Judged& judged, Arena& arena) {
  return rest(request, judged, arena);
}

Result<> join(const IncrementalAlterConfigsRequest& request, const Judged& judged,
              const protocol::IncrementalAlterConfigsResponse& from_controller, Arena& arena,
              protocol::IncrementalAlterConfigsResponse& response) {
  return join_all(request, judged, from_controller, arena, response);
}

Result<> join(const AlterConfigsRequest& request, const Judged& judged,
              const protocol::AlterConfigsResponse& from_controller, Arena& arena,
              protocol::AlterConfigsResponse& response) {
  return join_all(request, judged, from_controller, arena, response);
}

}  // namespace ottla::controller
