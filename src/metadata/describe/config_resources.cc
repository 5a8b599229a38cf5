#include "metadata/describe/config_resources.h"

#include <algorithm>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error_code.h"

namespace ottla::metadata {
namespace {

using protocol::ErrorCode;
using protocol::ListConfigResourcesRequest;
using protocol::ListConfigResourcesResponse;
using Resource = ListConfigResourcesResponse::ConfigResource;
using enum ConfigResourceType;

// The reference's order.
constexpr ConfigResourceType kTypes[] = {group, client_metrics, broker_logger, broker, topic};

class Lister {
 public:
  Lister(const Viewpoint& viewpoint, Arena& arena) : viewpoint_(viewpoint), arena_(arena) {}

  Result<> add(ConfigResourceType type) {
    switch (type) {
      case group:
      case client_metrics:
        add_configured(type);
        return {};
      case broker_logger:
      case broker:
        return add_brokers(type);
      case topic:
        for (const auto& [name, id] : viewpoint_.image.topics.by_name) push(name, type);
        return {};
      case unknown:
        return {};
    }
    return {};
  }

  Result<protocol::Array<Resource>> finish() {
    OTTLA_TRY(const std::span<Resource> all, arena_.make_span<Resource>(resources_.size()));
    std::ranges::copy(resources_, all.begin());
    return protocol::Array<Resource>(all);
  }

 private:
  void push(std::string_view name, ConfigResourceType type) {
    resources_.push_back({.resource_name = name, .resource_type = static_cast<std::int8_t>(type)});
  }

  // What exists by its configuration alone.
  void add_configured(ConfigResourceType type) {
    const ConfigsImage& configs = viewpoint_.image.configs;
    for (auto at = configs.lower_bound(ConfigResourceView(type, "")); at != configs.end(); ++at) {
      if (at->first.type != type) return;
      push(at->first.name, type);
    }
  }

  Result<> add_brokers(ConfigResourceType type) {
    for (const auto& [id, registration] : viewpoint_.image.cluster.brokers) {
      if (registration->listener(viewpoint_.listener) == nullptr) continue;
      OTTLA_TRY(const std::string_view name, arena_.copy(std::to_string(id.raw())));
      push(name, type);
    }
    return {};
  }

  const Viewpoint& viewpoint_;
  Arena& arena_;
  std::vector<Resource> resources_;
};

}  // namespace

Result<> list_config_resources(const Viewpoint& viewpoint, const ListConfigResourcesRequest& request,
                               std::int16_t version, Arena& arena, ListConfigResourcesResponse& response) {
  const auto refuse = [&](ErrorCode error) -> Result<> {
    response.error_code = static_cast<std::int16_t>(error);
    return {};
  };
  if (!viewpoint.access.allows_cluster(AclOperation::describe_configs)) {
    return refuse(ErrorCode::cluster_authorization_failed);
  }
  // The first version knew client metrics alone.
  const auto served = [version](ConfigResourceType type) {
    return type == client_metrics || (version > 0 && type != unknown);
  };
  const auto asked = [&request](ConfigResourceType type) {
    const auto& types = request.resource_types;
    return types.empty() || std::ranges::find(types, static_cast<std::int8_t>(type)) != types.end();
  };
  for (const std::int8_t number : request.resource_types) {
    if (!served(config_resource_type_of(number))) return refuse(ErrorCode::unsupported_version);
  }
  Lister lister(viewpoint, arena);
  for (const ConfigResourceType type : kTypes) {
    if (served(type) && asked(type)) OTTLA_CHECK(lister.add(type));
  }
  OTTLA_TRY(response.config_resources, lister.finish());
  return {};
}

}  // namespace ottla::metadata
