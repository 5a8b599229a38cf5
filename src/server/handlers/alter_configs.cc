#include "server/handlers/alter_configs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/alteration.h"
#include "controller/api_error.h"
#include "metadata/config_resource.h"
#include "protocol/error_code.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "server/arena_array.h"
#include "server/handlers/controller_api.h"
#include "server/handlers/forwarded.h"
#include "server/node_alterations.h"

namespace ottla::server {
namespace {

using config::Operation;
using controller::ApiError;
using metadata::ConfigResourceType;
using protocol::AlterConfigsRequest;
using protocol::ErrorCode;
using protocol::IncrementalAlterConfigsRequest;

ConfigOperation operation_of(const AlterConfigsRequest::AlterableConfig& config) {
  return {.key = std::string(config.name),
          .operation = static_cast<std::int8_t>(Operation::set),
          .value = config.value.is_null() ? std::nullopt : std::optional(std::string(*config.value))};
}
ConfigOperation operation_of(const IncrementalAlterConfigsRequest::AlterableConfig& config) {
  return {.key = std::string(config.name),
          .operation = config.config_operation,
          .value = config.value.is_null() ? std::nullopt : std::optional(std::string(*config.value))};
}

template <typename Resource>
std::vector<ConfigOperation> operations_of(const Resource& resource) {
  std::vector<ConfigOperation> operations;
  for (const auto& config : resource.configs) operations.push_back(operation_of(config));
  return operations;
}

ApiError alter_loggers(const RequestContext& context, std::string_view name,
                       const std::vector<ConfigOperation>& operations, bool only_checks) {
  LogLevels& levels = this_shard().process().log_levels();
  ApiError error = check_levels(levels, context.node.facts.id, name, operations);
  if (error.ok() && !only_checks) apply_levels(levels, operations);
  return error;
}

Result<protocol::NullableText> text_of(RequestContext& context, const ApiError& error) {
  if (error.message.empty()) return protocol::NullableText(nullptr);
  OTTLA_TRY(const std::string_view text, context.arena.copy(error.message));
  return protocol::NullableText(text);
}

// The first fault of a resource that any kind of it can have.
ApiError check_keys(const std::vector<ConfigOperation>& operations) {
  std::set<std::string_view> seen;
  std::vector<std::string_view> without_value;
  for (const ConfigOperation& each : operations) {
    if (!seen.insert(each.key).second) {
      return {ErrorCode::invalid_request, "Error due to duplicate config keys"};
    }
    const bool removes = each.operation == static_cast<std::int8_t>(Operation::remove);
    if (!removes && !each.value) without_value.push_back(each.key);
  }
  if (without_value.empty()) return {};
  return {ErrorCode::invalid_request,
          fmt::format("Null value not supported for : {}", fmt::join(without_value, ", "))};
}

// What this broker says of each resource: nothing for those that the controller is to be asked about.
template <typename Request>
class LocalPart {
 public:
  static constexpr bool kIncremental = std::is_same_v<Request, IncrementalAlterConfigsRequest>;

  LocalPart(RequestContext& context, const Request& request) : context_(context), request_(request) {}

  std::vector<std::optional<ApiError>> answers() {
    answers_.assign(request_.resources.size(), std::nullopt);
    refuse_doubles();
    for (std::size_t each = 0; each < answers_.size(); ++each) {
      if (!answers_[each]) answers_[each] = look_at(request_.resources[each]);
    }
    return std::move(answers_);
  }

 private:
  using Resource = typename Request::AlterConfigsResource;

  void refuse_doubles() {
    std::map<std::pair<std::int8_t, std::string_view>, std::size_t> seen;
    for (std::size_t each = 0; each < answers_.size(); ++each) {
      const Resource& resource = request_.resources[each];
      const auto [found, fresh] = seen.try_emplace({resource.resource_type, resource.resource_name}, each);
      if (fresh) continue;
      const ApiError error(ErrorCode::invalid_request, "Each resource must appear at most once.");
      answers_[found->second] = error;
      answers_[each] = error;
    }
  }

  std::optional<ApiError> look_at(const Resource& resource) {
    const std::vector<ConfigOperation> operations = operations_of(resource);
    if (ApiError error = check_keys(operations); !error.ok()) return error;
    switch (metadata::config_resource_type_of(resource.resource_type)) {
      case ConfigResourceType::topic:
      case ConfigResourceType::client_metrics:
      case ConfigResourceType::group:
        return std::nullopt;
      case ConfigResourceType::broker: {
        ApiError error = check_broker_alteration(context_.node.settings->layers, context_.node.facts.id,
                                                 resource.resource_name, operations, !kIncremental);
        return error.ok() ? std::nullopt : std::optional(std::move(error));
      }
      case ConfigResourceType::broker_logger:
        if (kIncremental)
          return alter_loggers(context_, resource.resource_name, operations, request_.validate_only);
        [[fallthrough]];
      case ConfigResourceType::unknown:
        break;
    }
    return ApiError(ErrorCode::invalid_request,
                    fmt::format("Unknown resource type {}", resource.resource_type));
  }

  RequestContext& context_;
  const Request& request_;
  std::vector<std::optional<ApiError>> answers_;
};

template <typename Request, typename Response>
class Alteration {
 public:
  using Answer = typename Response::AlterConfigsResourceResponse;

  Alteration(RequestContext& context, const Request& request, Response& response)
      : context_(context), request_(request), response_(response) {}

  Task<Result<Outcome>> run() {
    local_ = LocalPart<Request>(context_, request_).answers();
    Request remaining = request_;
    std::vector<typename Request::AlterConfigsResource> rest;
    for (std::size_t each = 0; each < local_.size(); ++each) {
      if (!local_[each]) rest.push_back(request_.resources[each]);
    }
    remaining.resources = rest;
    Response remote;
    if (!rest.empty()) {
      const protocol::Encodable body(remaining, context_.version());
      OTTLA_CO_TRY(const Outcome outcome, co_await ask_controller_for(context_, body, &remote));
      if (outcome != Outcome::reply) co_return outcome;
    }
    OTTLA_CO_CHECK(put_together(remote));
    co_return Outcome::reply;
  }

 private:
  // In the order of the request.
  Result<> put_together(const Response& remote) {
    std::map<std::pair<std::int8_t, std::string_view>, const Answer*> heard;
    for (const Answer& each : remote.responses) heard[{each.resource_type, each.resource_name}] = &each;
    OTTLA_TRY(const std::span<Answer> answers, context_.arena.make_span<Answer>(local_.size()));
    for (std::size_t each = 0; each < local_.size(); ++each) {
      const auto& resource = request_.resources[each];
      Answer& answer = answers[each];
      const auto found = heard.find({resource.resource_type, resource.resource_name});
      if (local_[each]) {
        answer.error_code = local_[each]->wire_code();
        OTTLA_TRY(answer.error_message, text_of(context_, *local_[each]));
      } else if (found != heard.end()) {
        answer = *found->second;
      } else {
        answer.error_code = static_cast<std::int16_t>(ErrorCode::unknown_server_error);
      }
      answer.resource_type = resource.resource_type;
      answer.resource_name = resource.resource_name;
    }
    response_.responses = answers;
    return {};
  }

  RequestContext& context_;
  const Request& request_;
  Response& response_;
  std::vector<std::optional<ApiError>> local_;
};

}  // namespace

Task<Result<Outcome>> answer_alter_configs(RequestContext& context, const AlterConfigsRequest& request,
                                           protocol::AlterConfigsResponse& response) {
  Alteration alteration(context, request, response);
  co_return co_await alteration.run();
}

Task<Result<Outcome>> answer_incremental_alter_configs(RequestContext& context,
                                                       const IncrementalAlterConfigsRequest& request,
                                                       protocol::IncrementalAlterConfigsResponse& response) {
  Alteration alteration(context, request, response);
  co_return co_await alteration.run();
}

Task<Result<Outcome>> alter_configs_at_controller(RequestContext& context,
                                                  const IncrementalAlterConfigsRequest& request,
                                                  protocol::IncrementalAlterConfigsResponse& response) {
  using Answer = protocol::IncrementalAlterConfigsResponse::AlterConfigsResourceResponse;
  ArenaArray<Answer> answers(context.arena, request.resources.size());
  std::vector<IncrementalAlterConfigsRequest::AlterConfigsResource> others;
  for (const auto& resource : request.resources) {
    if (metadata::config_resource_type_of(resource.resource_type) != ConfigResourceType::broker_logger) {
      others.push_back(resource);
      continue;
    }
    const ApiError error =
        alter_loggers(context, resource.resource_name, operations_of(resource), request.validate_only);
    OTTLA_CO_TRY(const protocol::NullableText text, text_of(context, error));
    OTTLA_CO_CHECK(answers.add({.error_code = error.wire_code(),
                                .error_message = text,
                                .resource_type = resource.resource_type,
                                .resource_name = resource.resource_name}));
  }
  if (others.empty() && !request.resources.empty()) {
    response.responses = answers.finish();
    co_return Outcome::reply;
  }
  IncrementalAlterConfigsRequest rest = request;
  rest.resources = others;
  context.request = &rest;
  Result<Outcome> outcome = co_await ask_controller(context);
  context.request = &request;
  OTTLA_CO_CHECK(outcome);
  for (const Answer& each : response.responses) OTTLA_CO_CHECK(answers.add(each));
  response.responses = answers.finish();
  co_return outcome;
}

}  // namespace ottla::server
