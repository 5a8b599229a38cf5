#include "config/listeners.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/result.h"
#include "base/text_lines.h"
#include "config/java_numbers.h"
#include "config/quorum_addresses.h"

namespace ottla::config {
namespace {

constexpr std::string_view kProtocols[] = {"PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"};

Error refused(std::string text) {
  return Error(Errc::invalid_argument, std::move(text));
}

bool is_blank(std::string_view text) {
  return java_trimmed(text).empty();
}

constexpr std::string_view kDigits = "0123456789";

// Four numbers below 256 without leading zeros.
bool is_ipv4(std::string_view host) {
  for (int number = 0; number < 4; ++number) {
    const std::size_t end = number == 3 ? host.size() : host.find('.');
    if (end == std::string_view::npos) return false;
    const std::string_view digits = host.substr(0, end);
    if (digits.empty() || digits.size() > 3 || digits.find_first_not_of(kDigits) != std::string_view::npos ||
        (digits.size() > 1 && digits.front() == '0') || parse_int32(digits).value_or(256) > 255) {
      return false;
    }
    host.remove_prefix(number == 3 ? end : end + 1);
  }
  return true;
}

// How many groups of 16 bits stand in one half of an IPv6 address; nothing when it is none. An IPv4 address at its
// end counts for two.
std::optional<std::size_t> groups_of(std::string_view half) {
  if (half.empty()) return 0;
  std::size_t count = 0;
  while (true) {
    const std::size_t colon = half.find(':');
    const std::string_view group = half.substr(0, colon);
    if (colon == std::string_view::npos && is_ipv4(group)) return count + 2;
    if (group.empty() || group.size() > 4 ||
        group.find_first_not_of("0123456789abcdefABCDEF") != std::string_view::npos) {
      return std::nullopt;
    }
    ++count;
    if (colon == std::string_view::npos) return count;
    half.remove_prefix(colon + 1);
  }
}

bool is_ipv6(std::string_view host) {
  host = host.substr(0, host.find('%'));
  const std::size_t gap = host.find("::");
  if (gap == std::string_view::npos) return groups_of(host) == 8;
  const std::string_view after = host.substr(gap + 2);
  const auto first = groups_of(host.substr(0, gap));
  const auto last = groups_of(after);
  return first && last && *first + *last < 8 && !after.starts_with(':') &&
         after.find("::") == std::string_view::npos;
}

// NAME://host:port; the name may hold anything, the port a minus.
struct Pieces {
  std::string_view name;
  std::string_view host;
  std::string_view port;
};

std::optional<Pieces> split(std::string_view entry) {
  const std::size_t colon = entry.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const std::string_view port = entry.substr(colon + 1);
  const std::string_view digits = port.substr(port.starts_with('-') ? 1 : 0);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  const std::string_view before = entry.substr(0, colon);
  const std::size_t slashes = before.rfind("://");
  if (slashes == std::string_view::npos) return std::nullopt;
  if (before.find_first_of("\r\n") < slashes) return std::nullopt;
  std::string_view host = before.substr(slashes + 3);
  if (host.starts_with('[')) host.remove_prefix(1);
  if (host.ends_with(']')) host.remove_suffix(1);
  if (!is_host_pattern(host)) return std::nullopt;
  return Pieces{.name = before.substr(0, slashes), .host = host, .port = port};
}

Result<Endpoint> parse_endpoint(std::string_view entry, const ProtocolMap& protocols) {
  const auto pieces = split(entry);
  if (!pieces) return refused(fmt::format("Unable to parse {} to a broker endpoint", entry));
  if (is_blank(pieces->name)) return refused("The provided listener name is null or empty string");
  Endpoint endpoint;
  endpoint.listener = upper_case(pieces->name);
  endpoint.host = std::string(pieces->host);
  const auto port = parse_int32(pieces->port);
  if (!port) return refused(fmt::format("For input string: \"{}\"", pieces->port));
  endpoint.port = *port;
  const auto protocol = protocols.find(endpoint.listener);
  if (protocol == protocols.end()) {
    return refused(fmt::format("No security protocol defined for listener {}", endpoint.listener));
  }
  endpoint.protocol = protocol->second;
  return endpoint;
}

// Which listeners share a port, in the order of ports.
std::map<std::int32_t, std::vector<const Endpoint*>> by_port(const std::vector<Endpoint>& endpoints) {
  std::map<std::int32_t, std::vector<const Endpoint*>> all;
  for (const Endpoint& each : endpoints) {
    if (each.port != 0) all[each.port].push_back(&each);
  }
  return all;
}

bool one_of_each_family(const Endpoint& a, const Endpoint& b) {
  return (is_ipv4(a.host) && is_ipv6(b.host)) || (is_ipv6(a.host) && is_ipv4(b.host));
}

// What is wrong with listeners that share a port, of which there are at least two. A host name could be of either family.
Result<> check_shared_port(std::int32_t port, const std::vector<const Endpoint*>& sharing,
                           std::string_view shown) {
  std::vector<const Endpoint*> addresses;
  for (const Endpoint* each : sharing) {
    if (is_ipv4(each->host) || is_ipv6(each->host)) addresses.push_back(each);
  }
  const std::size_t names = sharing.size() - addresses.size();
  if (names > 1)
    return refused(fmt::format("Each listener must have a different port, listeners: {}", shown));
  if (addresses.size() != 2) {
    return refused(fmt::format(
        "Each listener must have a different port unless exactly one listener has an IPv4 address and "
        "the other IPv6 address, listeners: {}, port: {}",
        shown, port));
  }
  if (names == 0 && one_of_each_family(*addresses[0], *addresses[1])) return {};
  return refused(
      fmt::format("If you have two listeners on the same port then one needs to be IPv4 and the other IPv6, "
                  "listeners: {}, port: {}",
                  shown, port));
}

Result<> check_endpoints(const std::vector<Endpoint>& endpoints, std::string_view shown, Ports ports) {
  for (std::size_t each = 1; each < endpoints.size(); ++each) {
    const auto before =
        std::ranges::subrange(endpoints.begin(), endpoints.begin() + static_cast<std::ptrdiff_t>(each));
    if (std::ranges::find(before, endpoints[each].listener, &Endpoint::listener) != before.end()) {
      return refused(fmt::format("Each listener must have a different name, listeners: {}", shown));
    }
  }
  if (ports == Ports::may_repeat) return {};
  for (const auto& [port, sharing] : by_port(endpoints)) {
    if (sharing.size() > 1) OTTLA_CHECK(check_shared_port(port, sharing, shown));
  }
  return {};
}

Result<std::vector<Endpoint>> parse_all(const List& entries, const ProtocolMap& protocols) {
  std::vector<Endpoint> endpoints;
  for (const std::string& entry : entries) {
    OTTLA_TRY(Endpoint endpoint, parse_endpoint(entry, protocols));
    endpoints.push_back(std::move(endpoint));
  }
  return endpoints;
}

}  // namespace

std::string_view name_of(SecurityProtocol protocol) {
  return kProtocols[static_cast<std::size_t>(protocol)];
}

std::optional<SecurityProtocol> security_protocol(std::string_view name) {
  const auto found = std::ranges::find(kProtocols, name);
  if (found == std::end(kProtocols)) return std::nullopt;
  return static_cast<SecurityProtocol>(found - std::begin(kProtocols));
}

std::string upper_case(std::string_view text) {
  std::string upper(text);
  for (char& each : upper) each = each >= 'a' && each <= 'z' ? static_cast<char>(each & ~0x20) : each;
  return upper;
}

Result<std::vector<std::pair<std::string, std::string>>> parse_pairs(std::string_view key,
                                                                     std::string_view text) {
  List entries = java_list(text);
  while (!entries.empty() && entries.back().empty()) entries.pop_back();
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const std::string_view entry : entries) {
    const std::size_t colon = entry.rfind(':');
    if (colon == std::string_view::npos) {
      return refused(fmt::format(
          "Error parsing configuration property '{}': expected NAME:VALUE instead of '{}'", key, entry));
    }
    pairs.emplace_back(java_trimmed(entry.substr(0, colon)), java_trimmed(entry.substr(colon + 1)));
  }
  return pairs;
}

Result<ProtocolMap> parse_protocol_map(std::string_view text) {
  constexpr std::string_view kKey = "listener.security.protocol.map";
  OTTLA_TRY(const auto pairs, parse_pairs(kKey, text));
  ProtocolMap map;
  for (const auto& [name, protocol] : pairs) {
    if (name.empty()) return refused("The provided listener name is null or empty string");
    const auto known = security_protocol(upper_case(protocol));
    if (!known) return refused(fmt::format("Invalid security protocol `{}` defined in {}", protocol, kKey));
    map.insert_or_assign(upper_case(name), *known);
  }
  return map;
}

Result<std::string> parse_listener_name(std::string_view entry) {
  const std::size_t colon = entry.find(':');
  if (colon == std::string_view::npos) {
    return refused(fmt::format("Unable to parse a listener name from {}", entry));
  }
  return upper_case(entry.substr(0, colon));
}

Result<std::vector<Endpoint>> parse_endpoints(const List& entries, const ProtocolMap& protocols,
                                              Ports ports) {
  const std::string shown = fmt::format("[{}]", fmt::join(entries, ", "));
  auto endpoints = parse_all(entries, protocols);
  const Result<> checked =
      endpoints.ok() ? check_endpoints(*endpoints, shown, ports) : Result<>(endpoints.error());
  if (!checked.ok()) {
    return refused(
        fmt::format("Error creating broker listeners from '{}': {}", shown, checked.error().text()));
  }
  return endpoints;
}

}  // namespace ottla::config
