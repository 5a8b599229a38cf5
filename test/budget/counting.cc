// Preloaded into a node: counts what it asks of the kernel, of the heap, and how many bytes it copies.
//
// The counts stand in the file that OTTLA_BUDGET_COUNTS names, eight bytes each in the order of Count, so that a test
// reads them while the node runs. Nothing in the node knows of it.
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace {

enum Count : std::size_t {
  kReceives,
  kSends,
  kFileWrites,
  kFileReads,
  kPolls,
  kWakeUps,
  kAllocations,
  kCopies,
  kCopied,
  kCounts
};

// Shorter copies are fields of messages, not records.
constexpr std::size_t kLeastCopy = 512;

std::atomic<std::uint64_t> early[kCounts];  // until the file is there, and without one
std::atomic<std::uint64_t>* counts = early;

void count(Count what, std::uint64_t amount = 1) {
  counts[what].fetch_add(amount, std::memory_order_relaxed);
}

[[gnu::constructor]] void open_counts() {
  const char* const path = std::getenv("OTTLA_BUDGET_COUNTS");
  if (path == nullptr) return;
  const int fd = ::open(path, O_RDWR | O_CLOEXEC);
  if (fd < 0) return;
  void* const place = ::mmap(nullptr, sizeof early, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  if (place != MAP_FAILED) counts = static_cast<std::atomic<std::uint64_t>*>(place);
}

template <typename F>
F real(const char* name) {
  return reinterpret_cast<F>(::dlsym(RTLD_NEXT, name));
}

}  // namespace

extern "C" {

void* __libc_malloc(std::size_t size);                           // NOLINT
void* __libc_calloc(std::size_t number, std::size_t size);       // NOLINT
void* __libc_memalign(std::size_t alignment, std::size_t size);  // NOLINT

void* malloc(std::size_t size) {
  count(kAllocations);
  return __libc_malloc(size);
}
void* calloc(std::size_t number, std::size_t size) {
  count(kAllocations);
  return __libc_calloc(number, size);
}
void* aligned_alloc(std::size_t alignment, std::size_t size) {
  count(kAllocations);
  return __libc_memalign(alignment, size);
}

// Forwards, as memmove has to where they overlap; the compiler turns neither into a call of itself.
void* memmove(void* to, const void* from, std::size_t size) {
  if (size >= kLeastCopy) {
    count(kCopies);
    count(kCopied, size);
  }
  void* out = to;
  if (to <= from || static_cast<const char*>(from) + size <= to) {
    asm volatile("rep movsb" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
  } else {
    to = static_cast<char*>(to) + size - 1;
    from = static_cast<const char*>(from) + size - 1;
    asm volatile("std\n\trep movsb\n\tcld" : "+D"(to), "+S"(from), "+c"(size) : : "memory");
  }
  return out;
}
void* memcpy(void* to, const void* from, std::size_t size) {
  return memmove(to, from, size);
}

ssize_t recv(int fd, void* into, std::size_t size, int flags) {
  static const auto next = real<ssize_t (*)(int, void*, std::size_t, int)>("recv");
  count(kReceives);
  return next(fd, into, size, flags);
}
ssize_t recvmsg(int fd, msghdr* message, int flags) {
  static const auto next = real<ssize_t (*)(int, msghdr*, int)>("recvmsg");
  count(kReceives);
  return next(fd, message, flags);
}
ssize_t readv(int fd, const iovec* vectors, int number) {
  static const auto next = real<ssize_t (*)(int, const iovec*, int)>("readv");
  count(kReceives);
  return next(fd, vectors, number);
}
ssize_t sendto(int fd, const void* from, std::size_t size, int flags, const sockaddr* to, socklen_t length) {
  static const auto next =
      real<ssize_t (*)(int, const void*, std::size_t, int, const sockaddr*, socklen_t)>("sendto");
  count(kSends);
  return next(fd, from, size, flags, to, length);
}
ssize_t send(int fd, const void* from, std::size_t size, int flags) {
  static const auto next = real<ssize_t (*)(int, const void*, std::size_t, int)>("send");
  count(kSends);
  return next(fd, from, size, flags);
}
ssize_t sendmsg(int fd, const msghdr* message, int flags) {
  static const auto next = real<ssize_t (*)(int, const msghdr*, int)>("sendmsg");
  count(kSends);
  return next(fd, message, flags);
}
ssize_t sendfile(int out, int in, off_t* offset, std::size_t size) {
  static const auto next = real<ssize_t (*)(int, int, off_t*, std::size_t)>("sendfile");
  count(kSends);
  return next(out, in, offset, size);
}
ssize_t pwritev(int fd, const iovec* vectors, int number, off_t offset) {
  static const auto next = real<ssize_t (*)(int, const iovec*, int, off_t)>("pwritev");
  count(kFileWrites);
  return next(fd, vectors, number, offset);
}
ssize_t preadv2(int fd, const iovec* vectors, int number, off_t offset, int flags) {
  static const auto next = real<ssize_t (*)(int, const iovec*, int, off_t, int)>("preadv2");
  count(kFileReads);
  return next(fd, vectors, number, offset, flags);
}
ssize_t write(int fd, const void* from, std::size_t size) {
  static const auto next = real<ssize_t (*)(int, const void*, std::size_t)>("write");
  count(kWakeUps);  // of another shard: nothing else on the way of a record is written so
  return next(fd, from, size);
}
int epoll_pwait2(int fd, epoll_event* events, int most, const timespec* timeout, const sigset_t* signals) {
  static const auto next =
      real<int (*)(int, epoll_event*, int, const timespec*, const sigset_t*)>("epoll_pwait2");
  count(kPolls);
  return next(fd, events, most, timeout, signals);
}

}  // extern "C"
