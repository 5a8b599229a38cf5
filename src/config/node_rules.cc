#include "config/node_rules.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "config/java_numbers.h"
#include "config/listeners.h"
#include "config/node_key.h"
#include "config/quorum_addresses.h"

namespace ottla::config {
namespace {

using Answer = std::optional<std::string>;  // what is wrong

struct View {
  const NodeConfig& config;
  const NodeShape& shape;

  template <KeyName kName>
  auto get() const {
    return config.get(node_key<kName>);
  }
};

enum class Needs : std::uint8_t { values, listeners };
enum class Form : std::uint8_t { plain, requirement };

struct Rule {
  std::string_view name;
  Needs needs;
  Form form;
  Answer (*judge)(const View&);
};

Answer unless(bool fine, std::string_view text) {
  return fine ? Answer() : Answer(std::string(text));
}

std::vector<std::string> names_of(const std::vector<Endpoint>& endpoints) {
  std::vector<std::string> names;
  for (const Endpoint& each : endpoints) names.push_back(each.listener);
  return names;
}

bool holds(const std::vector<std::string>& all, std::string_view one) {
  return std::ranges::find(all, one) != all.end();
}

bool everywhere(const std::vector<Endpoint>& endpoints) {
  return std::ranges::find(endpoints, "0.0.0.0", &Endpoint::host) != endpoints.end();
}

std::string shown_voters(const NodeShape& shape) {
  std::set<std::int32_t> ids;
  for (const QuorumVoter& each : shape.voters) ids.insert(each.id);
  return fmt::format("Set({})", fmt::join(ids, ", "));
}

bool is_voter(const View& view) {
  const std::int32_t id = view.get<"node.id">();
  return std::ranges::find(view.shape.voters, id, &QuorumVoter::id) != view.shape.voters.end();
}

Answer early_listeners_exist(const View& view) {
  const auto early = view.get<"early.start.listeners">();
  if (!early) return std::nullopt;
  const auto listeners = names_of(view.shape.listeners);
  for (const std::string& each : *early) {
    if (each.empty() || holds(listeners, each)) continue;
    return fmt::format(
        "early.start.listeners contains listener {}, but this is not contained in listeners or "
        "controller.listener.names",
        each);
  }
  return std::nullopt;
}

Answer classic_groups_stay(const View& view) {
  return unless(holds(view.get<"group.coordinator.rebalance.protocols">(), "classic"),
                "Disabling the 'classic' protocol is not supported.");
}

Answer one_node_id(const View& view) {
  return unless(
      view.get<"node.id">() == view.get<"broker.id">(),
      "`node.id` and `broker.id` must be set to the same value. `broker.id` is deprecated, please use "
      "`node.id` instead.");
}

Answer roll_time(const View& view) {
  return unless(log_roll_ms(view.config) >= 1, "log.roll.ms must be greater than or equal to 1");
}

Answer roll_jitter(const View& view) {
  return unless(log_roll_jitter_ms(view.config) >= 0,
                "log.roll.jitter.ms must be greater than or equal to 0");
}

Answer retention(const View& view) {
  const std::int64_t ms = log_retention_ms(view.config);
  return unless(ms >= 1 || ms == -1,
                "log.retention.ms must be unlimited (-1) or, greater than or equal to 1");
}

Answer log_directory(const View& view) {
  return unless(!log_directories(view.config).empty(),
                "At least one log directory must be defined via log.dirs or log.dir.");
}

Answer cleaner_memory(const View& view) {
  const std::int32_t threads = view.get<"log.cleaner.threads">();
  if (threads == 0) return "log.cleaner.threads must be at least 1";
  return unless(view.get<"log.cleaner.dedupe.buffer.size">() / threads > 1024 * 1024,
                "log.cleaner.dedupe.buffer.size must be at least 1MB per cleaner thread.");
}

Answer fetch_within_socket_timeout(const View& view) {
  return unless(
      view.get<"replica.fetch.wait.max.ms">() <= view.get<"replica.socket.timeout.ms">(),
      "replica.socket.timeout.ms should always be at least replica.fetch.wait.max.ms to prevent unnecessary "
      "socket timeouts");
}

Answer fetch_within_lag(const View& view) {
  return unless(
      view.get<"replica.fetch.wait.max.ms">() <= view.get<"replica.lag.time.max.ms">(),
      "replica.fetch.wait.max.ms should always be less than or equal to replica.lag.time.max.ms to prevent "
      "frequent changes in ISR");
}

Answer voters_are_routable(const View& view) {
  for (const QuorumVoter& each : view.shape.voters) {
    if (each.address.host == "0.0.0.0") return "Host string (0.0.0.0) is not routeable";
  }
  return std::nullopt;
}

Answer quorum_is_named(const View& view) {
  return unless(
      !view.shape.voters.empty() || !view.get<"controller.quorum.bootstrap.servers">().empty(),
      "If using process.roles, either controller.quorum.bootstrap.servers must contain the set of bootstrap "
      "controllers or controller.quorum.voters must contain a parseable set of controllers.");
}

bool broker_only(const View& view) {
  return view.shape.broker && !view.shape.controller;
}
bool controller_only(const View& view) {
  return view.shape.controller && !view.shape.broker;
}

Answer broker_is_no_voter(const View& view) {
  if (!broker_only(view) || !is_voter(view)) return std::nullopt;
  return fmt::format(
      "If process.roles contains just the 'broker' role, the node id {} must not be included in the set of "
      "voters "
      "controller.quorum.voters={}",
      view.get<"node.id">(), shown_voters(view.shape));
}

Answer broker_knows_controllers(const View& view) {
  return unless(
      !broker_only(view) || !view.shape.controller_names.empty(),
      "controller.listener.names must contain at least one value when running KRaft with just the broker "
      "role");
}

Answer broker_opens_no_controller_listener(const View& view) {
  return unless(
      !broker_only(view) || view.shape.controller_listeners().empty(),
      "controller.listener.names must not contain a value appearing in the 'listeners' configuration when "
      "running KRaft with just the broker role");
}

Answer controller_listeners_have_protocols(const View& view) {
  if (!broker_only(view)) return std::nullopt;
  for (const std::string& each : view.shape.controller_names) {
    const std::string name = upper_case(each);
    if (view.shape.protocols.contains(name)) continue;
    return fmt::format(
        "Controller listener with name {} defined in controller.listener.names not found in "
        "listener.security.protocol.map  (an explicit security mapping for each controller listener is "
        "required if "
        "listener.security.protocol.map is non-empty, or if there are security protocols other than "
        "PLAINTEXT in "
        "use)",
        name);
  }
  return std::nullopt;
}

Answer broker_joins_no_quorum(const View& view) {
  return unless(
      !broker_only(view) || !view.get<"controller.quorum.auto.join.enable">(),
      "controller.quorum.auto.join.enable is only supported when process.roles contains the 'controller' "
      "role.");
}

Answer controller_opens_nothing_else(const View& view) {
  return unless(
      !controller_only(view) || view.shape.advertised_by_controller().size() == view.shape.listeners.size(),
      "The listeners config must only contain KRaft controller listeners from controller.listener.names "
      "when process.roles=controller");
}

Answer controller_names_no_broker_listener(const View& view) {
  if (!controller_only(view) || !view.get<"inter.broker.listener.name">()) return std::nullopt;
  return unless(
      !view.shape.is_controller_listener(view.shape.inter_broker_listener),
      "controller.listener.names must not contain an explicitly set inter.broker.listener.name configuration "
      "value when process.roles=controller'");
}

Answer controller_is_voter(const View& view) {
  if (!view.shape.controller || view.shape.voters.empty() || is_voter(view)) return std::nullopt;
  return fmt::format(
      "If process.roles contains the 'controller' role, the node id {} must be included in the set of voters "
      "controller.quorum.voters={}",
      view.get<"node.id">(), shown_voters(view.shape));
}

Answer controller_listens(const View& view) {
  return unless(
      !view.shape.controller || !view.shape.advertised_by_controller().empty(),
      "controller.listener.names must contain at least one value appearing in the 'listeners' configuration "
      "when running the KRaft controller role");
}

Answer controller_names_are_listeners(const View& view) {
  if (!view.shape.controller) return std::nullopt;
  const auto listeners = names_of(view.shape.listeners);
  return unless(
      std::ranges::all_of(view.shape.controller_names,
                          [&](const std::string& each) { return holds(listeners, each); }),
      "controller.listener.names must only contain values appearing in the 'listeners' configuration when "
      "running the KRaft controller role");
}

Answer broker_advertises(const View& view) {
  return unless(!view.shape.broker || !view.shape.advertised_to_clients().empty(),
                "There must be at least one broker advertised listener. Perhaps all listeners appear in "
                "controller.listener.names?");
}

Answer inter_broker_is_advertised(const View& view) {
  if (!view.shape.broker) return std::nullopt;
  const auto names = names_of(view.shape.advertised_to_clients());
  if (holds(names, view.shape.inter_broker_listener)) return std::nullopt;
  return fmt::format(
      "inter.broker.listener.name must be a listener name defined in advertised.listeners. The valid options "
      "based on "
      "currently configured listeners are {}",
      fmt::join(names, ","));
}

Answer advertised_are_listeners(const View& view) {
  if (!view.shape.broker) return std::nullopt;
  const auto names = names_of(view.shape.advertised_to_clients());
  const auto listeners = names_of(view.shape.listeners);
  if (std::ranges::all_of(names, [&](const std::string& each) { return holds(listeners, each); })) {
    return std::nullopt;
  }
  return fmt::format(
      "advertised.listeners listener names must be equal to or a subset of the ones defined in listeners. "
      "Found {}. The "
      "valid options based on the current configuration are {}",
      fmt::join(names, ","), fmt::join(listeners, ","));
}

Answer all_cordoned_alone(const View& view) {
  const List cordoned = view.get<"cordoned.log.dirs">();
  return unless(!holds(cordoned, "*") || cordoned.size() == 1,
                "When cordoned.log.dirs is set to *, it must not contain other values");
}

Answer cordoned_exist(const View& view) {
  const List cordoned = view.get<"cordoned.log.dirs">();
  if (holds(cordoned, "*")) return std::nullopt;
  const List directories = log_directories(view.config);
  List missing;
  for (const std::string& each : cordoned) {
    if (!holds(directories, each)) missing.push_back(each);
  }
  if (missing.empty()) return std::nullopt;
  return fmt::format(
      "All entries in cordoned.log.dirs must be present in log.dirs or log.dir. Missing entries : {}",
      fmt::join(missing, ", "));
}

Answer advertised_are_routable(const View& view) {
  return unless(
      !everywhere(view.shape.advertised_to_clients()) && !everywhere(view.shape.advertised_by_controller()),
      "advertised.listeners cannot use the nonroutable meta-address 0.0.0.0. Use a routable IP address.");
}

Answer inter_broker_mechanism(const View& view) {
  const SecurityProtocol protocol = view.shape.inter_broker_protocol;
  if (protocol != SecurityProtocol::sasl_plaintext && protocol != SecurityProtocol::sasl_ssl)
    return std::nullopt;
  List mechanisms = view.get<"sasl.enabled.mechanisms">();
  std::string prefix =
      fmt::format("listener.name.{}.sasl.enabled.mechanisms", view.shape.inter_broker_listener);
  std::ranges::transform(prefix, prefix.begin(), [](char each) {
    return each >= 'A' && each <= 'Z' ? static_cast<char>(each | 0x20) : each;
  });
  if (const auto own = view.config.texts().find(prefix); own != view.config.texts().end()) {
    mechanisms = java_list(own->second);
  }
  return unless(holds(mechanisms, view.get<"sasl.mechanism.inter.broker.protocol">()),
                "sasl.mechanism.inter.broker.protocol must be included in sasl.enabled.mechanisms when SASL "
                "is used for "
                "inter-broker communication");
}

Answer queue_holds_a_request(const View& view) {
  const std::int64_t queue = view.get<"queued.max.request.bytes">();
  return unless(queue <= 0 || queue >= view.get<"socket.request.max.bytes">(),
                "queued.max.request.bytes must be larger or equal to socket.request.max.bytes");
}

Answer someone_may_connect(const View& view) {
  return unless(
      view.get<"max.connections.per.ip">() != 0 || !view.get<"max.connections.per.ip.overrides">().empty(),
      "max.connections.per.ip can be set to zero only if max.connections.per.ip.overrides property is set.");
}

Answer overrides_name_hosts(const View& view) {
  constexpr std::string_view kKey = "max.connections.per.ip.overrides";
  const auto pairs = parse_pairs(kKey, view.get<"max.connections.per.ip.overrides">());
  if (!pairs.ok()) return std::string(pairs.error().text());
  List wrong;
  for (const auto& [host, count] : *pairs) {
    if (!is_host_pattern(host)) wrong.push_back(host);
  }
  if (wrong.empty()) return std::nullopt;
  return fmt::format("{} contains invalid addresses : {}", kKey, fmt::join(wrong, ","));
}

Answer failures_are_told_in_time(const View& view) {
  const std::int32_t delay = view.get<"connection.failed.authentication.delay.ms">();
  const std::int64_t idle = view.get<"connections.max.idle.ms">();
  if (idle < 0 || delay < idle) return std::nullopt;
  return fmt::format(
      "connection.failed.authentication.delay.ms={} should always be less than connections.max.idle.ms={} to "
      "prevent "
      "failed authentication responses from timing out",
      delay, idle);
}

constexpr Rule kRules[] = {
    {"early-listeners-exist", Needs::listeners, Form::plain, early_listeners_exist},
    {"classic-groups-stay", Needs::values, Form::plain, classic_groups_stay},
    {"one-node-id", Needs::values, Form::plain, one_node_id},
    {"roll-time", Needs::values, Form::requirement, roll_time},
    {"roll-jitter", Needs::values, Form::requirement, roll_jitter},
    {"retention", Needs::values, Form::requirement, retention},
    {"log-directory", Needs::values, Form::requirement, log_directory},
    {"cleaner-memory", Needs::values, Form::requirement, cleaner_memory},
    {"fetch-within-socket-timeout", Needs::values, Form::requirement, fetch_within_socket_timeout},
    {"fetch-within-lag", Needs::values, Form::requirement, fetch_within_lag},
    {"voters-are-routable", Needs::values, Form::plain, voters_are_routable},
    {"quorum-is-named", Needs::values, Form::plain, quorum_is_named},
    {"broker-is-no-voter", Needs::values, Form::requirement, broker_is_no_voter},
    {"broker-knows-controllers", Needs::values, Form::requirement, broker_knows_controllers},
    {"broker-opens-no-controller-listener", Needs::listeners, Form::requirement,
     broker_opens_no_controller_listener},
    {"controller-listeners-have-protocols", Needs::listeners, Form::plain,
     controller_listeners_have_protocols},
    {"broker-joins-no-quorum", Needs::values, Form::requirement, broker_joins_no_quorum},
    {"controller-opens-nothing-else", Needs::listeners, Form::requirement, controller_opens_nothing_else},
    {"controller-names-no-broker-listener", Needs::listeners, Form::requirement,
     controller_names_no_broker_listener},
    {"controller-is-voter", Needs::values, Form::requirement, controller_is_voter},
    {"controller-listens", Needs::listeners, Form::requirement, controller_listens},
    {"controller-names-are-listeners", Needs::listeners, Form::requirement, controller_names_are_listeners},
    {"broker-advertises", Needs::listeners, Form::requirement, broker_advertises},
    {"inter-broker-is-advertised", Needs::listeners, Form::requirement, inter_broker_is_advertised},
    {"advertised-are-listeners", Needs::listeners, Form::requirement, advertised_are_listeners},
    {"all-cordoned-alone", Needs::values, Form::requirement, all_cordoned_alone},
    {"cordoned-exist", Needs::values, Form::requirement, cordoned_exist},
    {"advertised-are-routable", Needs::listeners, Form::requirement, advertised_are_routable},
    {"inter-broker-mechanism", Needs::listeners, Form::requirement, inter_broker_mechanism},
    {"queue-holds-a-request", Needs::values, Form::requirement, queue_holds_a_request},
    {"someone-may-connect", Needs::values, Form::requirement, someone_may_connect},
    {"overrides-name-hosts", Needs::values, Form::plain, overrides_name_hosts},
    {"failures-are-told-in-time", Needs::values, Form::requirement, failures_are_told_in_time},
};

}  // namespace

std::vector<Broken> broken_rules(const NodeConfig& config, const NodeShape& shape) {
  const View view{.config = config, .shape = shape};
  std::vector<Broken> broken;
  for (const Rule& rule : kRules) {
    if (rule.needs == Needs::listeners && !shape.complete) continue;
    auto text = rule.judge(view);
    if (!text) continue;
    broken.push_back(
        {.rule = rule.name, .text = *std::move(text), .requirement = rule.form == Form::requirement});
  }
  return broken;
}

std::vector<std::string> doubts(const NodeConfig& config, const NodeShape& shape) {
  std::vector<std::string> found;
  if (shape.broker && !shape.controller && shape.controller_names.size() > 1) {
    found.push_back(fmt::format("controller.listener.names: a broker uses only the first of {}",
                                fmt::join(shape.controller_names, ", ")));
  }
  if (config.get(node_key<"broker.heartbeat.interval.ms">) >
      config.get(node_key<"broker.session.timeout.ms">) / 2) {
    found.emplace_back(
        "broker.heartbeat.interval.ms is more than half of broker.session.timeout.ms: one lost heartbeat may "
        "fence a "
        "broker");
  }
  return found;
}

}  // namespace ottla::config
