// What configurations are of: a topic, a broker (by its number; empty: all brokers), a group, a client-metrics
// subscription.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace ottla::metadata {

enum class ConfigResourceType : std::int8_t {
  unknown = 0,
  topic = 2,
  broker = 4,
  broker_logger = 8,
  client_metrics = 16,
  group = 32,
};

// `unknown` for numbers that mean nothing.
constexpr ConfigResourceType config_resource_type_of(std::int8_t number) {
  switch (number) {
    case 2:
    case 4:
    case 8:
    case 16:
    case 32:
      return static_cast<ConfigResourceType>(number);
    default:
      return ConfigResourceType::unknown;
  }
}
// TOPIC
std::string_view name_of(ConfigResourceType type);

struct ConfigResource;

struct ConfigResourceView {
  constexpr ConfigResourceView(ConfigResourceType resource_type, std::string_view resource_name)
      : type(resource_type), name(resource_name) {}
  constexpr ConfigResourceView(const ConfigResource& resource);

  ConfigResourceType type;
  std::string_view name;

  friend constexpr auto operator<=>(const ConfigResourceView&, const ConfigResourceView&) = default;
};

struct ConfigResource {
  ConfigResource() = default;
  explicit ConfigResource(const ConfigResourceView& view) : type(view.type), name(view.name) {}

  ConfigResourceType type = ConfigResourceType::unknown;
  std::string name;

  friend bool operator==(const ConfigResource&, const ConfigResource&) = default;
};

constexpr ConfigResourceView::ConfigResourceView(const ConfigResource& resource)
    : ConfigResourceView(resource.type, resource.name) {}

struct ByConfigResource {
  bool operator()(const ConfigResourceView& a, const ConfigResourceView& b) const { return a < b; }
};

}  // namespace ottla::metadata
