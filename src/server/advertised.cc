#include "server/advertised.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace ottla::server {

std::vector<config::Endpoint> with_real_ports(std::vector<config::Endpoint> endpoints,
                                              const std::vector<BoundListener>& bound,
                                              std::string_view host) {
  for (config::Endpoint& each : endpoints) {
    if (each.host.empty()) each.host = host;
    if (each.port != 0) continue;
    const auto found = std::ranges::find(bound, each.listener, &BoundListener::name);
    if (found != bound.end()) each.port = found->address.port();
  }
  return endpoints;
}

std::vector<metadata::Listener> as_registered(const std::vector<config::Endpoint>& endpoints) {
  std::vector<metadata::Listener> listeners;
  for (const config::Endpoint& each : endpoints) {
    listeners.push_back({.name = each.listener,
                         .host = each.host,
                         .port = static_cast<std::uint16_t>(each.port),
                         .protocol = static_cast<metadata::SecurityProtocol>(each.protocol)});
  }
  return listeners;
}

}  // namespace ottla::server
