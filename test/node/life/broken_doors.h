// A disk's doors that do one thing wrong with the files of a node: the bugs that judges must find.
//
// What a node promises it promises by means of its disk, so a bug in how it does that shows as one of these: something is
// not durable when it is said to be, is not where it should be, or says something else.
//
// Lifetime:    outlives its files; over doors that outlive it.
// Concurrency: that of the doors.
#pragma once

#include <cstdint>
#include <memory>

#include "runtime/file_system.h"

namespace ottla::server {

enum class BrokenDoor : std::uint8_t {
  none,
  // --- The metadata log ---
  metadata_sync_lies,   // records are not on the disk when their sync ends
  vote_not_kept,        // an election state is not on the disk when its replacement ends
  snapshot_altered,     // a snapshot says something else than it was told, with a good checksum
  metadata_tail_torn,   // a start does not find the last byte of the log
  failed_sync_hidden,   // who asks for a sync is not told that it failed
  failed_write_hidden,  // nor that a write did
  // --- Partitions ---
  log_sync_lies,
  log_tail_torn,
  write_vanishes,      // now and then a write leaves zeros
  deletion_forgotten,  // the directory of a deleted partition keeps its name
  time_index_wrong,    // an entry says an offset behind its own
  read_flips_a_bit,    // now and then
};

std::unique_ptr<FileSystem> break_doors(FileSystem& doors, BrokenDoor broken);

}  // namespace ottla::server
