// The file `quorum-state` beside the metadata log: an ElectionState as JSON, one line, as the reference writes it.
//
// Version:    0 while voters are configured (kraft.version 0), 1 since they stand in the log.
// Errors:     malformed and unsupported, with the file and the cure. Nobody may vote on a guess, so a file that
//             cannot be read wholly is refused.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "raft/election_state.h"

namespace ottla::raft {

inline constexpr std::string_view kQuorumStateFile = "quorum-state";
// More than any such file has; what is longer is not one.
inline constexpr std::uint64_t kMostQuorumStateBytes = 64 * 1024;

// `voters` are written by version 0 alone.
std::string encode_quorum_state(const ElectionState& state, std::int16_t version,
                                std::span<const NodeId> voters = {});

// `path` is for messages.
Result<ElectionState> parse_quorum_state(std::string_view text, std::string_view path);

}  // namespace ottla::raft
