#include "server/handlers/alter_loggers.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "controller/api_error.h"
#include "metadata/config_resource.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "server/arena_array.h"
#include "server/handlers/controller_api.h"
#include "server/node_alterations.h"

namespace ottla::server {
namespace {

using controller::ApiError;
using protocol::IncrementalAlterConfigsRequest;
using protocol::IncrementalAlterConfigsResponse;
using Resource = IncrementalAlterConfigsRequest::AlterConfigsResource;
using Answer = IncrementalAlterConfigsResponse::AlterConfigsResourceResponse;

bool is_logger(const Resource& resource) {
  return metadata::config_resource_type_of(resource.resource_type) ==
         metadata::ConfigResourceType::broker_logger;
}

ApiError alter(const RequestContext& context, const Resource& resource, bool only_checks) {
  std::vector<ConfigOperation> operations;
  for (const auto& config : resource.configs) {
    operations.push_back(
        {.key = std::string(config.name),
         .operation = config.config_operation,
         .value = config.value.is_null() ? std::nullopt : std::optional(std::string(*config.value))});
  }
  LogLevels& levels = this_shard().process().log_levels();
  ApiError error = check_levels(levels, context.node.facts.id, resource.resource_name, operations);
  if (error.ok() && !only_checks) apply_levels(levels, operations);
  return error;
}

Result<Answer> answer_for(RequestContext& context, const Resource& resource, const ApiError& error) {
  Answer answer;
  answer.resource_type = resource.resource_type;
  answer.resource_name = resource.resource_name;
  answer.error_message = nullptr;
  if (error.ok()) return answer;
  answer.error_code = error.wire_code();
  OTTLA_TRY(const std::string_view text, context.arena.copy(error.message));
  answer.error_message = text;
  return answer;
}

}  // namespace

Task<Result<Outcome>> alter_configs_at_controller(RequestContext& context,
                                                  const IncrementalAlterConfigsRequest& request,
                                                  IncrementalAlterConfigsResponse& response) {
  ArenaArray<Answer> answers(context.arena, request.resources.size());
  std::vector<Resource> others;
  for (const Resource& resource : request.resources) {
    if (!is_logger(resource)) {
      others.push_back(resource);
      continue;
    }
    OTTLA_CO_TRY(const Answer answer,
                 answer_for(context, resource, alter(context, resource, request.validate_only)));
    OTTLA_CO_CHECK(answers.add(answer));
  }
  if (others.size() < request.resources.size() && others.empty()) {
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
