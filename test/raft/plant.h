// Bugs that can be switched on by name, in what carries out a core's decisions, so that the simulated quorum shows
// that it finds them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ottla::raft {

enum class Plant : std::uint8_t {
  none,
  reply_before_save,  // messages leave before the vote that they rest on is durable
  ack_before_sync,    // records count before they are durable
  forget_vote,        // a start does not know for whom it voted
  keep_truncated,     // the disk keeps what the leader wanted cut off
  boast_in_votes,     // a candidate claims a longer log than it has
  grant_pre_votes,    // every pre-vote is granted
  same_directory,     // a lost disk comes back under its old directory id
  forget_voters,      // a snapshot does not bring its voters along
};

struct NamedPlant {
  std::string_view name;
  Plant plant;
};
inline constexpr std::array<NamedPlant, 8> kPlants = {{
    {"reply-before-save", Plant::reply_before_save},
    {"ack-before-sync", Plant::ack_before_sync},
    {"forget-vote", Plant::forget_vote},
    {"keep-truncated", Plant::keep_truncated},
    {"boast-in-votes", Plant::boast_in_votes},
    {"grant-pre-votes", Plant::grant_pre_votes},
    {"same-directory", Plant::same_directory},
    {"forget-voters", Plant::forget_voters},
}};

// Nothing for a name that does not exist; the empty one is Plant::none.
constexpr std::optional<Plant> plant_named(std::string_view name) {
  if (name.empty()) return Plant::none;
  for (const NamedPlant& known : kPlants) {
    if (known.name == name) return known.plant;
  }
  return std::nullopt;
}

}  // namespace ottla::raft
