// Bugs that can be planted into a node that keeps records, and into what its clients are told.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "test/node/life/broken_doors.h"

namespace ottla::server {

enum class RecordsPlant : std::uint8_t {
  none,
  broken_door,         // see there
  flush_not_asked,     // a topic that is to flush each message is made without that
  replicas_not_asked,  // or one whose records two replicas must have
  offset_off_by_one,   // a producer is told the offset behind its own
  refusal_as_done,     // or that its records are there although they were refused
  retries_anew,        // what is sent again is not known for the same
  reader_skips,        // a consumer is not shown a record
};

struct NamedRecordsPlant {
  std::string_view name;
  RecordsPlant plant = RecordsPlant::broken_door;
  BrokenDoor broken = BrokenDoor::none;
};
inline constexpr std::array<NamedRecordsPlant, 12> kRecordsPlants = {{
    {.name = "log-sync-lies", .broken = BrokenDoor::log_sync_lies},
    {.name = "log-tail-torn", .broken = BrokenDoor::log_tail_torn},
    {.name = "write-vanishes", .broken = BrokenDoor::write_vanishes},
    {.name = "read-flips-a-bit", .broken = BrokenDoor::read_flips_a_bit},
    {.name = "time-index-wrong", .broken = BrokenDoor::time_index_wrong},
    {.name = "deletion-forgotten", .broken = BrokenDoor::deletion_forgotten},
    {.name = "flush-not-asked", .plant = RecordsPlant::flush_not_asked},
    {.name = "replicas-not-asked", .plant = RecordsPlant::replicas_not_asked},
    {.name = "offset-off-by-one", .plant = RecordsPlant::offset_off_by_one},
    {.name = "refusal-as-done", .plant = RecordsPlant::refusal_as_done},
    {.name = "retries-anew", .plant = RecordsPlant::retries_anew},
    {.name = "reader-skips", .plant = RecordsPlant::reader_skips},
}};

// Nothing for a name that does not exist; the empty one plants nothing.
constexpr std::optional<NamedRecordsPlant> records_plant_named(std::string_view name) {
  if (name.empty()) return NamedRecordsPlant{.name = "", .plant = RecordsPlant::none};
  for (const NamedRecordsPlant& known : kRecordsPlants) {
    if (known.name == name) return known;
  }
  return std::nullopt;
}

}  // namespace ottla::server
