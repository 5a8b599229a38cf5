#include "runtime/linux/disk_governor.h"

#include <linux/magic.h>
#include <sys/utsname.h>

#include <cstdio>

namespace ottla {

Disk& DiskGovernor::disk(dev_t device) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Disk>& disk = disks_[device];
  if (!disk) disk = std::make_unique<Disk>(calls_);
  return *disk;
}

bool DiskGovernor::syncfs_tells_errors(int fd) {
  struct statfs status{};
  if (calls_.fstatfs(fd, status) < 0 || status.f_type == OVERLAYFS_SUPER_MAGIC) return false;
  utsname system{};
  int major = 0;
  int minor = 0;
  if (::uname(&system) != 0 || std::sscanf(system.release, "%d.%d", &major, &minor) != 2) return false;
  return major > 5 || (major == 5 && minor >= 17);
}

void DiskGovernor::note_sync_failed(dev_t device, ino_t directory) {
  disk(device).note_everything_failed();
  const std::lock_guard lock(mutex_);
  unsynced_directories_.emplace(device, directory);
}

bool DiskGovernor::sync_failed(dev_t device, ino_t directory) {
  const std::lock_guard lock(mutex_);
  return unsynced_directories_.contains({device, directory});
}

bool DiskGovernor::try_hold(dev_t device, ino_t inode) {
  const std::lock_guard lock(mutex_);
  return held_.emplace(device, inode).second;
}

void DiskGovernor::release(dev_t device, ino_t inode) {
  const std::lock_guard lock(mutex_);
  held_.erase({device, inode});
}

}  // namespace ottla
