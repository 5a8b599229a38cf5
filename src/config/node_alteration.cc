#include "config/node_alteration.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "config/key.h"
#include "config/key_table.h"
#include "config/known_classes.h"
#include "config/node_key.h"
#include "config/node_rules.h"
#include "config/node_shape.h"
#include "config/synonyms.h"
#include "config/value.h"
#include "config/value_check.h"

namespace ottla::config {
namespace {

// They can be altered for one listener only.
constexpr std::string_view kOfListeners[] = {"ssl.key.password",
                                             "ssl.keystore.certificate.chain",
                                             "ssl.keystore.key",
                                             "ssl.keystore.location",
                                             "ssl.keystore.password",
                                             "ssl.keystore.type",
                                             "ssl.truststore.certificates",
                                             "ssl.truststore.location",
                                             "ssl.truststore.password",
                                             "ssl.truststore.type"};
// Of a listener's keys, these alone can be altered for all brokers.
constexpr std::string_view kClusterLevelOfListeners[] = {"num.network.threads",
                                                         "max.connection.creation.rate", "max.connections"};

Error refused(std::string text) {
  return Error(Errc::invalid_argument, std::move(text));
}

template <typename Range>
bool holds(const Range& all, std::string_view one) {
  return std::ranges::find(all, one) != std::end(all);
}

template <typename Wrong>
Result<> refuse_any(const Texts& altered, std::string_view why, Wrong wrong) {
  List names;
  for (const auto& [name, text] : altered) {
    if (wrong(name)) names.push_back(name);
  }
  if (names.empty()) return {};
  return refused(fmt::format("{}: [{}]", why, fmt::join(names, ", ")));
}

bool is_fixed(std::string_view name) {
  const Key* key = find_key(Scope::node, name);
  return key != nullptr && key->update == UpdateMode::read_only;
}

bool is_of_one_broker(std::string_view name) {
  if (const auto listener = split_listener_key(name)) return !holds(kClusterLevelOfListeners, listener->base);
  const Key* key = find_key(Scope::node, name);
  return key != nullptr && key->update == UpdateMode::per_broker;
}

Result<> check_types(const Texts& altered) {
  for (const auto& [name, text] : altered) {
    const auto listener = split_listener_key(name);
    const std::string_view base = listener ? listener->base : std::string_view(name);
    const Key* key = find_key(Scope::node, base);
    if (key == nullptr) key = find_key(Scope::broker_throttle, base);
    if (key == nullptr || (key->update == UpdateMode::read_only)) continue;
    OTTLA_TRY(const Value value, parse_type(*key, text));
    OTTLA_CHECK(check_value(*key, value));
  }
  return {};
}

Result<> check_threads(std::string_view name, std::int32_t now, std::int32_t then) {
  if (then == now) return {};
  const std::string failed =
      fmt::format("Dynamic thread count update validation failed for {}={}", name, then);
  if (then <= 0) return refused(fmt::format("{}, value should be at least 1", failed));
  if (then < now / 2) {
    return refused(fmt::format("{}, value should be at least half the current value {}", failed, now));
  }
  if (then > std::int64_t{now} * 2) {
    return refused(
        fmt::format("{}, value should not be greater than double the current value {}", failed, now));
  }
  return {};
}

// Numbers of threads change in steps.
Result<> check_steps(const NodeConfig& now, const NodeConfig& then) {
  for (const NodeKey<std::int32_t> key :
       {node_key<"num.io.threads">, node_key<"num.network.threads">, node_key<"num.replica.fetchers">,
        node_key<"num.recovery.threads.per.data.dir">, node_key<"background.threads">}) {
    OTTLA_CHECK(check_threads(key.row().name, now.get(key), then.get(key)));
  }
  const std::int32_t cleaners = now.get(node_key<"log.cleaner.threads">);
  const std::int32_t wanted = then.get(node_key<"log.cleaner.threads">);
  if (wanted < 1) return refused("Log cleaner threads should be at least 1");
  if (wanted < cleaners / 2) {
    return refused(fmt::format("Log cleaner threads cannot be reduced to less than half the current value {}",
                               cleaners));
  }
  if (wanted > std::int64_t{cleaners} * 2) {
    return refused(fmt::format(
        "Log cleaner threads cannot be increased to more than double the current value {}", cleaners));
  }
  return {};
}

Error bad(std::string_view key, std::int64_t value, std::string_view why) {
  return refused(fmt::format("Invalid value {} for configuration {}: {}", value, key, why));
}

// What stays locally is part of what stays at all, and uploads come before local deletion.
Result<> check_local(std::string_view local_key, std::int64_t local, std::string_view key,
                     std::int64_t retention) {
  if (retention == -1 || local == -2) return {};
  if (local == -1) {
    return bad(local_key, local,
               fmt::format("Value must not be -1 as {} value is set as {}.", key, retention));
  }
  if (local > retention) {
    return bad(local_key, local,
               fmt::format("Value must not be more than {} property value: {}", key, retention));
  }
  return {};
}

Result<> check_lag(std::string_view lag_key, std::int64_t lag, std::string_view local_key, std::int64_t local,
                   std::int64_t retention) {
  const std::int64_t effective = local == -2 ? retention : local;
  if (lag <= 0 || effective < 0 || lag <= effective) return {};
  return bad(lag_key, lag,
             fmt::format("Value must not exceed {} (effective value: {})", local_key, effective));
}

Result<> check_tiers(const NodeConfig& then) {
  const std::int64_t ms = log_retention_ms(then);
  const std::int64_t bytes = then.get(node_key<"log.retention.bytes">);
  const std::int64_t local_ms = then.get(node_key<"log.local.retention.ms">);
  const std::int64_t local_bytes = then.get(node_key<"log.local.retention.bytes">);
  OTTLA_CHECK(check_local("log.local.retention.ms", local_ms, "log.retention.ms", ms));
  OTTLA_CHECK(
      check_local("log.local.retention.bytes", local_bytes, "log.retention.bytes", bytes < 0 ? -1 : bytes));
  OTTLA_CHECK(check_lag("log.remote.copy.lag.ms", then.get(node_key<"log.remote.copy.lag.ms">),
                        "log.local.retention.ms", local_ms, ms));
  return check_lag("log.remote.copy.lag.bytes", then.get(node_key<"log.remote.copy.lag.bytes">),
                   "log.local.retention.bytes", local_bytes, bytes);
}

// Zero would lock everybody out. The same keys of single listeners are meant too.
Result<> check_connections(const Texts& then) {
  for (const auto& [name, text] : then) {
    const auto listener = split_listener_key(name);
    const std::string_view base = listener ? listener->base : std::string_view(name);
    if (base != "max.connections" && base != "max.connection.creation.rate") continue;
    if (parse_type(*find_key(Scope::node, base), text).value_or(Value(0)) == Value(0)) {
      return refused(fmt::format("Invalid {} 0", base));
    }
  }
  return {};
}

Result<> check_reporters(const NodeConfig& now, const NodeConfig& then) {
  constexpr auto kReporters = node_key<"metric.reporters">;
  const List reporters = then.get(kReporters);
  const bool known =
      std::ranges::all_of(reporters, [](const std::string& each) { return is_known_class(each); });
  if (known || reporters == now.get(kReporters)) return {};
  return refused(
      "Validation of dynamic config update of Set(metric.reporters) failed with class class "
      "kafka.server.DynamicMetricsReporters");
}

// Keys that make the reference look at its listeners again when they are altered.
bool concerns_listeners(std::string_view name) {
  constexpr std::string_view kNames[] = {"listeners", "listener.security.protocol.map",
                                         "principal.builder.class"};
  return holds(kNames, name) || holds(kClusterLevelOfListeners, name) || name.starts_with("ssl.") ||
         name.starts_with("sasl.");
}

Texts concerning_listeners(const Texts& all) {
  Texts found;
  std::ranges::copy_if(all, std::inserter(found, found.end()),
                       [](const auto& each) { return concerns_listeners(each.first); });
  return found;
}

// What is said of a listener alone and cannot change as long as it is open.
Texts fixed_keys_of(const Texts& all, std::string_view listener) {
  Texts found;
  for (const auto& [name, text] : all) {
    const auto split = split_listener_key(name);
    if (!split || upper_case(split->listener) != listener) continue;
    if (!holds(kOfListeners, split->base) && !holds(kClusterLevelOfListeners, split->base))
      found.emplace(name, text);
  }
  return found;
}

std::string set_of_listeners(const std::vector<Endpoint>& endpoints) {
  std::vector<std::string> names;
  for (const Endpoint& each : endpoints) names.push_back(fmt::format("ListenerName({})", each.listener));
  return fmt::format("Set({})", fmt::join(names, ", "));
}

// Listeners that others were told of stay, and a listener that stays keeps its protocol and its own keys.
Result<> check_listeners(const NodeConfig& config_now, const NodeShape& now, const NodeConfig& config_then,
                         const NodeShape& then) {
  if (concerning_listeners(config_now.texts()) == concerning_listeners(config_then.texts())) return {};
  const std::vector<Endpoint> told = now.advertised_to_clients();
  const bool all_stay = std::ranges::all_of(told, [&](const Endpoint& each) {
    return std::ranges::find(then.listeners, each.listener, &Endpoint::listener) != then.listeners.end();
  });
  if (!all_stay) {
    return refused(fmt::format("Advertised listeners '{}' must be a subset of listeners '{}'",
                               set_of_listeners(told), set_of_listeners(then.listeners)));
  }
  for (const Endpoint& each : then.listeners) {
    if (std::ranges::find(now.listeners, each.listener, &Endpoint::listener) == now.listeners.end()) continue;
    if (fixed_keys_of(config_now.texts(), each.listener) == fixed_keys_of(config_then.texts(), each.listener))
      continue;
    return refused(
        fmt::format("Configs cannot be updated dynamically for existing listener ListenerName({}), restart "
                    "broker or create a new listener for update",
                    each.listener));
  }
  for (const Endpoint& each : then.listeners) {
    const auto old = std::ranges::find(now.listeners, each.listener, &Endpoint::listener);
    if (old != now.listeners.end() && old->protocol != each.protocol) {
      return refused(fmt::format("Security protocol cannot be updated for existing listener ListenerName({})",
                                 each.listener));
    }
  }
  return {};
}

// What running parts of a broker say to a change. The reference wraps their words twice.
Result<> check_running_parts(const NodeConfig& now, const NodeShape& shape_now, const NodeConfig& then,
                             const NodeShape& shape) {
  const auto all = [&]() -> Result<> {
    OTTLA_CHECK(check_steps(now, then));
    OTTLA_CHECK(check_tiers(then));
    OTTLA_CHECK(check_connections(then.texts()));
    OTTLA_CHECK(check_reporters(now, then));
    return check_listeners(now, shape_now, then, shape);
  };
  const Result<> checked = all();
  if (checked.ok()) return {};
  return refused(fmt::format(
      "Invalid value org.apache.kafka.common.config.ConfigException: {} for configuration Invalid dynamic "
      "configuration",
      checked.error().text()));
}

}  // namespace

Result<> check_node_alteration(const NodeLayers& now, Level level, const Texts& altered) {
  OTTLA_CHECK(refuse_any(altered, "Cannot update these configs dynamically", is_fixed));
  OTTLA_CHECK(refuse_any(
      altered,
      "These security configs can be dynamically updated only per-listener using the listener prefix",
      [](std::string_view name) { return holds(kOfListeners, name); }));
  OTTLA_CHECK(check_types(altered));
  if (level == Level::cluster) {
    OTTLA_CHECK(refuse_any(
        altered, "Cannot update these configs at default cluster level, broker id must be specified",
        is_of_one_broker));
  }
  std::vector<Problem> problems;
  const NodeConfig before = NodeConfig::read(now.effective(), problems);
  const NodeShape shape_before = NodeShape::of(before, problems);
  problems.clear();
  NodeLayers layers = now;
  (level == Level::cluster ? layers.cluster : layers.broker) = altered;
  const NodeConfig then = NodeConfig::read(layers.effective(), problems);
  const NodeShape shape = NodeShape::of(then, problems);
  if (!problems.empty()) return refused(problems.front().text);
  if (const auto broken = broken_rules(then, shape); !broken.empty()) {
    const std::string_view form = broken.front().requirement ? "requirement failed: " : "";
    return refused(fmt::format("{}{}", form, broken.front().text));
  }
  return check_running_parts(before, shape_before, then, shape);
}

}  // namespace ottla::config
