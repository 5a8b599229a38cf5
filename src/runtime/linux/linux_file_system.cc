#include "runtime/linux/linux_file_system.h"

#include <fcntl.h>

#include <cerrno>
#include <utility>

#include "runtime/linux/directory_work.h"
#include "runtime/linux/linux_file.h"
#include "runtime/linux/linux_file_lock.h"
#include "runtime/linux/open_file.h"
#include "runtime/offload.h"

namespace ottla {
namespace {

constexpr unsigned kFileMode = 0644;

struct Opened {
  OpenFile file;
  std::uint64_t size = 0;
};

int flags_of(OpenOptions options) {
  int flags = O_CLOEXEC | O_NONBLOCK;  // so that a pipe in the wrong place does not hold the helper
  flags |= options.access == Access::read ? O_RDONLY : O_RDWR;
  if (options.creation == Creation::open_or_create) flags |= O_CREAT;
  if (options.creation == Creation::create_new) flags |= O_CREAT | O_EXCL;
  return flags;
}

// Not by O_TRUNC: a living mapping of this process forbids it.
int empty_file(const OpenFile& file) {
  const std::lock_guard lock(file.inode->mutex);
  if (!file.inode->mapped.empty()) return EBUSY;
  return -file.calls->ftruncate(file.fd, 0);
}

Result<std::uint64_t> examine(DiskGovernor& governor, OpenFile& file, OpenOptions options) {
  struct stat status{};
  const int told = file.calls->fstat(file.fd, status);
  if (told < 0) return file.error(-told, "open");
  if (S_ISDIR(status.st_mode)) return file.error(EISDIR, "open");
  if (!S_ISREG(status.st_mode))
    return Error(Errc::invalid_argument, "open " + file.path + ": no regular file");
  file.disk = &governor.disk(status.st_dev);
  file.inode = file.disk->inode(status.st_ino);
  // What is empty stays untouched: ext4 writes a file that was cut to nothing to the disk when it is closed.
  if (!options.truncate || status.st_size == 0) return static_cast<std::uint64_t>(status.st_size);
  if (const int error = empty_file(file)) {
    file.disk->let_go(std::move(file.inode));
    return file.error(error, "truncate");
  }
  return std::uint64_t{0};
}

Result<Opened> open_file(DiskGovernor& governor, const std::string& path, OpenOptions options) {
  SystemCalls& calls = governor.calls();
  Opened opened;
  opened.file.path = path;
  opened.file.calls = &calls;
  opened.file.writable = options.access == Access::read_write;
  if (options.truncate && !opened.file.writable) {
    return Error(Errc::invalid_argument, "open " + path + ": truncation needs write access");
  }
  do {
    opened.file.fd = calls.open(path.c_str(), flags_of(options), kFileMode);
  } while (opened.file.fd == -EINTR);
  if (opened.file.fd < 0) return opened.file.error(-opened.file.fd, "open");
  Result<std::uint64_t> size = examine(governor, opened.file, options);
  if (!size.ok()) {
    calls.close(opened.file.fd);
    return std::move(size).error();
  }
  opened.size = *size;
  return opened;
}

Result<void> sync_whole(DiskGovernor& governor, const std::string& path) {
  SystemCalls& calls = governor.calls();
  const int fd = calls.open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (fd < 0) return Error::from_errno(-fd, "sync everything at", path);
  struct stat status{};
  int result = calls.fstat(fd, status);
  if (result < 0) {
    calls.close(fd);
    return Error::from_errno(-result, "sync everything at", path);
  }
  if (!governor.syncfs_tells_errors(fd)) {
    calls.close(fd);
    return Error(Errc::unsupported,
                 "sync everything at " + path + ": writes that failed would be told to nobody here");
  }
  Disk& disk = governor.disk(status.st_dev);
  if (!disk.everything_failed()) {
    const int watched = disk.whole_fd();
    result = calls.syncfs(watched < 0 ? fd : watched);
    if (result < 0) disk.note_everything_failed();
  }
  calls.close(fd);
  if (result < 0) return Error::from_errno(-result, "sync everything at", path);
  if (!disk.everything_failed()) return {};
  return Error(Errc::sync_failed, "sync everything at " + path + ": an earlier sync failed");
}

}  // namespace

Task<Result<std::unique_ptr<File>>> LinuxFileSystem::open(std::string path, OpenOptions options) {
  OTTLA_CO_TRY(Opened opened,
               co_await offload(HelperKind::disk, [&] { return open_file(governor_, path, options); }));
  co_return std::make_unique<LinuxFile>(std::move(opened.file), opened.size);
}

Task<Result<FileStatus>> LinuxFileSystem::status(std::string path) {
  co_return co_await offload(HelperKind::disk, [&] { return directory_work::status(calls_, path); });
}

Task<Result<std::vector<DirectoryEntry>>> LinuxFileSystem::list(std::string path) {
  co_return co_await offload(HelperKind::disk, [&] { return directory_work::list(path); });
}

Task<Result<std::vector<SeenEntry>>> LinuxFileSystem::look_into(std::string path, LookTerms terms) {
  co_return co_await offload(HelperKind::disk,
                             [&] { return directory_work::look_into(calls_, path, terms); });
}

Task<Result<void>> LinuxFileSystem::make_directories(std::string path, Durability durability) {
  co_return co_await offload(HelperKind::disk,
                             [&] { return directory_work::make_directories(governor_, path, durability); });
}

Task<Result<void>> LinuxFileSystem::rename(std::string from, std::string to, Durability durability) {
  co_return co_await offload(HelperKind::disk,
                             [&] { return directory_work::rename(governor_, from, to, durability); });
}

Task<Result<void>> LinuxFileSystem::remove(std::string path, Durability durability) {
  co_return co_await offload(HelperKind::disk,
                             [&] { return directory_work::remove(governor_, path, durability); });
}

Task<Result<void>> LinuxFileSystem::remove_tree(std::string path) {
  struct stat status{};
  const int told = co_await offload(HelperKind::disk, [&] { return calls_.lstat(path.c_str(), status); });
  if (told == -ENOENT) co_return Result<void>();
  if (told < 0) co_return Error::from_errno(-told, "remove", path);
  if (!S_ISDIR(status.st_mode)) co_return co_await remove(path, Durability::deferred);
  // A directory stands below those that lie in it. Each step is a job of its own, so that a large tree holds
  // neither the shard nor a helper.
  std::vector<std::string> left{std::move(path)};
  while (!left.empty()) {
    auto emptied =
        co_await offload(HelperKind::disk, [&] { return directory_work::remove_some(calls_, left.back()); });
    const bool was_gone = !emptied.ok() && emptied.error() == Errc::not_found;
    if (!emptied.ok() && !was_gone) co_return std::move(emptied).error();
    if (was_gone || emptied->gone) {
      left.pop_back();
    } else {
      for (std::string& directory : emptied->directories) left.push_back(std::move(directory));
    }
  }
  co_return Result<void>();
}

Task<Result<void>> LinuxFileSystem::sync_directory(std::string path) {
  co_return co_await offload(HelperKind::disk,
                             [&] { return directory_work::sync_directory(governor_, path); });
}

Task<Result<void>> LinuxFileSystem::sync_everything(std::string path) {
  co_return co_await offload(HelperKind::disk, [&] { return sync_whole(governor_, path); });
}

Task<Result<DiskSpace>> LinuxFileSystem::space(std::string path) {
  co_return co_await offload(HelperKind::disk, [&] { return directory_work::space(calls_, path); });
}

Task<Result<std::unique_ptr<FileLock>>> LinuxFileSystem::lock(std::string path) {
  return LinuxFileLock::acquire(governor_, std::move(path));
}

}  // namespace ottla
