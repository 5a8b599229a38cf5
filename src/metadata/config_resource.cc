#include "metadata/config_resource.h"

namespace ottla::metadata {

std::string_view name_of(ConfigResourceType type) {
  switch (type) {
    case ConfigResourceType::unknown:
      return "UNKNOWN";
    case ConfigResourceType::topic:
      return "TOPIC";
    case ConfigResourceType::broker:
      return "BROKER";
    case ConfigResourceType::broker_logger:
      return "BROKER_LOGGER";
    case ConfigResourceType::client_metrics:
      return "CLIENT_METRICS";
    case ConfigResourceType::group:
      return "GROUP";
  }
  return "";
}

}  // namespace ottla::metadata
