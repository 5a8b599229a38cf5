// A file system that does one thing wrong: the bug that the model must find.
//
// Storage stands on promises of its file system and keeps promises with its files. A bug in it shows as one of these:
// something is not durable when it is said to be, is not where it is said to be, or says something else. So bugs are
// planted at the door, where each can be named, rather than in the code that is under test.
//
// Lifetime:    outlives its files; over doors that outlive it.
// Concurrency: that of the doors.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "runtime/file_system.h"
#include "runtime/random.h"

namespace ottla::storage {

enum class Plant : std::uint8_t {
  none,
  log_sync_lies,         // a segment's bytes are not on the disk when its sync ends
  name_sync_lies,        // nor are the names of files
  index_sync_lies,       // nor is what stands in indexes
  truncation_too_short,  // a byte of what was to go stays
  truncation_too_long,   // a byte of what was to stay goes
  write_vanishes,        // now and then a write leaves zeros
  read_flips_a_bit,      // now and then
  removal_forgotten,     // a file that was removed is there again
  offset_index_wrong,    // an entry says one more than it should
  time_index_wrong,
  transaction_index_lost,
  recovery_point_ahead,  // recovery begins behind what needs it
  clean_after_a_crash,   // no recovery where one is needed
};

struct NamedPlant {
  std::string_view name;
  Plant plant;
};
inline constexpr NamedPlant kPlants[] = {
    {"log-sync-lies", Plant::log_sync_lies},
    {"name-sync-lies", Plant::name_sync_lies},
    {"index-sync-lies", Plant::index_sync_lies},
    {"truncation-too-short", Plant::truncation_too_short},
    {"truncation-too-long", Plant::truncation_too_long},
    {"write-vanishes", Plant::write_vanishes},
    {"read-flips-a-bit", Plant::read_flips_a_bit},
    {"removal-forgotten", Plant::removal_forgotten},
    {"offset-index-wrong", Plant::offset_index_wrong},
    {"time-index-wrong", Plant::time_index_wrong},
    {"transaction-index-lost", Plant::transaction_index_lost},
    {"recovery-point-ahead", Plant::recovery_point_ahead},
    {"clean-after-a-crash", Plant::clean_after_a_crash},
};
std::optional<Plant> plant_named(std::string_view name);

// `plant` must be one that a door can have; the others are the workload's.
std::unique_ptr<FileSystem> break_doors(FileSystem& doors, Plant plant, std::uint64_t seed);

}  // namespace ottla::storage
