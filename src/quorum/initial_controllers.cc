#include "quorum/initial_controllers.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <optional>
#include <span>
#include <utility>

#include "base/text_lines.h"
#include "runtime/address.h"

namespace ottla::quorum {
namespace {

Error wrong(std::string text) {
  return Error(Errc::invalid_argument, std::move(text));
}

// As Java's trim() does: everything up to the blank.
std::string_view trimmed(std::string_view text) {
  while (!text.empty() && static_cast<unsigned char>(text.front()) <= ' ') text.remove_prefix(1);
  while (!text.empty() && static_cast<unsigned char>(text.back()) <= ' ') text.remove_suffix(1);
  return text;
}

// Takes the host off the front, with its brackets when it has some.
Result<std::string_view> take_host(std::string_view& text) {
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) {
      return wrong("Hostname began with left bracket, but no right bracket was found.");
    }
    const std::string_view host = text.substr(1, end - 1);
    text.remove_prefix(end + 1);
    return host;
  }
  const std::size_t end = text.find(':');
  if (end == std::string_view::npos) return wrong("No colon following hostname could be found.");
  const std::string_view host = text.substr(0, end);
  text.remove_prefix(end);
  return host;
}

Result<NodeId> take_node(std::string_view& text) {
  const std::size_t at = text.find('@');
  if (at == std::string_view::npos) return wrong("No @ found in dynamic voter string.");
  if (at == 0) return wrong("Invalid @ at beginning of dynamic voter string.");
  const std::optional<std::int32_t> node = parse_int32(text.substr(0, at));
  if (!node) return wrong("Failed to parse node id in dynamic voter string.");
  if (*node < 0) return wrong(fmt::format("Invalid negative node id {} in dynamic voter string.", *node));
  text.remove_prefix(at + 1);
  return NodeId(*node);
}

Result<std::uint16_t> take_port(std::string_view& text) {
  if (!text.starts_with(':')) return wrong("Port section must start with a colon.");
  text.remove_prefix(1);
  const std::size_t end = text.find(':');
  if (end == std::string_view::npos) return wrong("No colon following port could be found.");
  const std::optional<std::int32_t> port = parse_int32(text.substr(0, end));
  if (!port) return wrong("Failed to parse port in dynamic voter string.");
  if (*port < 0 || *port > 65535) {
    return wrong(fmt::format("Invalid port {} in dynamic voter string.", *port));
  }
  text.remove_prefix(end + 1);
  return static_cast<std::uint16_t>(*port);
}

// As the reference writes it: literal addresses of IPv6 with all their groups.
std::string written_host(const std::string& host) {
  const Result<Address> address = Address::parse(fmt::format("[{}]:0", host));
  if (!address.ok() || address->family() != Address::Family::ipv6) return host;
  const std::span<const std::uint8_t> ip = address->ip();
  std::string text;
  for (std::size_t i = 0; i < ip.size(); i += 2) {
    text += fmt::format("{}{:x}", i == 0 ? "" : ":", ip[i] << 8 | ip[i + 1]);
  }
  return text;
}

}  // namespace

std::string InitialController::to_string() const {
  const bool bracketed = host.find(':') != std::string::npos;
  return fmt::format(fmt::runtime(bracketed ? "{}@[{}]:{}:{}" : "{}@{}:{}:{}"), node.raw(), host, port,
                     directory.to_string());
}

Result<InitialController> parse_initial_controller(std::string_view text) {
  InitialController controller;
  text = trimmed(text);
  OTTLA_TRY(controller.node, take_node(text));
  if (text.empty()) return wrong("No hostname found after node id.");
  OTTLA_TRY(const std::string_view host, take_host(text));
  controller.host = std::string(host);
  OTTLA_TRY(controller.port, take_port(text));
  const Result<Uuid> directory = Uuid::parse(text);
  if (!directory.ok()) return wrong("Failed to parse directory ID in dynamic voter string.");
  controller.directory = *directory;
  return controller;
}

Result<std::vector<InitialController>> parse_initial_controllers(std::string_view text) {
  std::vector<InitialController> controllers;
  text = trimmed(text);
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view one = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (one.empty()) continue;
    OTTLA_TRY(InitialController controller, parse_initial_controller(one));
    controllers.push_back(std::move(controller));
  }
  if (controllers.empty()) return wrong("No voters given.");
  std::ranges::sort(controllers, {}, &InitialController::node);
  const auto twice = std::ranges::adjacent_find(controllers, {}, &InitialController::node);
  if (twice != controllers.end()) {
    return wrong(fmt::format("Node id {} was specified more than once.", twice->node.raw()));
  }
  return controllers;
}

raft::VoterSet voters_of(const std::vector<InitialController>& controllers, const std::string& listener) {
  std::vector<raft::VoterNode> voters;
  for (const InitialController& each : controllers) {
    voters.push_back({{each.node, each.directory},
                      raft::Endpoints({{listener, written_host(each.host), each.port}}),
                      {raft::kStaticVoters, raft::kLatestKRaftVersion}});
  }
  return raft::VoterSet(std::move(voters));
}

}  // namespace ottla::quorum
