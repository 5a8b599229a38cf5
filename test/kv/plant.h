// Bugs that can be switched on by name, so that the simulated world shows that it finds them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

namespace ottla::kv {

enum class Plant : std::uint8_t {
  none,
  reply_before_sync,      // acks what is not on the disk yet
  vote_not_persisted,     // forgets term and vote at a restart
  read_past_torn_tail,    // recovery believes records without looking at their checksums
  destructor_sends,       // a proposal that dies without an answer says "done" on its way out
  ack_lost_dedup,         // executes a retried command again
  commit_old_term,        // counts copies of an older term's entry as a commit
  lost_disk_votes,        // a node whose disk was lost takes part as if it had never lived
  keep_after_failed_sync  // goes on after a failed sync as if it had worked
};

struct NamedPlant {
  std::string_view name;
  Plant plant;
};
inline constexpr std::array<NamedPlant, 7> kPlants = {{
    {"reply-before-sync", Plant::reply_before_sync},
    {"vote-not-persisted", Plant::vote_not_persisted},
    {"read-past-torn-tail", Plant::read_past_torn_tail},
    {"destructor-sends", Plant::destructor_sends},
    {"ack-lost-dedup", Plant::ack_lost_dedup},
    {"lost-disk-votes", Plant::lost_disk_votes},
    {"keep-after-failed-sync", Plant::keep_after_failed_sync},
}};

// Empty for a name that nobody planted; "" and "none" are the correct form.
inline std::optional<Plant> plant_named(std::string_view name) {
  if (name.empty() || name == "none") return Plant::none;
  for (const NamedPlant& known : kPlants) {
    if (known.name == name) return known.plant;
  }
  return std::nullopt;
}

}  // namespace ottla::kv
