#include "controller/configs.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/alteration.h"
#include "config/node_key.h"
#include "controller/config_change.h"
#include "metadata/config_resource.h"

namespace ottla::controller {
namespace {

using metadata::ConfigResourceType;
using metadata::ConfigResourceView;

constexpr std::string_view kMinInSync = "min.insync.replicas";

// A resource of the request and what is answered of it.
struct Verdict {
  std::int8_t type;
  std::string_view name;
  ApiError error;
};

template <typename Response>
Result<> answer(const std::vector<Verdict>& verdicts, Arena& arena, Response& response) {
  using Answer = typename decltype(response.responses)::value_type;
  OTTLA_TRY(const std::span<Answer> answers, arena.make_span<Answer>(verdicts.size()));
  for (std::size_t each = 0; each < answers.size(); ++each) {
    const auto& [type, name, error] = verdicts[each];
    answers[each].resource_type = type;
    answers[each].resource_name = name;
    answers[each].error_code = error.wire_code();
    OTTLA_TRY(answers[each].error_message, message_text(error, arena));
  }
  response.responses = answers;
  return {};
}

template <typename Request, typename Response>
Result<> refuse_all(const Request& request, const ApiError& error, Arena& arena, Response& response) {
  std::vector<Verdict> verdicts;
  for (const auto& each : request.resources) {
    verdicts.push_back({each.resource_type, each.resource_name, error});
  }
  return answer(verdicts, arena, response);
}

// Which resources are to be changed, each once; the others have their verdicts already.
template <typename Resource>
std::vector<const Resource*> sort_out(const protocol::Array<Resource>& resources,
                                      std::vector<Verdict>& verdicts) {
  struct Seen {
    const Resource* resource;
    std::size_t times;
  };
  std::vector<Seen> seen;
  std::map<std::pair<std::int8_t, std::string_view>, std::size_t> places;
  for (const Resource& each : resources) {
    const ConfigResourceType type = metadata::config_resource_type_of(each.resource_type);
    if (type == ConfigResourceType::unknown) {
      verdicts.push_back(
          {each.resource_type,
           each.resource_name,
           {ErrorCode::unsupported_version, fmt::format("Unknown resource type {}.", each.resource_type)}});
      continue;
    }
    const auto [place, fresh] = places.try_emplace({each.resource_type, each.resource_name}, seen.size());
    if (fresh) {
      seen.push_back({&each, 1});
    } else if (++seen[place->second].times == 2) {
      verdicts.push_back(
          {each.resource_type, each.resource_name, {ErrorCode::invalid_request, "Duplicate resource."}});
    }
  }
  std::vector<const Resource*> once;
  for (const Seen& each : seen) {
    if (each.times > 1) continue;
    if (each.resource->resource_type != static_cast<std::int8_t>(ConfigResourceType::broker_logger)) {
      once.push_back(each.resource);
      continue;
    }
    verdicts.push_back({each.resource->resource_type,
                        each.resource->resource_name,
                        {ErrorCode::invalid_request, "Unexpected resource type BROKER_LOGGER."}});
  }
  return once;
}

// `fill` makes the change of a resource, or says what is wrong with it.
template <typename Request, typename Response, typename Fill>
ApiError alter_all(const State& state, const Request& request, Call& call, Response& response, Fill fill) {
  std::vector<Verdict> verdicts;
  for (const auto* each : sort_out(request.resources, verdicts)) {
    const ConfigResourceView resource(metadata::config_resource_type_of(each->resource_type),
                                      each->resource_name);
    ConfigChange change(state, resource);
    ApiError error = fill(*each, change);
    if (error.ok()) error = change.check(call.asked);
    if (error.ok()) change.add_records(call.records);
    verdicts.push_back({each->resource_type, each->resource_name, std::move(error)});
  }
  call.only_validates = request.validate_only;
  if (const Result<> answered = answer(verdicts, call.arena, response); !answered.ok()) {
    return answered.error();
  }
  return {};
}

std::optional<std::string> text_or_none(protocol::NullableText text) {
  return text.is_null() ? std::nullopt : std::optional<std::string>(*text);
}

ApiError alter_each(const protocol::IncrementalAlterConfigsRequest::AlterConfigsResource& resource,
                    ConfigChange& change) {
  // Of several operations on one key the last one counts.
  std::map<std::string_view, std::size_t> last;
  for (std::size_t each = 0; each < resource.configs.size(); ++each) last[resource.configs[each].name] = each;
  for (std::size_t each = 0; each < resource.configs.size(); ++each) {
    const auto& config = resource.configs[each];
    if (last[config.name] != each) continue;
    if (config.config_operation < 0 || config.config_operation > 3) {
      return {ErrorCode::invalid_request, fmt::format("Unknown operations type {}", config.config_operation)};
    }
    ApiError error = change.alter({.key = std::string(config.name),
                                   .operation = static_cast<config::Operation>(config.config_operation),
                                   .value = text_or_none(config.value)});
    if (!error.ok()) return error;
  }
  return {};
}

}  // namespace

ApiError incremental_alter_configs(const State& state,
                                   const protocol::IncrementalAlterConfigsRequest& request, Call& call,
                                   protocol::IncrementalAlterConfigsResponse& response) {
  return alter_all(state, request, call, response, alter_each);
}

ApiError alter_configs(const State& state, const protocol::AlterConfigsRequest& request, Call& call,
                       protocol::AlterConfigsResponse& response) {
  return alter_all(state, request, call, response, [](const auto& resource, ConfigChange& change) {
    std::map<std::string_view, protocol::NullableText> last;
    for (const auto& config : resource.configs) last.insert_or_assign(config.name, config.value);
    for (const auto& [name, value] : last) {
      change.set(name, value.is_null() ? std::nullopt : std::optional<std::string_view>(*value));
    }
    change.drop_others([&last](std::string_view key) { return last.contains(key); });
    return ApiError();
  });
}

Result<> refuse_incremental_alter_configs(const protocol::IncrementalAlterConfigsRequest& request,
                                          const ApiError& error, Arena& arena,
                                          protocol::IncrementalAlterConfigsResponse& response) {
  return refuse_all(request, error, arena, response);
}

Result<> refuse_alter_configs(const protocol::AlterConfigsRequest& request, const ApiError& error,
                              Arena& arena, protocol::AlterConfigsResponse& response) {
  return refuse_all(request, error, arena, response);
}

void add_elr_safety_records(const State& state, RecordList& records) {
  protocol::ConfigRecord record;
  record.resource_type = static_cast<std::int8_t>(ConfigResourceType::broker);
  record.name = kMinInSync;
  const auto& configs = state.image().configs;
  const std::string least =
      std::to_string(state.options().config.get(config::node_key<"min.insync.replicas">));
  if (state.image().config({ConfigResourceType::broker, ""}, kMinInSync) == nullptr) {
    record.value = std::string_view(least);
    records.add(record, 0);
  }
  record.value = nullptr;
  for (auto at = configs.lower_bound(ConfigResourceView(ConfigResourceType::broker, ""));
       at != configs.end() && at->first.type == ConfigResourceType::broker; ++at) {
    if (at->first.name.empty() || !at->second.contains(kMinInSync)) continue;
    record.resource_name = at->first.name;
    records.add(record, 0);
  }
}

}  // namespace ottla::controller
