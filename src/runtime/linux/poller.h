// One epoll set and its wake-up, for one shard.
//
// Every descriptor is registered once, edge-triggered, for both directions: no system call per operation
// beyond the operation itself. Who owns a descriptor tries first and waits for an event only after EAGAIN.
//
// Concurrency: confined to the shard's thread, but for wake().
// Lifetime:    a watch is removed before it is destroyed.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "runtime/clock.h"
#include "runtime/shard.h"

namespace ottla {

// Told about readiness from the shard's loop, so it only flips state and schedules.
class FdWatch {
 public:
  // Epoll's bits: EPOLLIN, EPOLLOUT, EPOLLRDHUP, EPOLLHUP, EPOLLERR.
  virtual void on_events(std::uint32_t events) = 0;

 protected:
  ~FdWatch() = default;
};

class Poller final : public Waker {
 public:
  Poller();
  Poller(const Poller&) = delete;
  Poller& operator=(const Poller&) = delete;
  ~Poller();

  Result<void> add(int fd, FdWatch& watch);
  // Before the descriptor is closed. Events that were fetched already are not delivered.
  void remove(int fd, FdWatch& watch);

  // Waits for events, a wake() or the timeout (none: for ever; zero: only looks), and delivers them.
  void wait(std::optional<Duration> timeout);
  void wake() override;

  // Calls of epoll_wait so far, for the proof that an idle process sleeps.
  std::uint64_t waits() const { return waits_; }

 private:
  static constexpr int kBatch = 256;

  int epoll_ = -1;
  int event_ = -1;
  std::uint64_t waits_ = 0;
  void* fetched_ = nullptr;  // the batch being delivered, so that remove() can strike out entries
  int fetched_count_ = 0;
};

}  // namespace ottla
