// A node's directory: its ballot and its log, together.
//
// Use:         Home::set_up() once in the node's existence, by whoever makes the cluster; then open() in every
//              life. A directory without a ballot or a log is a lost disk: open() empties it and says so.
// Lifetime:    close() before destruction, unless the shard was killed.
// Concurrency: confined to one shard; one call at a time.
// Errors:      those of the disk. After any of them the object is good for close() alone.
#pragma once

#include <string>

#include "base/result.h"
#include "runtime/file_system.h"
#include "test/kv/ballot_file.h"
#include "test/kv/disk_progress.h"
#include "test/kv/log_file.h"
#include "test/kv/replica.h"

namespace ottla::kv {

class Home {
 public:
  static Task<Result<void>> set_up(FileSystem& files, std::string directory);

  Home(FileSystem& files, std::string directory, Plant plant)
      : files_(files), directory_(std::move(directory)), log_(files, directory_, plant) {}

  Task<Result<Recovered>> open();
  // Durable when it has ended well.
  Task<Result<void>> write(Persist persist);
  Task<void> close() { return log_.close(); }

 private:
  FileSystem& files_;
  const std::string directory_;
  LogFile log_;
};

}  // namespace ottla::kv
