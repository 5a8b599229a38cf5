#include "metadata/describe/cluster.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>

namespace ottla::metadata {
namespace {

using protocol::DescribeClusterRequest;
using protocol::DescribeClusterResponse;
using protocol::ErrorCode;
using Broker = DescribeClusterResponse::DescribeClusterBroker;

enum class Endpoint : std::int8_t { broker = 1, controller = 2 };

std::string_view name_of(Endpoint endpoint) {
  return endpoint == Endpoint::broker ? "BROKER" : "CONTROLLER";
}

// Whether the request has come to where it should. False: it is answered.
Result<bool> meant_for(Endpoint here, const DescribeClusterRequest& request, std::int16_t version,
                       Arena& arena, DescribeClusterResponse& response) {
  if (request.endpoint_type == static_cast<std::int8_t>(here)) return true;
  ErrorCode error = ErrorCode::mismatched_endpoint_type;
  std::string message;
  if (request.endpoint_type != static_cast<std::int8_t>(Endpoint::broker) &&
      request.endpoint_type != static_cast<std::int8_t>(Endpoint::controller)) {
    error = ErrorCode::unsupported_endpoint_type;
    message = fmt::format("Unsupported endpoint type {}", request.endpoint_type);
  } else {
    message =
        fmt::format("The request was sent to an endpoint of type {}, but we wanted an endpoint of type {}",
                    name_of(here), name_of(static_cast<Endpoint>(request.endpoint_type)));
  }
  // Clients of the first version know neither code.
  if (version == 0) error = ErrorCode::invalid_request;
  OTTLA_CHECK(refuse_cluster(error, message, arena, response));
  return false;
}

void describe_common(const ClusterQuestion& question, const DescribeClusterRequest& request, Endpoint here,
                     std::int32_t controller, DescribeClusterResponse& response) {
  const Access& access = question.viewpoint.access;
  response.cluster_id = question.cluster_id;
  response.endpoint_type = static_cast<std::int8_t>(here);
  if (request.include_cluster_authorized_operations) {
    response.cluster_authorized_operations =
        access.allows_cluster(AclOperation::describe)
            ? allowed_operations(access, AclResourceType::cluster, kClusterResource)
            : 0;
  }
  // Clients can only be sent to one that they are told how to reach.
  const bool told =
      std::ranges::find(response.brokers, controller, &Broker::broker_id) != response.brokers.end();
  response.controller_id = told ? controller : -1;
}

}  // namespace

Result<> describe_brokers(const ClusterQuestion& question, const DescribeClusterRequest& request,
                          std::int16_t version, std::uint64_t draw, Arena& arena,
                          DescribeClusterResponse& response) {
  OTTLA_TRY(const bool here, meant_for(Endpoint::broker, request, version, arena, response));
  if (!here) return {};
  const BrokerViews brokers(question.viewpoint);
  OTTLA_TRY(const std::span<Broker> all, arena.make_span<Broker>(brokers.all().size()));
  std::size_t count = 0;
  for (const BrokerView& each : brokers.all()) {
    if (!each.reachable || (!each.alive() && !request.include_fenced_brokers)) continue;
    const auto& rack = each.registration->rack;
    all[count++] = {.broker_id = each.id(),
                    .host = each.host,
                    .port = each.port,
                    .rack = rack ? protocol::NullableText(*rack) : protocol::NullableText(nullptr),
                    .is_fenced = !each.alive()};
  }
  response.brokers = {all.data(), count};
  describe_common(question, request, Endpoint::broker, brokers.any_alive(draw), response);
  return {};
}

Result<> describe_controllers(const ClusterQuestion& question, const DescribeClusterRequest& request,
                              std::int16_t version, std::int32_t leader, Arena& arena,
                              DescribeClusterResponse& response) {
  const Viewpoint& viewpoint = question.viewpoint;
  const auto& level = viewpoint.image.features.metadata_version;
  if (!level) {
    return refuse_cluster(ErrorCode::unsupported_version,
                          "There is no finalized MetadataVersion, so direct-to-controller communication is "
                          "not supported.",
                          arena, response);
  }
  if (!has_controller_registration(*level)) {
    return refuse_cluster(
        ErrorCode::unsupported_version,
        "Direct-to-controller communication is not supported with the current MetadataVersion.", arena,
        response);
  }
  if (!viewpoint.access.allows_cluster(AclOperation::alter)) {
    return refuse_cluster(ErrorCode::cluster_authorization_failed, "Cluster authorization failed.", arena,
                          response);
  }
  OTTLA_TRY(const bool here, meant_for(Endpoint::controller, request, version, arena, response));
  if (!here) return {};
  const auto& controllers = viewpoint.image.cluster.controllers;
  OTTLA_TRY(const std::span<Broker> all, arena.make_span<Broker>(controllers.size()));
  std::size_t count = 0;
  for (const auto& [id, controller] : controllers) {
    const Listener* listener = controller->listener(viewpoint.listener);
    if (listener == nullptr) continue;
    const bool dialled = viewpoint.dialled && viewpoint.dialled->node == id;
    all[count++] = {.broker_id = id.raw(),
                    .host = dialled ? viewpoint.dialled->host : std::string_view(listener->host),
                    .port = dialled ? viewpoint.dialled->port : listener->port};
  }
  response.brokers = {all.data(), count};
  describe_common(question, request, Endpoint::controller, leader, response);
  return {};
}

Result<> refuse_cluster(ErrorCode error, std::string_view message, Arena& arena,
                        DescribeClusterResponse& response) {
  response.error_code = static_cast<std::int16_t>(error);
  OTTLA_TRY(const std::string_view text, arena.copy(message));
  response.error_message = text;
  return {};
}

}  // namespace ottla::metadata
