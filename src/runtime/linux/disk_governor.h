// What the shards of one process must agree on about its disks: one Disk a file system, the lock files that are
// held, and the directories that could not be synced.
//
// Lifetime:    one a process; outlives its helpers and every LinuxFileSystem.
// Concurrency: any thread; one mutex, held for a look-up.
#pragma once

#include <sys/types.h>

#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <utility>

#include "runtime/linux/disk.h"
#include "runtime/linux/system_calls.h"

namespace ottla {

class DiskGovernor {
 public:
  explicit DiskGovernor(SystemCalls& calls = real_system_calls()) : calls_(calls) {}

  SystemCalls& calls() { return calls_; }
  Disk& disk(dev_t device);

  // Whether syncfs on `fd` tells of writes that failed. Older kernels swallowed such errors, and overlayfs does
  // still: they are noted at the file system below it.
  bool syncfs_tells_errors(int fd);

  // A directory could not be synced. The kernel tells that once, to whoever asks first, and nothing tells what became of
  // the names: no later sync of it, and none of all that is on its disk, counts in this process.
  void note_sync_failed(dev_t device, ino_t directory);
  bool sync_failed(dev_t device, ino_t directory);

  // False when someone in this process holds the lock on that file.
  bool try_hold(dev_t device, ino_t inode);
  void release(dev_t device, ino_t inode);

 private:
  SystemCalls& calls_;
  std::mutex mutex_;  // guards what follows
  std::map<dev_t, std::unique_ptr<Disk>> disks_;
  std::set<std::pair<dev_t, ino_t>> held_;
  std::set<std::pair<dev_t, ino_t>> unsynced_directories_;
};

}  // namespace ottla
