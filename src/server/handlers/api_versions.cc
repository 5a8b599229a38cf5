#include "server/handlers/api_versions.h"

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "config/node_key.h"
#include "metadata/feature.h"
#include "metadata/image.h"
#include "metadata/metadata_version.h"
#include "metadata/registration.h"
#include "protocol/api.h"
#include "protocol/error_code.h"
#include "protocol/request_header.h"
#include "server/arena_array.h"
#include "server/client_software.h"
#include "server/controller_versions.h"
#include "server/features.h"
#include "server/handler_table.h"
#include "server/served.h"

namespace ottla::server {
namespace {

using metadata::FeaturesImage;
using protocol::ApiVersionsRequest;
using protocol::ApiVersionsResponse;
using protocol::ErrorCode;

// Features whose lowest level is zero confuse clients that speak an older version.
constexpr std::int16_t kKnowsLevelZero = 4;
constexpr std::int16_t kNamesClient = 3;
constexpr std::int16_t kNamesServer = 5;

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

// Letters and digits, with dots and dashes between them.
bool is_software_word(std::string_view word) {
  if (word.empty() || !is_alphanumeric(word.front()) || !is_alphanumeric(word.back())) return false;
  for (const char c : word) {
    if (!is_alphanumeric(c) && c != '.' && c != '-') return false;
  }
  return true;
}

bool names_software(const ApiVersionsRequest& request) {
  return is_software_word(request.client_software_name) && is_software_word(request.client_software_version);
}

// Who is not well known for what it says of the cluster is known for what it says of itself.
bool says_its_name(const RequestContext& context, const ApiVersionsRequest& request) {
  return context.client.software != nullptr && context.version() >= kNamesClient && names_software(request);
}

ErrorCode check(const RequestContext& context, const ApiVersionsRequest& request) {
  if (context.version() >= kNamesClient && !names_software(request)) return ErrorCode::invalid_request;
  if (context.version() < kNamesServer) return ErrorCode::none;
  const bool names_cluster = !request.cluster_id.is_null();
  const bool names_node = request.node_id != -1;
  if (!names_cluster && !names_node) return ErrorCode::none;
  if (!names_cluster || (!names_node && *request.cluster_id == context.node.facts.cluster_id)) {
    return ErrorCode::invalid_request;
  }
  if (!names_node) return ErrorCode::invalid_request;
  if (context.client.kind == ListenerKind::controller)
    return ErrorCode::none;  // who looks for controllers asks any node
  const bool meant =
      *request.cluster_id == context.node.facts.cluster_id && request.node_id == context.node.facts.id.raw();
  return meant ? ErrorCode::none : ErrorCode::rebootstrap_required;
}

// A version that is not known: the client learns from the answer, which is of version 0, which ones are.
Result<> refuse_version(RequestContext& context, ApiVersionsResponse& response) {
  const protocol::Versions known = context.api().request->versions;
  ArenaArray<ApiVersionsResponse::ApiVersion> apis(context.arena, 1);
  OTTLA_CHECK(apis.add({.api_key = static_cast<std::int16_t>(context.api().key),
                        .min_version = known.first,
                        .max_version = known.last}));
  response.error_code = static_cast<std::int16_t>(ErrorCode::unsupported_version);
  response.api_keys = apis.finish();
  return {};
}

Result<> list_apis(RequestContext& context, ApiVersionsResponse& response) {
  const HandlerTable& handlers = handlers_of(context.client.kind);
  const protocol::Served served = served_by(context.client.kind, context.node.settings->config);
  ArenaArray<ApiVersionsResponse::ApiVersion> apis(context.arena, protocol::all_apis().size());
  for (const protocol::ApiInfo& api : protocol::all_apis()) {
    if (handlers.find(api.key) == nullptr) continue;
    protocol::Versions versions = protocol::advertised_versions(api, served);
    if (context.client.kind == ListenerKind::broker && api.forwardable) {
      versions = also_served(context.node.controller_versions.get(), api.key, versions);
    }
    if (versions.empty()) continue;
    OTTLA_CHECK(apis.add({.api_key = static_cast<std::int16_t>(api.key),
                          .min_version = versions.first,
                          .max_version = versions.last}));
  }
  response.api_keys = apis.finish();
  return {};
}

Result<> list_features(RequestContext& context, ApiVersionsResponse& response) {
  const bool unstable = context.node.setting(config::node_key<"unstable.feature.versions.enable">);
  const std::vector<metadata::SupportedFeature> all = supported_features(unstable);
  ArenaArray<ApiVersionsResponse::SupportedFeatureKey> supported(context.arena, all.size());
  for (const metadata::SupportedFeature& each : all) {
    if (each.least == 0 && context.version() < kKnowsLevelZero) continue;
    OTTLA_TRY(const std::string_view name, context.arena.copy(each.name));
    OTTLA_CHECK(supported.add({.name = name, .min_version = each.least, .max_version = each.most}));
  }
  response.supported_features = supported.finish();

  const FeaturesImage& features = context.node.image->features;
  if (!features.metadata_version) return {};
  response.finalized_features_epoch = context.node.image->provenance.offset.raw();
  ArenaArray<ApiVersionsResponse::FinalizedFeatureKey> finalized(context.arena,
                                                                 features.finalized.size() + 2);
  const auto add = [&finalized](std::string_view name, std::int16_t level) {
    if (level == 0) return Result<>();
    return finalized.add({.name = name, .max_version_level = level, .min_version_level = level});
  };
  OTTLA_CHECK(add(metadata::kMetadataVersionFeature, metadata::level_of(*features.metadata_version)));
  OTTLA_CHECK(add(metadata::kKraftVersionFeature, context.node.kraft_version));
  for (const auto& [name, level] : features.finalized) OTTLA_CHECK(add(name, level));
  response.finalized_features = finalized.finish();
  return {};
}

}  // namespace

Result<> answer_api_versions(RequestContext& context, const ApiVersionsRequest& request,
                             ApiVersionsResponse& response) {
  if (context.incoming.unknown_version) return refuse_version(context, response);
  const ErrorCode error = check(context, request);
  if (says_its_name(context, request)) {
    context.client.software->is(
        {.name = request.client_software_name, .version = request.client_software_version});
  }
  response.error_code = static_cast<std::int16_t>(error);
  if (error != ErrorCode::none) return {};
  OTTLA_CHECK(list_apis(context, response));
  return list_features(context, response);
}

}  // namespace ottla::server
