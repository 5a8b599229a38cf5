#include "config/quorum_addresses.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/text_lines.h"

namespace ottla::config {
namespace {

bool is_scheme_character(char each) {
  return (each >= '0' && each <= '9') || (each >= 'a' && each <= 'z') || (each >= 'A' && each <= 'Z') ||
         each == '-' || each == '%' || each == '.' || each == '_';
}

bool is_host_character(char each) {
  return is_scheme_character(each) || each == ':';
}

Error refused(std::string text) {
  return Error(Errc::invalid_argument, std::move(text));
}

// The elements of a text between '@', without empty ones at its end.
std::vector<std::string_view> split_at_signs(std::string_view text) {
  std::vector<std::string_view> parts;
  while (true) {
    const std::size_t end = text.find('@');
    parts.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  while (parts.size() > 1 && parts.back().empty()) parts.pop_back();
  return parts;
}

Result<QuorumAddress> address_of(const HostPort& parts) {
  const auto port = parse_int32(parts.port);
  if (!port) return refused(fmt::format("For input string: \"{}\"", parts.port));
  if (*port > 65535) return refused(fmt::format("port out of range:{}", *port));
  return QuorumAddress{.host = std::string(parts.host), .port = static_cast<std::uint16_t>(*port)};
}

Result<QuorumVoter> parse_voter(std::string_view entry) {
  const auto parts = split_at_signs(entry);
  if (parts.size() != 2) {
    return refused(
        "Invalid configuration value for controller.quorum.voters. Each entry should be in the form "
        "`{id}@{host}:{port}`.");
  }
  const auto id = parse_int32(parts[0]);
  if (!id) return refused(fmt::format("Failed to parse voter ID as an integer from {}", parts[0]));
  const HostPort split = split_host_port(parts[1]);
  if (!split.valid) {
    return refused(fmt::format(
        "Failed to parse host name from entry {} for the configuration controller.quorum.voters. Each "
        "entry should be in the form `{{id}}@{{host}}:{{port}}`.",
        entry));
  }
  OTTLA_TRY(QuorumAddress address, address_of(split));
  return QuorumVoter{.id = *id, .address = std::move(address)};
}

Result<QuorumAddress> parse_bootstrap(std::string_view entry) {
  const HostPort split = split_host_port(entry);
  if (!split.valid) {
    return refused(
        fmt::format("Failed to parse host name from {} for the configuration "
                    "controller.quorum.bootstrap.servers. Each entry "
                    "should be in the form \"{{host}}:{{port}}\"",
                    entry));
  }
  return address_of(split);
}

}  // namespace

bool is_host_pattern(std::string_view text) {
  return std::ranges::all_of(text, is_host_character);
}

HostPort split_host_port(std::string_view text) {
  const std::size_t scheme = text.find("://");
  if (scheme != std::string_view::npos && std::ranges::all_of(text.substr(0, scheme), is_scheme_character)) {
    text.remove_prefix(scheme + 3);
  }
  if (text.starts_with('[')) text.remove_prefix(1);
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return {};
  const std::string_view port = text.substr(colon + 1);
  std::string_view host = text.substr(0, colon);
  if (host.ends_with(']')) host.remove_suffix(1);
  const bool digits = !port.empty() && port.find_first_not_of("0123456789") == std::string_view::npos;
  if (!digits || !is_host_pattern(host)) return {};
  return {.host = host, .port = port, .valid = true};
}

Result<std::vector<QuorumVoter>> parse_quorum_voters(const List& entries) {
  std::vector<QuorumVoter> voters;
  for (const std::string& entry : entries) {
    OTTLA_TRY(QuorumVoter voter, parse_voter(entry));
    const auto same = std::ranges::find(voters, voter.id, &QuorumVoter::id);
    if (same == voters.end()) {
      voters.push_back(std::move(voter));
    } else {
      *same = std::move(voter);
    }
  }
  return voters;
}

Result<std::vector<QuorumAddress>> parse_quorum_bootstrap(const List& entries) {
  std::vector<QuorumAddress> servers;
  for (const std::string& entry : entries) {
    OTTLA_TRY(QuorumAddress server, parse_bootstrap(entry));
    servers.push_back(std::move(server));
  }
  return servers;
}

Result<> check_quorum_voters(const List& entries) {
  const auto voters = parse_quorum_voters(entries);
  return voters.ok() ? Result<>() : Result<>(voters.error());
}

Result<> check_quorum_bootstrap(const List& entries) {
  const auto servers = parse_quorum_bootstrap(entries);
  return servers.ok() ? Result<>() : Result<>(servers.error());
}

}  // namespace ottla::config
