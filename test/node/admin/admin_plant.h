// Bugs that can be planted into a node that is administered, and into what its clients are told.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "test/node/life/broken_doors.h"

namespace ottla::server {

enum class AdminPlant : std::uint8_t {
  none,
  broken_door,         // see there
  ids_repeat,          // a process draws the random numbers that the one before it drew
  done_before_commit,  // a client is told that a change is done when nobody knows
  refusal_as_done,     // or although it was refused
  settings_not_shown,  // or is shown that nothing is configured
  serves_early,        // a life tells what it has found before anything of its own is committed
};

struct NamedAdminPlant {
  std::string_view name;
  AdminPlant plant = AdminPlant::broken_door;
  BrokenDoor broken = BrokenDoor::none;
};
inline constexpr std::array<NamedAdminPlant, 12> kAdminPlants = {{
    {.name = "metadata-sync-lies", .broken = BrokenDoor::metadata_sync_lies},
    {.name = "vote-not-kept", .broken = BrokenDoor::vote_not_kept},
    {.name = "snapshot-altered", .broken = BrokenDoor::snapshot_altered},
    {.name = "metadata-tail-torn", .broken = BrokenDoor::metadata_tail_torn},
    {.name = "failed-sync-hidden", .broken = BrokenDoor::failed_sync_hidden},
    {.name = "failed-write-hidden", .broken = BrokenDoor::failed_write_hidden},
    {.name = "deletion-forgotten", .broken = BrokenDoor::deletion_forgotten},
    {.name = "ids-repeat", .plant = AdminPlant::ids_repeat},
    {.name = "done-before-commit", .plant = AdminPlant::done_before_commit},
    {.name = "refusal-as-done", .plant = AdminPlant::refusal_as_done},
    {.name = "settings-not-shown", .plant = AdminPlant::settings_not_shown},
    {.name = "serves-early", .plant = AdminPlant::serves_early},
}};

// Nothing for a name that does not exist; the empty one plants nothing.
constexpr std::optional<NamedAdminPlant> admin_plant_named(std::string_view name) {
  if (name.empty()) return NamedAdminPlant{.name = "", .plant = AdminPlant::none};
  for (const NamedAdminPlant& known : kAdminPlants) {
    if (known.name == name) return known;
  }
  return std::nullopt;
}

}  // namespace ottla::server
