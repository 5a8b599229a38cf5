// The least of io_uring that a fair echo and a fair append need, over the bare system calls.
#pragma once

#include <linux/io_uring.h>

#include <cstddef>
#include <cstdint>

namespace ottla::bench {

class Uring {
 public:
  // Throws std::system_error when the kernel, or the container, refuses.
  explicit Uring(unsigned entries);
  Uring(const Uring&) = delete;
  Uring& operator=(const Uring&) = delete;
  ~Uring();

  // A zeroed entry to fill; null when the queue is full (enter first).
  io_uring_sqe* next_entry();
  // Submits what was filled and waits for at least `wanted` completions.
  void enter(unsigned wanted);
  // The next completion, or null.
  const io_uring_cqe* peek();
  void seen();

 private:
  int fd_ = -1;
  unsigned unsubmitted_ = 0;
  std::size_t submission_bytes_ = 0;
  std::size_t completion_bytes_ = 0;
  std::size_t entries_bytes_ = 0;
  std::byte* submission_ = nullptr;
  std::byte* completion_ = nullptr;
  io_uring_sqe* entries_ = nullptr;
  io_uring_params params_{};
};

}  // namespace ottla::bench
