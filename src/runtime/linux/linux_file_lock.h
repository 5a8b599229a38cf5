// A lock file, held as Apache Kafka holds its own (a record lock over the whole file), so that the two keep
// each other out of a directory.
//
// The holder's process id is written into the file for those who find it taken; text that is left behind by a
// dead process is harmless, since the lock went with it. The file itself stays.
//
// Lifetime:    release() must have ended before it is destroyed.
// Concurrency: confined to its shard.
#pragma once

#include <memory>
#include <string>

#include "runtime/file_system.h"
#include "runtime/linux/disk_governor.h"

namespace ottla {

class LinuxFileLock final : public FileLock {
 public:
  static Task<Result<std::unique_ptr<FileLock>>> acquire(DiskGovernor& governor, std::string path);

  struct Held {
    int fd = -1;
    dev_t device = 0;
    ino_t inode = 0;
  };
  LinuxFileLock(DiskGovernor& governor, std::string path, Held held);
  ~LinuxFileLock() override;

  Task<void> release() override;

 private:
  DiskGovernor& governor_;
  std::string path_;
  Held held_;
  bool released_ = false;
};

}  // namespace ottla
