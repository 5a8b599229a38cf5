#include "server/connection_caps.h"

#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/listeners.h"
#include "config/node_key.h"
#include "runtime/network.h"
#include "runtime/shard.h"

namespace ottla::server {
namespace {

using config::node_key;

std::optional<std::int32_t> number(std::string_view text) {
  std::int32_t value = 0;
  const auto [end, fault] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (fault != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text;
}

// Of a listener: its own value, or that of all.
std::int32_t listener_value(const config::NodeConfig& config, std::string_view listener, std::string_view key,
                            std::int32_t general) {
  std::string name("listener.name.");
  name.append(lower_case(std::string(listener))).append(".").append(key);
  const auto found = config.texts().find(name);
  if (found == config.texts().end()) return general;
  return number(found->second).value_or(general);
}

}  // namespace

RateWindows quota_windows(const config::NodeConfig& config) {
  return {.count = config.get(node_key<"quota.window.num">),
          .length_ms = std::int64_t{1000} * config.get(node_key<"quota.window.size.seconds">)};
}

RateWindows controller_quota_windows(const config::NodeConfig& config) {
  return {.count = config.get(node_key<"controller.quota.window.num">),
          .length_ms = std::int64_t{1000} * config.get(node_key<"controller.quota.window.size.seconds">)};
}

Task<ConnectionCaps> connection_caps(config::NodeConfig config, config::NodeShape shape, Cancel cancel) {
  ConnectionCaps caps;
  caps.most = config.get(node_key<"max.connections">);
  caps.rate_per_second = config.get(node_key<"max.connection.creation.rate">);
  caps.most_per_ip = config.get(node_key<"max.connections.per.ip">);
  for (const config::Endpoint& each : shape.listeners) {
    caps.listeners[each.listener] = {
        .most = listener_value(config, each.listener, "max.connections", caps.most),
        .rate_per_second =
            listener_value(config, each.listener, "max.connection.creation.rate", caps.rate_per_second)};
  }
  const auto overrides = config::parse_pairs("max.connections.per.ip.overrides",
                                             config.get(node_key<"max.connections.per.ip.overrides">));
  if (!overrides.ok()) co_return caps;
  for (const auto& [host, text] : *overrides) {
    const std::optional<std::int32_t> most = number(text);
    if (!most) continue;
    const Result<std::vector<Address>> found = co_await this_shard().network().resolve(host, 0, cancel);
    if (!found.ok()) continue;
    for (const Address& address : *found) caps.most_of_ip[ip_key(address)] = *most;
  }
  co_return caps;
}

}  // namespace ottla::server
