#include "cli/start/assumed_texts.h"

#include <fmt/format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/environment.h"
#include "config/node_config.h"

namespace ottla::cli {
namespace {

constexpr std::string_view kBroker = "broker";
constexpr std::string_view kController = "controller";

bool names_role(std::string_view roles, std::string_view role) {
  for (std::size_t at = 0; at <= roles.size();) {
    const std::size_t end = std::min(roles.find(',', at), roles.size());
    std::string_view word = roles.substr(at, end - at);
    while (word.starts_with(' ')) word.remove_prefix(1);
    while (word.ends_with(' ')) word.remove_suffix(1);
    if (word == role) return true;
    at = end + 1;
  }
  return false;
}

std::string value_of(const std::vector<config::Variable>& environment, std::string_view name) {
  for (const config::Variable& each : environment) {
    if (each.name == name) return each.value;
  }
  return {};
}

// Topics that this program makes for itself have one replica: there is one node.
constexpr std::string_view kOfOne[] = {
    "offsets.topic.replication.factor",      "transaction.state.log.replication.factor",
    "transaction.state.log.min.isr",         "share.coordinator.state.topic.replication.factor",
    "share.coordinator.state.topic.min.isr",
};

}  // namespace

config::Texts assumed_texts(std::string_view roles, std::uint16_t port, std::string_view data) {
  const bool broker = names_role(roles, kBroker);
  const bool controller = names_role(roles, kController);
  const auto next = static_cast<std::uint16_t>(port == 0 || port == UINT16_MAX ? 0 : port + 1);
  config::Texts texts = {
      {"process.roles", std::string(roles)}, {"node.id", "1"}, {"controller.listener.names", "CONTROLLER"}};
  std::string listeners;
  if (broker) listeners = fmt::format("PLAINTEXT://:{}", port);
  if (controller && broker) listeners += fmt::format(",CONTROLLER://localhost:{}", next);
  if (controller && !broker) listeners = fmt::format("CONTROLLER://:{}", port);
  texts.emplace("listeners", listeners);
  if (controller) {
    texts.emplace("controller.quorum.bootstrap.servers", fmt::format("localhost:{}", broker ? next : port));
  }
  for (const std::string_view each : kOfOne) texts.emplace(each, "1");
  if (!data.empty()) texts.emplace("log.dirs", data);
  return texts;
}

std::optional<std::string> said_about(std::string_view key, const std::vector<config::Variable>& environment,
                                      const std::vector<std::string>& overrides) {
  std::optional<std::string> said;
  for (const config::Variable& each : environment) {
    if (config::key_of_variable(each.name) == key) said = each.value;
  }
  for (const std::string& each : overrides) {
    const std::size_t equals = each.find('=');
    if (equals != std::string::npos && std::string_view(each).substr(0, equals) == key)
      said = each.substr(equals + 1);
  }
  return said;
}

std::optional<std::string> usual_data_directory(const std::vector<config::Variable>& environment,
                                                bool privileged) {
  // The service manager may name several.
  const std::string state = value_of(environment, "STATE_DIRECTORY");
  if (state.starts_with('/')) return state.substr(0, state.find(':'));
  if (privileged) return "/var/lib/ottla";
  const std::string data = value_of(environment, "XDG_DATA_HOME");
  if (data.starts_with('/')) return data + "/ottla";
  const std::string home = value_of(environment, "HOME");
  if (home.starts_with('/')) return home + "/.local/share/ottla";
  return std::nullopt;
}

}  // namespace ottla::cli
