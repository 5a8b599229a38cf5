// SIGTERM, SIGINT and SIGHUP as values on the first shard.
//
// Lifetime:    block() before any thread starts, so that no thread takes a signal behind our back; what stood
//              before comes back with unblock().
// Concurrency: confined to the first shard once open.
#pragma once

#include <signal.h>

#include <deque>

#include "base/result.h"
#include "runtime/event.h"
#include "runtime/linux/poller.h"
#include "runtime/process.h"

namespace ottla {

class SignalWatch final : private FdWatch {
 public:
  SignalWatch() = default;
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;
  ~SignalWatch() = default;

  void block();
  Result<void> open(Poller& poller);
  void close();
  void unblock();

  Task<Result<Signal>> next(Cancel cancel);
  // The system's own answer to a signal: this thread takes it, and the process ends.
  void let_kill();

 private:
  void on_events(std::uint32_t events) override;

  sigset_t before_{};
  bool blocked_ = false;
  Poller* poller_ = nullptr;
  int fd_ = -1;
  std::deque<Signal> arrived_;  // at most a few: equal ones are folded together
  Event any_;
};

}  // namespace ottla
