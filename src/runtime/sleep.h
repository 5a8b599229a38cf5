// Waiting for time to pass, and giving way to others.
#pragma once

#include "base/result.h"
#include "runtime/timer_wheel.h"
#include "runtime/wait_node.h"

namespace ottla {

class [[nodiscard]] SleepAwaiter final : public WaitNode, private Timer {
 public:
  SleepAwaiter(Instant deadline, Cancel cancel) : deadline_(deadline), cancel_(cancel) {}
  bool await_ready() {
    refused_ = cancel_.requested();
    return refused_;
  }
  void await_suspend(std::coroutine_handle<> waiting) {
    suspend(waiting, cancel_);
    Shard::current().timers().arm(*this, deadline_);
  }
  Result<void> await_resume() {
    if (refused_ || was_cancelled()) return Errc::cancelled;
    return {};
  }

 private:
  void on_timer() override { grant(); }
  void on_cancel() override {
    disarm();
    WaitNode::on_cancel();
  }

  Instant deadline_;
  Cancel cancel_;
  bool refused_ = false;
};

// Ends at `deadline` or just after, never before; or with Errc::cancelled.
inline SleepAwaiter sleep_until(Instant deadline, Cancel cancel = {}) {
  return SleepAwaiter(deadline, cancel);
}
inline SleepAwaiter sleep_for(Duration duration, Cancel cancel = {}) {
  return SleepAwaiter(Shard::current().exact_now() + duration, cancel);
}

// Lets everything else that is ready run first. Long loops call it when Shard::slice_spent().
class [[nodiscard]] YieldAwaiter final : public Waiter {
 public:
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    handle = waiting;
    priority = Shard::current().priority();
    Shard::current().schedule(*this);
  }
  void await_resume() {}
};
inline YieldAwaiter yield() {
  return {};
}

}  // namespace ottla
