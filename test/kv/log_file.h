// The log of one node on disk: one append-only file of records that is recovered by reading it.
//
// Format:      a record is [crc u32][term u64][command]; all records have the same size. The checksum goes over
//              the record's body and begins with the checksum of the record before it, so that a record is
//              good only behind the very record it was written behind: what an overwritten tail left lying
//              there does not pass.
// Lifetime:    close() before destruction, unless the shard was killed.
// Concurrency: confined to one shard; one call at a time.
// Recovery:    what is read may be in the page cache alone (after a failed sync, or when only the process
//              died), so the good records are written anew, synced, and renamed into place before they count.
// Errors:      those of File. After any of them the object is good for close() alone.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "test/kv/command.h"
#include "test/kv/plant.h"

namespace ottla::kv {

class LogFile {
 public:
  // Makes an empty log that survives a crash.
  static Task<Result<void>> create(FileSystem& files, std::string directory);

  LogFile(FileSystem& files, std::string directory, Plant plant)
      : files_(files), directory_(std::move(directory)), plant_(plant) {}

  // The entries up to the first bad record. not_found when there is no file.
  Task<Result<std::vector<Entry>>> open();
  // Durable after sync().
  Task<Result<void>> append(std::span<const Entry> entries);
  // Keeps the first `last` entries.
  Task<Result<void>> truncate(Index last);
  Task<Result<void>> sync();
  Task<void> close();

 private:
  Task<Result<std::vector<std::byte>>> read_all();
  std::vector<Entry> scan(std::span<const std::byte> bytes);
  Task<Result<void>> rewrite(std::span<const Entry> entries);
  Chain encode(std::span<const Entry> entries);

  FileSystem& files_;
  const std::string directory_;
  const Plant plant_;
  std::unique_ptr<File> file_;
  std::vector<std::uint32_t> checksums_;  // of every entry in the file
};

}  // namespace ottla::kv
