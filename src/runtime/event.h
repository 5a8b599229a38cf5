// A flag that coroutines of one shard wait for. Stays set until reset.
#pragma once

#include "base/result.h"
#include "runtime/wait_node.h"

namespace ottla {

class Event {
 public:
  Event() = default;

  void set() {
    set_ = true;
    wake_all();
  }
  void reset() { set_ = false; }
  bool is_set() const { return set_; }
  // Wakes those who wait now and leaves the flag as it is.
  void wake_all() {
    while (!waiting_.empty()) static_cast<WaitNode&>(waiting_.front()).grant();
  }
  bool has_waiters() const { return !waiting_.empty(); }

  class [[nodiscard]] Awaiter final : public WaitNode {
   public:
    Awaiter(Event& event, Cancel cancel) : event_(event), cancel_(cancel) {}
    bool await_ready() {
      refused_ = !event_.set_ && cancel_.requested();
      return event_.set_ || refused_;
    }
    void await_suspend(std::coroutine_handle<> waiting) {
      suspend(waiting, cancel_);
      event_.waiting_.push_back(*this);
    }
    Result<void> await_resume() {
      if (refused_ || was_cancelled()) return Errc::cancelled;
      return {};
    }

   private:
    Event& event_;
    Cancel cancel_;
    bool refused_ = false;
  };
  // Ends when the flag is set, or with Errc::cancelled.
  Awaiter wait(Cancel cancel) { return Awaiter(*this, cancel); }

  class [[nodiscard]] PlainAwaiter final : public WaitNode {
   public:
    explicit PlainAwaiter(Event& event) : event_(event) {}
    bool await_ready() { return event_.set_; }
    void await_suspend(std::coroutine_handle<> waiting) {
      suspend(waiting, {});
      event_.waiting_.push_back(*this);
    }
    void await_resume() {}

   private:
    Event& event_;
  };
  PlainAwaiter wait() { return PlainAwaiter(*this); }

 private:
  bool set_ = false;
  WaiterList waiting_;
};

}  // namespace ottla
