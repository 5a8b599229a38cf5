// A file system that does one thing wrong with the files of a metadata log: the bug that the judge must find.
//
// Lifetime:    outlives its files; over doors that outlive it.
// Concurrency: that of the doors.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "runtime/file_system.h"

namespace ottla::quorum {

enum class Plant : std::uint8_t {
  none,
  log_sync_lies,         // records are not on the disk when their sync ends
  vote_not_kept,         // an election state is not on the disk when its replacement ends
  truncation_forgotten,  // nothing is cut off
  write_vanishes,        // now and then a write to the log leaves zeros
  snapshot_cut_short,    // a snapshot's last batch is not written
};

struct NamedPlant {
  std::string_view name;
  Plant plant;
};
inline constexpr NamedPlant kPlants[] = {
    {"log-sync-lies", Plant::log_sync_lies},
    {"vote-not-kept", Plant::vote_not_kept},
    {"truncation-forgotten", Plant::truncation_forgotten},
    {"write-vanishes", Plant::write_vanishes},
    {"snapshot-cut-short", Plant::snapshot_cut_short},
};
std::optional<Plant> plant_named(std::string_view name);

std::unique_ptr<FileSystem> break_doors(FileSystem& doors, Plant plant);

}  // namespace ottla::quorum
