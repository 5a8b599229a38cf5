// The addresses of the quorum, as two keys name them: controller.quorum.voters and controller.quorum.bootstrap.servers.
//
// Errors: invalid_argument, in the words of the reference.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/value.h"

namespace ottla::config {

struct QuorumAddress {
  std::string host;
  std::uint16_t port = 0;
  bool operator==(const QuorumAddress&) const = default;
};

struct QuorumVoter {
  std::int32_t id = 0;
  QuorumAddress address;
  bool operator==(const QuorumVoter&) const = default;
};

// `entries` are elements such as 1@host:9093; a later one replaces an earlier one of the same id. An address of 0.0.0.0
// passes here and is refused where it would be used.
Result<std::vector<QuorumVoter>> parse_quorum_voters(const List& entries);
Result<std::vector<QuorumAddress>> parse_quorum_bootstrap(const List& entries);

Result<> check_quorum_voters(const List& entries);
Result<> check_quorum_bootstrap(const List& entries);

// HOST:PORT, perhaps with a scheme before it and brackets around an IPv6 address. Empty parts show what was wrong:
// host and port, or neither, are there.
struct HostPort {
  std::string_view host;
  std::string_view port;  // digits
  bool valid = false;
};
HostPort split_host_port(std::string_view text);
// Whether all its characters can stand in a host name or address.
bool is_host_pattern(std::string_view text);

}  // namespace ottla::config
