// The voters that a dynamic quorum begins with, as people name them: 1@host:9093:JEXY6aqzQY-32P5TStzaFg,…
//
// Errors: invalid_argument, in the words of the reference.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/node_id.h"
#include "base/result.h"
#include "base/uuid.h"
#include "raft/voter_set.h"

namespace ottla::quorum {

struct InitialController {
  NodeId node = kNoNode;
  std::string host;
  std::uint16_t port = 0;
  Uuid directory;

  std::string to_string() const;
  friend bool operator==(const InitialController&, const InitialController&) = default;
};

Result<InitialController> parse_initial_controller(std::string_view text);
// In the order of their nodes; at least one, and no node twice.
Result<std::vector<InitialController>> parse_initial_controllers(std::string_view text);

// What they may know besides is not known yet, so that they are said to know every level of kraft.version.
raft::VoterSet voters_of(const std::vector<InitialController>& controllers, const std::string& listener);

}  // namespace ottla::quorum
