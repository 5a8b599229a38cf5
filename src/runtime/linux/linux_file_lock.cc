#include "runtime/linux/linux_file_lock.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "runtime/linux/directory_work.h"
#include "runtime/offload.h"

namespace ottla {
namespace {

using Held = LinuxFileLock::Held;

// The first line of the lock file, if it looks like a process id.
std::string holder_in(SystemCalls& calls, int fd) {
  std::array<char, 32> text{};
  iovec vector{text.data(), text.size()};
  const std::int64_t got = calls.preadv(fd, &vector, 1, 0, 0);
  std::string digits;
  for (std::int64_t i = 0;
       i < got && text.at(static_cast<std::size_t>(i)) >= '0' && text.at(static_cast<std::size_t>(i)) <= '9';
       ++i) {
    digits += text.at(static_cast<std::size_t>(i));
  }
  return digits;
}

Error taken(SystemCalls& calls, int fd, const std::string& path) {
  std::string text = "lock " + path + ": held by ";
  const std::string holder = holder_in(calls, fd);
  if (holder.empty()) {
    text += "another process";
  } else if (holder == std::to_string(::getpid())) {
    text += "this process (" + holder + ")";
  } else {
    text += "process " + holder;
  }
  return Error(Errc::busy, text + "; stop it or use another directory");
}

// An open file description's lock conflicts with POSIX record locks, and with those of this process's other
// descriptions.
int lock_whole_file(int fd) {
  struct flock whole{};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(fd, F_OFD_SETLK, &whole) == 0 ? 0 : errno;
}

void write_holder(SystemCalls& calls, int fd) {
  std::string text = std::to_string(::getpid()) + '\n';
  iovec vector{text.data(), text.size()};
  if (calls.ftruncate(fd, 0) == 0) (void)calls.pwritev(fd, &vector, 1, 0);  // a courtesy: may fail
}

Result<Held> lock_opened(DiskGovernor& governor, int fd, const std::string& path) {
  SystemCalls& calls = governor.calls();
  struct stat status{};
  const int told = calls.fstat(fd, status);
  if (told < 0) return Error::from_errno(-told, "lock", path);
  const Held held{.fd = fd, .device = status.st_dev, .inode = status.st_ino};
  if (!governor.try_hold(held.device, held.inode)) return taken(calls, fd, path);
  const int refused = lock_whole_file(fd);
  struct stat named{};
  if (refused == 0 && calls.stat(path.c_str(), named) == 0 && named.st_ino == held.inode) {
    write_holder(calls, fd);
    return held;
  }
  governor.release(held.device, held.inode);
  if (refused == 0) return Error(Errc::busy, "lock " + path + ": the file was replaced meanwhile; try again");
  if (refused == EAGAIN || refused == EACCES) return taken(calls, fd, path);
  return Error::from_errno(refused, "lock", path);
}

// Whoever locks a directory is going to have many files on its disk, and may want to sync all of them at once.
void watch_disk(DiskGovernor& governor, const std::string& path, dev_t device) {
  Disk& disk = governor.disk(device);
  if (disk.whole_fd() >= 0) return;
  SystemCalls& calls = governor.calls();
  const std::string directory = directory_work::parent_of(path);
  const int fd = calls.open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  if (fd < 0) return;  // a sync opens one for itself, then
  struct stat status{};
  if (calls.fstat(fd, status) == 0 && status.st_dev == device) return disk.watch(fd);
  calls.close(fd);
}

Result<Held> take_lock(DiskGovernor& governor, const std::string& path) {
  SystemCalls& calls = governor.calls();
  const int fd = calls.open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NONBLOCK, 0644);
  if (fd < 0) return Error::from_errno(-fd, "lock", path);
  Result<Held> held = lock_opened(governor, fd, path);
  if (!held.ok()) {
    calls.close(fd);
  } else {
    watch_disk(governor, path, held->device);
  }
  return held;
}

}  // namespace

Task<Result<std::unique_ptr<FileLock>>> LinuxFileLock::acquire(DiskGovernor& governor, std::string path) {
  OTTLA_CO_TRY(const Held held,
               co_await offload(HelperKind::disk, [&] { return take_lock(governor, path); }));
  co_return std::make_unique<LinuxFileLock>(governor, std::move(path), held);
}

LinuxFileLock::LinuxFileLock(DiskGovernor& governor, std::string path, Held held)
    : governor_(governor), path_(std::move(path)), held_(held) {
  ++Shard::current().open_doors().files;
}

LinuxFileLock::~LinuxFileLock() {
  const Shard* shard = Shard::current_or_null();
  OTTLA_INVARIANT(released_ || (shard != nullptr && shard->killed()), "a lock died before it was released",
                  path_);
}

Task<void> LinuxFileLock::release() {
  if (std::exchange(released_, true)) co_return;
  co_await offload(HelperKind::disk, [this] { governor_.calls().close(held_.fd); });
  governor_.release(held_.device, held_.inode);
  --Shard::current().open_doors().files;
}

}  // namespace ottla
