#include "config/node_shape.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "config/node_key.h"

namespace ottla::config {
namespace {

constexpr std::int64_t kMinute = 60'000;
constexpr std::int64_t kHour = 3'600'000;

bool needs_more_than_plaintext(std::string_view name) {
  return name == "SSL" || name == "SASL_SSL" || name == "SASL_PLAINTEXT";
}

// What listener.security.protocol.map says; when nobody set it, listeners of controllers are plain unless a name asks
// for more.
Result<ProtocolMap> protocols_of(const NodeConfig& config, const List& controller_names) {
  OTTLA_TRY(ProtocolMap map, parse_protocol_map(config.get(node_key<"listener.security.protocol.map">)));
  if (config.is_set("listener.security.protocol.map")) return map;
  if (std::ranges::any_of(controller_names, needs_more_than_plaintext)) return map;
  for (const std::string& entry : config.get(node_key<"listeners">)) {
    OTTLA_TRY(const std::string name, parse_listener_name(entry));
    if (needs_more_than_plaintext(name)) return map;
  }
  for (const std::string& name : controller_names) map.insert_or_assign(name, SecurityProtocol::plaintext);
  return map;
}

struct InterBroker {
  std::string listener;
  SecurityProtocol protocol;
};

Result<InterBroker> inter_broker_of(const NodeConfig& config, const ProtocolMap& protocols) {
  const auto name = config.get(node_key<"inter.broker.listener.name">);
  if (!name) {
    const auto protocol = security_protocol(config.get(node_key<"security.inter.broker.protocol">))
                              .value_or(SecurityProtocol::plaintext);
    return InterBroker{.listener = std::string(name_of(protocol)), .protocol = protocol};
  }
  if (config.is_set("security.inter.broker.protocol")) {
    return Error(Errc::invalid_argument,
                 "Only one of inter.broker.listener.name and security.inter.broker.protocol should be set.");
  }
  std::string listener = upper_case(*name);
  const auto known = protocols.find(listener);
  if (known == protocols.end()) {
    return Error(Errc::invalid_argument,
                 fmt::format("Listener with name {} defined in inter.broker.listener.name not "
                             "found in listener.security.protocol.map.",
                             listener));
  }
  return InterBroker{.listener = std::move(listener), .protocol = known->second};
}

// The value, or nothing after a problem was noted.
template <typename T>
std::optional<T> noted(Result<T> result, std::string_view key, std::vector<Problem>& problems) {
  if (result.ok()) return *std::move(result);
  problems.push_back({.key = std::string(key), .text = std::string(result.error().text())});
  return std::nullopt;
}

}  // namespace

NodeShape NodeShape::of(const NodeConfig& config, std::vector<Problem>& problems) {
  NodeShape shape;
  const List roles = config.get(node_key<"process.roles">);
  shape.broker = std::ranges::find(roles, "broker") != roles.end();
  shape.controller = std::ranges::find(roles, "controller") != roles.end();
  shape.controller_names = config.get(node_key<"controller.listener.names">);
  shape.voters = parse_quorum_voters(config.get(node_key<"controller.quorum.voters">)).value_or({});

  auto protocols =
      noted(protocols_of(config, shape.controller_names), "listener.security.protocol.map", problems);
  if (!protocols) return shape;
  shape.protocols = *std::move(protocols);
  auto listeners = noted(parse_endpoints(config.get(node_key<"listeners">), shape.protocols, Ports::differ),
                         "listeners", problems);
  if (!listeners) return shape;
  shape.listeners = *std::move(listeners);
  shape.advertised = shape.listeners;
  if (const auto entries = config.get(node_key<"advertised.listeners">)) {
    auto advertised = noted(parse_endpoints(*entries, shape.protocols, Ports::may_repeat),
                            "advertised.listeners", problems);
    if (!advertised) return shape;
    shape.advertised = *std::move(advertised);
    shape.advertised_is_set = true;
  }
  auto inter_broker = noted(inter_broker_of(config, shape.protocols), "inter.broker.listener.name", problems);
  if (!inter_broker) return shape;
  shape.inter_broker_listener = std::move(inter_broker->listener);
  shape.inter_broker_protocol = inter_broker->protocol;
  shape.complete = true;
  return shape;
}

bool NodeShape::is_controller_listener(std::string_view name) const {
  return std::ranges::find(controller_names, name) != controller_names.end();
}

std::vector<Endpoint> NodeShape::advertised_to_clients() const {
  std::vector<Endpoint> found;
  std::ranges::copy_if(advertised, std::back_inserter(found),
                       [&](const Endpoint& each) { return !is_controller_listener(each.listener); });
  return found;
}

std::vector<Endpoint> NodeShape::controller_listeners() const {
  std::vector<Endpoint> found;
  std::ranges::copy_if(listeners, std::back_inserter(found),
                       [&](const Endpoint& each) { return is_controller_listener(each.listener); });
  return found;
}

std::vector<Endpoint> NodeShape::advertised_by_controller() const {
  std::vector<Endpoint> found;
  const std::vector<Endpoint> own = controller_listeners();
  for (const std::string& name : controller_names) {
    const std::string upper = upper_case(name);
    const auto matches = [&](const Endpoint& each) {
      return each.listener == upper && is_controller_listener(each.listener);
    };
    if (const auto told = std::ranges::find_if(advertised, matches);
        advertised_is_set && told != advertised.end()) {
      found.push_back(*told);
    } else if (const auto open = std::ranges::find_if(own, matches); open != own.end()) {
      found.push_back(*open);
    }
  }
  return found;
}

std::int64_t log_roll_ms(const NodeConfig& config) {
  return config.get(node_key<"log.roll.ms">).value_or(config.get(node_key<"log.roll.hours">) * kHour);
}

std::int64_t log_roll_jitter_ms(const NodeConfig& config) {
  return config.get(node_key<"log.roll.jitter.ms">)
      .value_or(config.get(node_key<"log.roll.jitter.hours">) * kHour);
}

std::int64_t log_retention_ms(const NodeConfig& config) {
  const auto minutes = config.get(node_key<"log.retention.minutes">);
  const std::int64_t longer =
      minutes ? *minutes * kMinute : config.get(node_key<"log.retention.hours">) * kHour;
  const std::int64_t ms = config.get(node_key<"log.retention.ms">).value_or(longer);
  return ms < 0 ? -1 : ms;
}

std::int64_t log_flush_interval_ms(const NodeConfig& config) {
  return config.get(node_key<"log.flush.interval.ms">)
      .value_or(config.get(node_key<"log.flush.scheduler.interval.ms">));
}

List log_directories(const NodeConfig& config) {
  return config.get(node_key<"log.dirs">).value_or(config.get(node_key<"log.dir">));
}

}  // namespace ottla::config
