#include "runtime/linux/linux_mapping.h"

#include <sys/mman.h>

#include <cerrno>
#include <utility>

#include "runtime/offload.h"
#include "runtime/shard.h"

namespace ottla {
namespace {

constexpr int kPopulateRead = 22;  // MADV_POPULATE_READ, Linux 5.14

struct Mapped {
  void* address = nullptr;
  int error = 0;
};

// Under the inode's mutex, so that no truncation comes between the look at the size and the entry.
Mapped map_file(const OpenFile& file, std::uint64_t size) {
  const std::lock_guard lock(file.inode->mutex);
  struct stat status{};
  const int told = file.calls->fstat(file.fd, status);
  if (told < 0) return {.error = -told};
  if (static_cast<std::uint64_t>(status.st_size) < size) return {.error = EINVAL};
  const int protection = file.writable ? PROT_READ | PROT_WRITE : PROT_READ;
  void* address = ::mmap(nullptr, size, protection, MAP_SHARED, file.fd, 0);
  if (address == MAP_FAILED) return {.error = errno};
  if (::madvise(address, size, kPopulateRead) != 0 && errno == EFAULT) {
    ::munmap(address, size);
    return {.error = EIO};
  }
  file.inode->mapped.insert(size);
  return {.address = address};
}

}  // namespace

Task<Result<std::unique_ptr<Mapping>>> LinuxMapping::make(const OpenFile& file, std::uint64_t size) {
  const Mapped mapped = co_await offload(HelperKind::disk, [&file, size] { return map_file(file, size); });
  if (mapped.error != 0) co_return file.error(mapped.error, "map");
  co_return std::make_unique<LinuxMapping>(
      file, std::span(static_cast<std::byte*>(mapped.address), static_cast<std::size_t>(size)));
}

LinuxMapping::LinuxMapping(const OpenFile& file, std::span<std::byte> bytes)
    : calls_(*file.calls), disk_(*file.disk), inode_(file.inode), path_(file.path), bytes_(bytes) {
  ++Shard::current().open_doors().files;
}

LinuxMapping::~LinuxMapping() {
  const Shard* shard = Shard::current_or_null();
  OTTLA_INVARIANT(closed_ || (shard != nullptr && shard->killed()), "a mapping died before it was closed",
                  path_);
}

std::span<std::byte> LinuxMapping::bytes() {
  OTTLA_INVARIANT(!closed_, "bytes() of a closed mapping", path_);
  return bytes_;
}

Task<Result<void>> LinuxMapping::flush() {
  if (closed_) co_return Errc::closed;
  std::atomic<bool>& failed = inode_->sync_failed;
  if (!failed.load(std::memory_order_acquire)) {
    ++flushing_;
    const int result =
        co_await offload(HelperKind::disk, [this] { return calls_.msync(bytes_.data(), bytes_.size()); });
    --flushing_;
    if (result < 0) {
      failed.store(true, std::memory_order_release);
      co_return Error::from_errno(-result, "flush the mapping of", path_);
    }
  }
  if (failed.load(std::memory_order_acquire)) {
    co_return Error(Errc::sync_failed, "flush the mapping of " + path_ + ": an earlier sync failed");
  }
  co_return Result<void>();
}

Task<void> LinuxMapping::close() {
  if (closed_) co_return;
  OTTLA_INVARIANT(flushing_ == 0, "a mapping is closed while it is flushed", path_);
  closed_ = true;
  co_await offload(HelperKind::disk, [this] {
    const std::lock_guard lock(inode_->mutex);
    ::munmap(bytes_.data(), bytes_.size());
    inode_->mapped.erase(inode_->mapped.find(bytes_.size()));
  });
  disk_.let_go(std::move(inode_));
  --Shard::current().open_doors().files;
}

}  // namespace ottla
