#include "runtime/linux/directory_work.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/uio.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

namespace ottla::directory_work {
namespace {

constexpr std::size_t kEntriesPerStep = 256;
constexpr unsigned kDirectoryMode = 0755;

Result<void> result_of(int result, std::string_view operation, const std::string& path) {
  if (result < 0) return Error::from_errno(-result, operation, path);
  return {};
}

struct CloseDirectory {
  void operator()(DIR* directory) const { ::closedir(directory); }
};
using Directory = std::unique_ptr<DIR, CloseDirectory>;

// The last component must not be a link unless `follow`.
Result<Directory> open_directory(const std::string& path, bool follow) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | (follow ? 0 : O_NOFOLLOW));
  if (fd < 0) return Error::from_errno(errno, "list", path);
  Directory directory(::fdopendir(fd));
  if (!directory) return Error::from_errno(errno, "list", path);
  return directory;
}

// Null at the end.
Result<const dirent*> next_entry(DIR* directory, const std::string& path) {
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(directory);
    if (entry == nullptr && errno != 0) return Error::from_errno(errno, "list", path);
    if (entry == nullptr) return nullptr;
    if (std::strcmp(entry->d_name, ".") != 0 && std::strcmp(entry->d_name, "..") != 0) return entry;
  }
}

// Some file systems leave the type out of the entry.
bool is_directory(DIR* directory, const dirent& entry, bool follow) {
  if (entry.d_type == DT_DIR) return true;
  if (entry.d_type != DT_UNKNOWN && !(follow && entry.d_type == DT_LNK)) return false;
  struct stat status{};
  const int flags = follow ? 0 : AT_SYMLINK_NOFOLLOW;
  return ::fstatat(::dirfd(directory), entry.d_name, &status, flags) == 0 && S_ISDIR(status.st_mode);
}

std::string without_trailing_slashes(std::string path) {
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path;
}

FileStatus status_of(const struct stat& found) {
  return {.size = static_cast<std::uint64_t>(found.st_size),
          .is_directory = S_ISDIR(found.st_mode),
          .modified_millis = found.st_mtim.tv_sec * 1000 + found.st_mtim.tv_nsec / 1'000'000};
}

// All bytes of an open file. Nothing where it has become another size, or cannot be read.
std::optional<std::string> bytes_of(SystemCalls& calls, int fd, std::size_t size) {
  std::string bytes(size + 1, '\0');  // so that a file that has grown shows
  std::size_t got = 0;
  while (got < bytes.size()) {
    const iovec rest{.iov_base = bytes.data() + got, .iov_len = bytes.size() - got};
    const std::int64_t more = calls.preadv(fd, &rest, 1, got, 0);
    if (more == -EINTR) continue;
    if (more < 0) return std::nullopt;
    if (more == 0) break;
    got += static_cast<std::size_t>(more);
  }
  if (got != size) return std::nullopt;
  bytes.resize(size);
  return bytes;
}

// Status and bytes by way of one descriptor. False when the name has to be asked in another way.
bool look_at(SystemCalls& calls, const std::string& path, std::uint64_t largest, SeenEntry& entry) {
  const int fd = calls.open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK, 0);
  if (fd < 0) return false;
  struct stat found{};
  const bool told = calls.fstat(fd, found) == 0;
  if (told) entry.status = status_of(found);
  if (told && S_ISREG(found.st_mode) && entry.status.size <= largest) {
    entry.bytes = bytes_of(calls, fd, entry.status.size);
  }
  calls.close(fd);
  return told;
}

Result<void> expect_directory(SystemCalls& calls, const std::string& path) {
  OTTLA_TRY(const FileStatus found, status(calls, path));
  if (found.is_directory) return {};
  return Error(Errc::not_a_directory, "make directory " + path + ": a file of that name is in the way");
}

}  // namespace

std::string parent_of(const std::string& path) {
  const std::string whole = without_trailing_slashes(path);
  const std::size_t slash = whole.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : without_trailing_slashes(whole.substr(0, slash));
}

Result<FileStatus> status(SystemCalls& calls, const std::string& path) {
  struct stat found{};
  OTTLA_CHECK(result_of(calls.stat(path.c_str(), found), "look at", path));
  return status_of(found);
}

Result<DiskSpace> space(SystemCalls& calls, const std::string& path) {
  struct statvfs found{};
  OTTLA_CHECK(result_of(calls.statvfs(path.c_str(), found), "measure the space at", path));
  return DiskSpace{.total = found.f_blocks * found.f_frsize, .available = found.f_bavail * found.f_frsize};
}

Result<std::vector<DirectoryEntry>> list(const std::string& path) {
  OTTLA_TRY(const Directory directory, open_directory(path, true));
  std::vector<DirectoryEntry> entries;
  for (;;) {
    OTTLA_TRY(const dirent* const entry, next_entry(directory.get(), path));
    if (entry == nullptr) break;
    entries.push_back({entry->d_name, is_directory(directory.get(), *entry, true)});
  }
  std::ranges::sort(entries);
  return entries;
}

Result<std::vector<SeenEntry>> look_into(SystemCalls& calls, const std::string& path, LookTerms terms) {
  OTTLA_TRY(const Directory directory, open_directory(path, true));
  std::vector<SeenEntry> seen;
  for (;;) {
    OTTLA_TRY(const dirent* const entry, next_entry(directory.get(), path));
    if (entry == nullptr) break;
    SeenEntry here{.name = entry->d_name, .status = {}};
    const std::string name = path + '/' + here.name;
    const bool is_wanted =
        terms.wants != nullptr && terms.wants(here.name) && !is_directory(directory.get(), *entry, true);
    if (!is_wanted || !look_at(calls, name, terms.largest, here)) {
      Result<FileStatus> found = status(calls, name);
      if (!found.ok() && found.error() == Errc::not_found) continue;
      if (!found.ok()) return std::move(found).error();
      here.status = *found;
    }
    seen.push_back(std::move(here));
  }
  std::ranges::sort(seen, {}, &SeenEntry::name);
  return seen;
}

Result<void> make_directories(DiskGovernor& governor, const std::string& path, Durability durability) {
  std::vector<std::string> missing;  // deepest first
  for (std::string at = without_trailing_slashes(path);; at = parent_of(at)) {
    const int made = governor.calls().mkdir(at.c_str(), kDirectoryMode);
    if (made == -ENOENT && at != "." && at != "/") {
      missing.push_back(at);
      continue;
    }
    if (made == -EEXIST) {
      OTTLA_CHECK(expect_directory(governor.calls(), at));
    } else {
      OTTLA_CHECK(result_of(made, "make directory", at));
    }
    if (durability == Durability::synced) OTTLA_CHECK(sync_directory(governor, parent_of(at)));
    break;
  }
  for (; !missing.empty(); missing.pop_back()) {
    const std::string& at = missing.back();
    const int made = governor.calls().mkdir(at.c_str(), kDirectoryMode);
    if (made != -EEXIST) OTTLA_CHECK(result_of(made, "make directory", at));
    if (durability == Durability::synced) OTTLA_CHECK(sync_directory(governor, parent_of(at)));
  }
  return {};
}

Result<void> rename(DiskGovernor& governor, const std::string& from, const std::string& to,
                    Durability durability) {
  OTTLA_CHECK(result_of(governor.calls().rename(from.c_str(), to.c_str()), "rename", from + " to " + to));
  if (durability == Durability::deferred) return {};
  // The new name first: between the two a crash may show both names, never none.
  OTTLA_CHECK(sync_directory(governor, parent_of(to)));
  if (parent_of(from) == parent_of(to)) return {};
  return sync_directory(governor, parent_of(from));
}

Result<void> remove(DiskGovernor& governor, const std::string& path, Durability durability) {
  int removed = governor.calls().unlink(path.c_str());
  if (removed == -EISDIR || removed == -EPERM) {
    const int directory_removed = governor.calls().rmdir(path.c_str());
    if (directory_removed != -ENOTDIR) removed = directory_removed;
  }
  OTTLA_CHECK(result_of(removed, "remove", path));
  if (durability == Durability::deferred) return {};
  return sync_directory(governor, parent_of(path));
}

Result<void> sync_directory(DiskGovernor& governor, const std::string& path) {
  SystemCalls& calls = governor.calls();
  const int fd = calls.open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC, 0);
  OTTLA_CHECK(result_of(fd, "sync directory", path));
  struct stat found{};
  int synced = calls.fstat(fd, found);
  if (synced == 0) {
    synced = calls.fsync(fd);
    if (synced < 0) governor.note_sync_failed(found.st_dev, found.st_ino);
  }
  calls.close(fd);
  // Another one may have been told of what this one was to make durable.
  if (synced == 0 && governor.sync_failed(found.st_dev, found.st_ino)) {
    return Error(Errc::sync_failed, "sync directory " + path +
                                        ": an earlier sync failed, so which names are on "
                                        "the disk is unknown");
  }
  return result_of(synced, "sync directory", path);
}

Result<Emptied> remove_some(SystemCalls& calls, const std::string& path) {
  Emptied out;
  OTTLA_TRY(Directory directory, open_directory(path, false));
  bool more = false;
  for (std::size_t seen = 0; !more; ++seen) {
    OTTLA_TRY(const dirent* const entry, next_entry(directory.get(), path));
    if (entry == nullptr) break;
    more = seen == kEntriesPerStep;
    std::string name = path + '/' + entry->d_name;
    if (is_directory(directory.get(), *entry, false)) {
      out.directories.push_back(std::move(name));
      continue;
    }
    const int removed = calls.unlink(name.c_str());
    if (removed != -ENOENT) OTTLA_CHECK(result_of(removed, "remove", name));
  }
  directory.reset();
  if (more || !out.directories.empty()) return out;
  OTTLA_CHECK(result_of(calls.rmdir(path.c_str()), "remove", path));
  out.gone = true;
  return out;
}

}  // namespace ottla::directory_work
