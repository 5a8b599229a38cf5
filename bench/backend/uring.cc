#include "bench/backend/uring.h"

#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>

namespace ottla::bench {
namespace {

std::byte* map_ring(int fd, std::size_t bytes, off_t offset) {
  void* at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, offset);
  if (at == MAP_FAILED) throw std::system_error(errno, std::generic_category(), "mmap of io_uring");
  return static_cast<std::byte*>(at);
}

unsigned& word(std::byte* base, unsigned offset) {
  return *reinterpret_cast<unsigned*>(base + offset);
}

}  // namespace

Uring::Uring(unsigned entries) {
  params_.flags = IORING_SETUP_CQSIZE;
  params_.cq_entries = entries * 2;
  fd_ = static_cast<int>(::syscall(SYS_io_uring_setup, entries, &params_));
  if (fd_ < 0) throw std::system_error(errno, std::generic_category(), "io_uring_setup");
  submission_bytes_ = params_.sq_off.array + params_.sq_entries * sizeof(unsigned);
  completion_bytes_ = params_.cq_off.cqes + params_.cq_entries * sizeof(io_uring_cqe);
  entries_bytes_ = params_.sq_entries * sizeof(io_uring_sqe);
  submission_ = map_ring(fd_, submission_bytes_, IORING_OFF_SQ_RING);
  completion_ = map_ring(fd_, completion_bytes_, IORING_OFF_CQ_RING);
  entries_ = reinterpret_cast<io_uring_sqe*>(map_ring(fd_, entries_bytes_, IORING_OFF_SQES));
}

Uring::~Uring() {
  ::munmap(entries_, entries_bytes_);
  ::munmap(completion_, completion_bytes_);
  ::munmap(submission_, submission_bytes_);
  ::close(fd_);
}

io_uring_sqe* Uring::next_entry() {
  const unsigned tail = word(submission_, params_.sq_off.tail);
  const unsigned head =
      std::atomic_ref(word(submission_, params_.sq_off.head)).load(std::memory_order_acquire);
  if (tail - head == params_.sq_entries) return nullptr;
  const unsigned slot = tail & (params_.sq_entries - 1);
  io_uring_sqe* entry = &entries_[slot];
  std::memset(entry, 0, sizeof *entry);
  word(submission_, params_.sq_off.array + slot * static_cast<unsigned>(sizeof(unsigned))) = slot;
  std::atomic_ref(word(submission_, params_.sq_off.tail)).store(tail + 1, std::memory_order_release);
  ++unsubmitted_;
  return entry;
}

void Uring::enter(unsigned wanted) {
  const long submitted =
      ::syscall(SYS_io_uring_enter, fd_, unsubmitted_, wanted, IORING_ENTER_GETEVENTS, nullptr, 0);
  if (submitted < 0) {
    if (errno == EINTR) return;
    throw std::system_error(errno, std::generic_category(), "io_uring_enter");
  }
  unsubmitted_ -= static_cast<unsigned>(submitted);
}

const io_uring_cqe* Uring::peek() {
  const unsigned head = word(completion_, params_.cq_off.head);
  const unsigned tail =
      std::atomic_ref(word(completion_, params_.cq_off.tail)).load(std::memory_order_acquire);
  if (head == tail) return nullptr;
  return reinterpret_cast<const io_uring_cqe*>(completion_ + params_.cq_off.cqes) +
         (head & (params_.cq_entries - 1));
}

void Uring::seen() {
  std::atomic_ref head(word(completion_, params_.cq_off.head));
  head.store(head.load(std::memory_order_relaxed) + 1, std::memory_order_release);
}

}  // namespace ottla::bench
