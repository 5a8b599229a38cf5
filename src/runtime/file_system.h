// The door to the disk: open files, and what concerns directories.
//
// Concurrency: one FileSystem a shard.
// Durability:  a new, renamed or removed name survives a crash only after sync_directory() of its directory,
// or
//              when the call was made with Durability::synced. The bytes of a file are another matter:
//              File::sync().
// Errors:      not_found, already_exists, no_space, io_error, read_only, permission_denied, too_many_files...
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/file.h"
#include "runtime/task.h"

namespace ottla {

enum class Access : std::uint8_t { read, read_write };
enum class Creation : std::uint8_t {
  open_existing,
  open_or_create,
  create_new,  // already_exists when there is one
};
struct OpenOptions {
  Access access = Access::read;
  Creation creation = Creation::open_existing;
  bool truncate = false;
};
inline constexpr OpenOptions kReadOnly{};
inline constexpr OpenOptions kReadWrite{.access = Access::read_write};
inline constexpr OpenOptions kOpenOrCreate{.access = Access::read_write,
                                           .creation = Creation::open_or_create};
inline constexpr OpenOptions kCreateNew{.access = Access::read_write, .creation = Creation::create_new};

enum class Durability : std::uint8_t { deferred, synced };

struct DirectoryEntry {
  std::string name;
  bool is_directory = false;
  friend auto operator<=>(const DirectoryEntry&, const DirectoryEntry&) = default;
};

struct FileStatus {
  std::uint64_t size = 0;
  bool is_directory = false;
  std::int64_t modified_millis = 0;  // wall time
};

// What one look into a directory shows of a name in it.
struct SeenEntry {
  std::string name;
  FileStatus status;
  std::optional<std::string> bytes =
      {};  // all that the file holds, where they were asked for and could be read
};
struct LookTerms {
  std::uint64_t largest = 0;  // of the files whose bytes are wanted
  // Whose bytes are wanted, by name; pure, and not called on the shard. None without it.
  bool (*wants)(std::string_view name) = nullptr;
};

struct DiskSpace {
  std::uint64_t total = 0;
  std::uint64_t available = 0;  // to this process
};

// An advisory lock on a path, held against other processes and against other holders in this one.
class FileLock {
 public:
  virtual ~FileLock() = default;
  virtual Task<void> release() = 0;
};

class FileSystem {
 public:
  virtual ~FileSystem() = default;

  virtual Task<Result<std::unique_ptr<File>>> open(std::string path, OpenOptions options) = 0;
  virtual Task<Result<FileStatus>> status(std::string path) = 0;
  // Sorted by name, without "." and "..".
  virtual Task<Result<std::vector<DirectoryEntry>>> list(std::string path) = 0;
  // The same with what status() tells of each, and with the bytes of small files: one way to a helper for all of it,
  // where the disk has one. What vanishes meanwhile is left out. Without an own way it is made of the others.
  virtual Task<Result<std::vector<SeenEntry>>> look_into(std::string path, LookTerms terms);
  // Parents too; no error when it is there already.
  virtual Task<Result<void>> make_directories(std::string path,
                                              Durability durability = Durability::deferred) = 0;
  // Atomic, replaces what stands there.
  virtual Task<Result<void>> rename(std::string from, std::string to,
                                    Durability durability = Durability::synced) = 0;
  // A file or an empty directory.
  virtual Task<Result<void>> remove(std::string path, Durability durability = Durability::deferred) = 0;
  // A directory with all that is in it; no error when it is not there.
  virtual Task<Result<void>> remove_tree(std::string path) = 0;
  virtual Task<Result<void>> sync_directory(std::string path) = 0;
  // Everything that was written to the file system on which `path` lies. Unsupported where nobody would be told
  // when a write failed, as on Linux's overlayfs: it takes File::sync there.
  virtual Task<Result<void>> sync_everything(std::string path) = 0;
  virtual Task<Result<DiskSpace>> space(std::string path) = 0;
  // Creates the file when needed. Errc::busy, and who holds it in the text, when it is taken.
  virtual Task<Result<std::unique_ptr<FileLock>>> lock(std::string path) = 0;
};

}  // namespace ottla
