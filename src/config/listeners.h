// Listeners as two keys name them, listeners and advertised.listeners, and the protocols that they speak.
//
// Names:  a listener's name is compared in upper case, as the reference does it.
// Errors: invalid_argument, in the words of the reference.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "config/value.h"

namespace ottla::config {

enum class SecurityProtocol : std::uint8_t { plaintext = 0, ssl = 1, sasl_plaintext = 2, sasl_ssl = 3 };
std::string_view name_of(SecurityProtocol protocol);
// Exactly as written: PLAINTEXT, SSL, SASL_PLAINTEXT, SASL_SSL.
std::optional<SecurityProtocol> security_protocol(std::string_view name);

// By listener name in upper case.
using ProtocolMap = std::map<std::string, SecurityProtocol, std::less<>>;

struct Endpoint {
  std::string listener;  // in upper case
  SecurityProtocol protocol = SecurityProtocol::plaintext;
  std::string host;       // empty: every interface
  std::int32_t port = 0;  // 0: any that is free; the reference checks no further
  bool operator==(const Endpoint&) const = default;
};

std::string upper_case(std::string_view text);

// NAME:VALUE,… as in listener.security.protocol.map and max.connections.per.ip.overrides; `key` is for messages.
Result<std::vector<std::pair<std::string, std::string>>> parse_pairs(std::string_view key,
                                                                     std::string_view text);

// The text of listener.security.protocol.map: NAME:PROTOCOL,…
Result<ProtocolMap> parse_protocol_map(std::string_view text);

// What stands before "://", in upper case.
Result<std::string> parse_listener_name(std::string_view entry);

enum class Ports : std::uint8_t { may_repeat, differ };
// NAME://host:port each. Two listeners share a port only when one is IPv4 and the other IPv6.
Result<std::vector<Endpoint>> parse_endpoints(const List& entries, const ProtocolMap& protocols, Ports ports);

}  // namespace ottla::config
