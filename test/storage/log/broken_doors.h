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
#include <vector>

#include "runtime/file_system.h"
#include "runtime/random.h"
#include "sim/disk.h"
#include "storage/cleaner/cleanable_log.h"
#include "storage/log/log.h"

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
  truncation_forgotten,    // nothing is cut off
  read_error_as_end,       // a read that fails says that the file ends there
  rot_unseen,              // checksums hold where bits were flipped
  recovery_point_ahead,    // recovery begins behind what needs it
  clean_after_a_crash,     // no recovery where one is needed
  point_stays_when_cut,    // the recovery point, when records before it are cut off
  cleaned_sync_lies,       // a cleaned segment takes its place before it is on the disk
  old_segments_stay,       // what was compacted is not taken away
  open_data_cleaned,       // as if it had been committed
  tombstones_go_early,     // before their horizon
  clean_end_ahead,         // the cleaner's checkpoint is behind what was cleaned
  last_sequences_cleaned,  // of producers that are still there
  small_sync_lies,         // a checkpoint, or what is as small, is not on the disk when its sync ends
  checkpoint_forgotten,    // what a checkpoint file is to say is never said
  stale_reads,             // what was found before a cut is answered behind it
  // An owner of many logs leaves out a sync of their whole disk:
  no_sync_of_what_closes,
  no_sync_of_taken_names,  // when the others have been made
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
    {"truncation-forgotten", Plant::truncation_forgotten},
    {"read-error-as-end", Plant::read_error_as_end},
    {"rot-unseen", Plant::rot_unseen},
    {"recovery-point-ahead", Plant::recovery_point_ahead},
    {"clean-after-a-crash", Plant::clean_after_a_crash},
    {"point-stays-when-cut", Plant::point_stays_when_cut},
    {"cleaned-sync-lies", Plant::cleaned_sync_lies},
    {"old-segments-stay", Plant::old_segments_stay},
    {"open-data-cleaned", Plant::open_data_cleaned},
    {"tombstones-go-early", Plant::tombstones_go_early},
    {"clean-end-ahead", Plant::clean_end_ahead},
    {"last-sequences-cleaned", Plant::last_sequences_cleaned},
    {"stale-reads", Plant::stale_reads},
    {"no-sync-of-what-closes", Plant::no_sync_of_what_closes},
    {"no-sync-of-taken-names", Plant::no_sync_of_taken_names},
};
std::optional<Plant> plant_named(std::string_view name);

// `plant` must be one that a door can have; the others are the workload's. `flipped` lives as long.
std::unique_ptr<FileSystem> break_doors(FileSystem& doors, Plant plant, std::uint64_t seed,
                                        const std::vector<sim::FlippedBit>& flipped);
// The log as the cleaner sees it.
std::unique_ptr<CleanableLog> break_compaction(Log& log, Plant plant);

}  // namespace ottla::storage
