// Units to share among the coroutines of one shard; first come, first served.
//
// Lifetime:   outlives its permits. On a killed shard permits go inert: they give nothing back.
// Invariants: available + held = capacity
#pragma once

#include <cstdint>
#include <utility>

#include "base/result.h"
#include "runtime/wait_node.h"

namespace ottla {

class Semaphore {
 public:
  explicit Semaphore(std::int64_t capacity) : available_(capacity) {}

  // Units held; given back when it dies.
  class [[nodiscard]] Permit {
   public:
    Permit() = default;
    Permit(Permit&& other) noexcept
        : semaphore_(std::exchange(other.semaphore_, nullptr)), units_(std::exchange(other.units_, 0)) {}
    Permit& operator=(Permit&& other) noexcept {
      std::swap(semaphore_, other.semaphore_);
      std::swap(units_, other.units_);
      return *this;
    }
    ~Permit() { give_back(); }

    std::int64_t units() const { return units_; }
    void give_back() {
      if (semaphore_ == nullptr) return;
      if (!Shard::current().killed()) semaphore_->release(units_);
      semaphore_ = nullptr;
    }

   private:
    friend class Semaphore;
    Permit(Semaphore& semaphore, std::int64_t units) : semaphore_(&semaphore), units_(units) {}
    Semaphore* semaphore_ = nullptr;
    std::int64_t units_ = 0;
  };

  class [[nodiscard]] Awaiter final : public WaitNode {
   public:
    Awaiter(Semaphore& semaphore, std::int64_t units, Cancel cancel)
        : semaphore_(semaphore), units_(units), cancel_(cancel) {}
    bool await_ready() {
      if (semaphore_.waiting_.empty() && semaphore_.available_ >= units_) {
        semaphore_.available_ -= units_;
        return true;
      }
      refused_ = cancel_.requested();
      return refused_;
    }
    void await_suspend(std::coroutine_handle<> waiting) {
      suspend(waiting, cancel_);
      semaphore_.waiting_.push_back(*this);
      granted_ = false;
    }
    Result<Permit> await_resume() {
      if (refused_ || was_cancelled()) return Errc::cancelled;
      granted_ = false;  // the permit owns the units from here on
      return Permit(semaphore_, units_);
    }
    ~Awaiter() {
      if (granted_ && !Shard::current().killed()) semaphore_.release(units_);
    }

   private:
    friend class Semaphore;
    void on_cancel() override {
      Semaphore& semaphore = semaphore_;
      WaitNode::on_cancel();
      semaphore.grant_waiting();  // who stood behind this one may fit
    }

    Semaphore& semaphore_;
    std::int64_t units_;
    Cancel cancel_;
    bool refused_ = false;
    bool granted_ = false;
  };
  Awaiter acquire(std::int64_t units, Cancel cancel = {}) { return Awaiter(*this, units, cancel); }

  std::int64_t available() const { return available_; }
  bool has_waiters() const { return !waiting_.empty(); }
  // Adds units that nobody took: a limit that grew, or a hand-made pool.
  void release(std::int64_t units) {
    available_ += units;
    grant_waiting();
  }

 private:
  void grant_waiting() {
    while (!waiting_.empty()) {
      auto& first = static_cast<Awaiter&>(waiting_.front());
      if (first.units_ > available_) return;
      available_ -= first.units_;
      first.granted_ = true;
      first.grant();
    }
  }

  std::int64_t available_;
  WaiterList waiting_;
};

}  // namespace ottla
