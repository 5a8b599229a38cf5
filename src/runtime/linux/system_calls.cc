#include "runtime/linux/system_calls.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>

namespace ottla {
namespace {

template <typename T>
T given(T result) {
  return result < 0 ? static_cast<T>(-errno) : result;
}

// The kernel's struct cachestat_range and struct cachestat, which this libc does not declare.
struct CacheRange {
  std::uint64_t offset;
  std::uint64_t length;
};
struct CacheState {
  std::uint64_t cached;
  std::uint64_t dirty;
  std::uint64_t writeback;
  std::uint64_t evicted;
  std::uint64_t recently_evicted;
};
constexpr long kCachestat = 451;  // the same number on every processor

}  // namespace

SystemCalls::SystemCalls() : sink_(::open("/dev/null", O_WRONLY | O_CLOEXEC)) {}

SystemCalls::~SystemCalls() {
  if (sink_ >= 0) ::close(sink_);
}

int SystemCalls::open(const char* path, int flags, unsigned mode) {
  return given(::open(path, flags, static_cast<mode_t>(mode)));
}
int SystemCalls::close(int fd) {
  return given(::close(fd));
}
int SystemCalls::fstat(int fd, struct stat& out) {
  return given(::fstat(fd, &out));
}
int SystemCalls::stat(const char* path, struct stat& out) {
  return given(::stat(path, &out));
}
int SystemCalls::lstat(const char* path, struct stat& out) {
  return given(::lstat(path, &out));
}
int SystemCalls::fstatfs(int fd, struct statfs& out) {
  return given(::fstatfs(fd, &out));
}
int SystemCalls::statvfs(const char* path, struct statvfs& out) {
  return given(::statvfs(path, &out));
}

std::int64_t SystemCalls::pwritev(int fd, const iovec* vectors, int count, std::uint64_t offset) {
  return given<std::int64_t>(::pwritev(fd, vectors, count, static_cast<off_t>(offset)));
}
std::int64_t SystemCalls::preadv(int fd, const iovec* vectors, int count, std::uint64_t offset, int flags) {
  return given<std::int64_t>(::preadv2(fd, vectors, count, static_cast<off_t>(offset), flags));
}
std::int64_t SystemCalls::read_into_cache(int fd, std::uint64_t offset, std::size_t length) {
  if (sink_ < 0) return -EINVAL;
  auto position = static_cast<off_t>(offset);
  return given<std::int64_t>(::sendfile(sink_, fd, &position, length));
}
int SystemCalls::fdatasync(int fd) {
  return given(::fdatasync(fd));
}
int SystemCalls::fsync(int fd) {
  return given(::fsync(fd));
}
int SystemCalls::syncfs(int fd) {
  return given(::syncfs(fd));
}
int SystemCalls::fallocate(int fd, int mode, std::uint64_t offset, std::uint64_t length) {
  return given(::fallocate(fd, mode, static_cast<off_t>(offset), static_cast<off_t>(length)));
}
int SystemCalls::ftruncate(int fd, std::uint64_t size) {
  return given(::ftruncate(fd, static_cast<off_t>(size)));
}
int SystemCalls::msync(void* address, std::size_t length) {
  return given(::msync(address, length, MS_SYNC));
}
std::int64_t SystemCalls::cached_pages(int fd, std::uint64_t offset, std::uint64_t length) {
  CacheRange range{offset, length};
  CacheState state{};
  const long result = ::syscall(kCachestat, fd, &range, &state, 0);
  return result < 0 ? -errno : static_cast<std::int64_t>(state.cached);
}

int SystemCalls::rename(const char* from, const char* to) {
  return given(::rename(from, to));
}
int SystemCalls::mkdir(const char* path, unsigned mode) {
  return given(::mkdir(path, static_cast<mode_t>(mode)));
}
int SystemCalls::unlink(const char* path) {
  return given(::unlink(path));
}
int SystemCalls::rmdir(const char* path) {
  return given(::rmdir(path));
}

Duration SystemCalls::monotonic() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds(now.tv_sec) + Duration(now.tv_nsec);
}

SystemCalls& real_system_calls() {
  static SystemCalls calls;
  return calls;
}

}  // namespace ottla
