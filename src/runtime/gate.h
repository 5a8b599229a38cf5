// Who may still come in: passes are handed out until the gate closes, and close() waits for the last to
// leave.
//
// Lifetime: outlives its passes. On a killed shard passes go inert.
#pragma once

#include <cstdint>
#include <utility>

#include "base/result.h"
#include "runtime/event.h"
#include "runtime/task.h"

namespace ottla {

class Gate {
 public:
  class [[nodiscard]] Pass {
   public:
    Pass() = default;
    Pass(Pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    Pass& operator=(Pass&& other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }
    ~Pass() { leave(); }
    void leave() {
      if (gate_ != nullptr && !Shard::current().killed()) gate_->left();
      gate_ = nullptr;
    }

   private:
    friend class Gate;
    explicit Pass(Gate& gate) : gate_(&gate) {}
    Gate* gate_ = nullptr;
  };

  // Errc::closed once close() was called.
  Result<Pass> enter() {
    if (closed_) return Errc::closed;
    ++inside_;
    return Pass(*this);
  }
  Task<void> close() {
    closed_ = true;
    while (inside_ > 0) co_await empty_.wait();
  }
  bool closed() const { return closed_; }
  std::int64_t inside() const { return inside_; }

 private:
  void left() {
    if (--inside_ == 0) empty_.wake_all();
  }

  bool closed_ = false;
  std::int64_t inside_ = 0;
  Event empty_;
};

}  // namespace ottla
