// What the real disk is asked, one function a system call, so that a test can plant the errors that a healthy
// disk never shows.
//
// Concurrency: called from shards and helpers at the same time; an override brings its own locking.
// Errors:      each gives what the call gives, or -errno. Nothing is retried here.
#pragma once

#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/uio.h>

#include <cstddef>
#include <cstdint>

#include "runtime/clock.h"

namespace ottla {

class SystemCalls {
 public:
  SystemCalls();
  SystemCalls(const SystemCalls&) = delete;
  SystemCalls& operator=(const SystemCalls&) = delete;
  virtual ~SystemCalls();

  virtual int open(const char* path, int flags, unsigned mode);
  virtual int close(int fd);
  virtual int fstat(int fd, struct stat& out);
  virtual int stat(const char* path, struct stat& out);
  virtual int lstat(const char* path, struct stat& out);
  virtual int fstatfs(int fd, struct statfs& out);
  virtual int statvfs(const char* path, struct statvfs& out);

  virtual std::int64_t pwritev(int fd, const iovec* vectors, int count, std::uint64_t offset);
  // `flags` are the RWF_ ones.
  virtual std::int64_t preadv(int fd, const iovec* vectors, int count, std::uint64_t offset, int flags);
  // Reads the range into the page cache and nowhere else; waits for the disk. How many bytes that was; -EINVAL where the
  // file system cannot.
  virtual std::int64_t read_into_cache(int fd, std::uint64_t offset, std::size_t length);
  virtual int fdatasync(int fd);
  virtual int fsync(int fd);
  virtual int syncfs(int fd);
  virtual int fallocate(int fd, int mode, std::uint64_t offset, std::uint64_t length);
  virtual int ftruncate(int fd, std::uint64_t size);
  virtual int msync(void* address, std::size_t length);
  // Pages of the range that are in the page cache; -ENOSYS before Linux 6.5.
  virtual std::int64_t cached_pages(int fd, std::uint64_t offset, std::uint64_t length);

  virtual int rename(const char* from, const char* to);
  virtual int mkdir(const char* path, unsigned mode);
  virtual int unlink(const char* path);
  virtual int rmdir(const char* path);

  // For measuring how long the disk takes.
  virtual Duration monotonic();

 private:
  const int sink_;  // /dev/null: what is sent there is looked at by nobody, and copied by nobody
};

// The machine itself.
SystemCalls& real_system_calls();

}  // namespace ottla
