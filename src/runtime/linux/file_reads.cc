#include "runtime/linux/file_reads.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <limits>
#include <vector>

#include "runtime/offload.h"
#include "runtime/sleep.h"

namespace ottla {
namespace {

constexpr std::size_t kInlineStep = 128 * 1024;   // about 20 us of copying
constexpr std::size_t kHelperStep = 1024 * 1024;  // so that one big read does not keep a helper to itself
constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kArrivalStep = 256 * 1024;  // the disk brings pages in an order that is mostly theirs

bool cannot_read_without_waiting(std::int64_t result) {
  return result == -EOPNOTSUPP || result == -ENOSYS || result == -EINVAL;
}

std::int64_t read_step(const OpenFile& file, std::uint64_t offset, std::span<std::byte> into, int flags) {
  iovec vector{into.data(), into.size()};
  for (;;) {
    const std::int64_t got = file.calls->preadv(file.fd, &vector, 1, offset, flags);
    if (got != -EINTR) return got;
  }
}

// What can be had without waiting: bytes, 0 at the end, or -EAGAIN.
std::int64_t read_inline(const OpenFile& file, std::uint64_t offset, std::span<std::byte> into) {
  std::atomic<bool>& possible = file.disk->reads_without_waiting();
  if (!possible.load(std::memory_order_relaxed)) return -EAGAIN;
  const std::int64_t got =
      read_step(file, offset, into.first(std::min(into.size(), kInlineStep)), RWF_NOWAIT);
  if (!cannot_read_without_waiting(got)) return got;
  if (got != -EINVAL) possible.store(false, std::memory_order_relaxed);
  return -EAGAIN;  // the helper's read tells what EINVAL meant
}

// For the page cache alone. Some of it, 0 at the end, or an error.
std::int64_t read_away(const OpenFile& file, std::uint64_t offset, std::uint64_t length) {
  for (;;) {
    const std::int64_t got = file.calls->read_into_cache(file.fd, offset, length);
    if (got == -EINTR) continue;
    if (got != -EINVAL) return got;
    std::array<std::byte, 64 * 1024> into;
    return read_step(file, offset, std::span(into).first(std::min<std::size_t>(into.size(), length)), 0);
  }
}

std::uint64_t size_of(const OpenFile& file) {
  struct stat status{};
  return file.calls->fstat(file.fd, status) < 0 ? 0 : static_cast<std::uint64_t>(status.st_size);
}

// For kernels without cachestat: maps the range and asks which pages are resident.
bool all_resident(const OpenFile& file, std::uint64_t begin, std::uint64_t end) {
  const std::size_t length = end - begin;
  void* address = ::mmap(nullptr, length, PROT_READ, MAP_SHARED, file.fd, static_cast<off_t>(begin));
  if (address == MAP_FAILED) return false;
  std::vector<unsigned char> resident((length + kPage - 1) / kPage);
  const bool told = ::mincore(address, length, resident.data()) == 0;
  ::munmap(address, length);
  return told && std::ranges::all_of(resident, [](unsigned char page) { return (page & 1) != 0; });
}

}  // namespace

Task<Result<std::size_t>> read_file(const OpenFile& file, std::uint64_t offset, std::span<std::byte> into) {
  std::size_t done = 0;
  while (done < into.size()) {
    const std::span<std::byte> rest = into.subspan(done);
    std::int64_t got = read_inline(file, offset + done, rest);
    if (got == -EAGAIN) {
      const auto step = rest.first(std::min(rest.size(), kHelperStep));
      got = co_await offload(HelperKind::disk,
                             [&file, at = offset + done, step] { return read_step(file, at, step, 0); });
    } else if (static_cast<std::size_t>(std::max<std::int64_t>(got, 0)) < rest.size() &&
               this_shard().slice_spent()) {
      co_await yield();
    }
    if (got < 0) co_return file.error(static_cast<int>(-got), "read");
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  co_return done;
}

bool all_cached(const OpenFile& file, std::uint64_t offset, std::uint64_t length) {
  std::atomic<bool>& tells = file.disk->tells_cached_pages();
  constexpr std::uint64_t kLimit = std::numeric_limits<std::int64_t>::max();
  if (!tells.load(std::memory_order_relaxed) || offset > kLimit || length > kLimit - offset) return false;
  const std::uint64_t first = offset / kPage;
  const std::uint64_t pages = (offset + length + kPage - 1) / kPage - first;
  const std::int64_t cached = file.calls->cached_pages(file.fd, first * kPage, pages * kPage);
  if (cached < 0) tells.store(false, std::memory_order_relaxed);
  return cached == static_cast<std::int64_t>(pages);
}

std::uint64_t arrived_part(const OpenFile& file, std::uint64_t offset, std::uint64_t length) {
  if (!file.disk->reads_without_waiting().load(std::memory_order_relaxed)) return length;
  const auto is_there = [&file](std::uint64_t place) {
    std::byte one;
    return read_step(file, place, std::span(&one, 1), RWF_NOWAIT) != -EAGAIN;
  };
  if (length == 0 || is_there(offset + length - 1)) return length;
  std::uint64_t arrived = 0;
  while (arrived + kArrivalStep < length && is_there(offset + arrived + kArrivalStep - 1)) {
    arrived += kArrivalStep;
  }
  return arrived;
}

bool read_would_block(const OpenFile& file, std::uint64_t offset, std::uint64_t length) {
  const std::uint64_t size = size_of(file);
  if (offset >= size || length == 0) return false;
  const std::uint64_t begin = offset / kPage * kPage;
  const std::uint64_t end = offset + std::min(length, size - offset);
  std::atomic<bool>& tells = file.disk->tells_cached_pages();
  if (tells.load(std::memory_order_relaxed)) {
    const std::int64_t cached = file.calls->cached_pages(file.fd, begin, end - begin);
    if (cached > 0) return static_cast<std::uint64_t>(cached) < (end - begin + kPage - 1) / kPage;
    // None at all: on a file system that lies on another one (overlayfs) the count looks in the wrong place.
    if (cached < 0) tells.store(false, std::memory_order_relaxed);
  }
  return !all_resident(file, begin, end);
}

Task<Result<void>> warm_file(const OpenFile& file, std::uint64_t offset, std::uint64_t length) {
  while (length > 0) {
    const std::uint64_t step = std::min<std::uint64_t>(length, kHelperStep);
    const std::int64_t result = co_await offload(HelperKind::disk, [&file, offset, step]() -> std::int64_t {
      for (std::uint64_t done = 0; done < step;) {
        const std::int64_t got = read_away(file, offset + done, step - done);
        if (got <= 0) return got;
        done += static_cast<std::uint64_t>(got);
      }
      return static_cast<std::int64_t>(step);
    });
    if (result < 0) co_return file.error(static_cast<int>(-result), "read ahead");
    if (result == 0) break;  // the end of the file
    offset += step;
    length -= step;
  }
  co_return Result<void>();
}

}  // namespace ottla
