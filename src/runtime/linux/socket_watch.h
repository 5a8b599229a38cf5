// What is known about one socket's readiness, and who waits for it to change.
//
// A direction is drained once the kernel said so (EAGAIN, or fewer bytes than were asked for); then the next
// event wakes whoever waits. Until then its user tries without asking.
//
// Lifetime:    stop() before it is destroyed, unless start() was never called or failed, or the shard was
//              killed.
// Concurrency: confined to its shard; at most one waits for each direction.
// Invariants:  1. a direction is drained only if a later change of the socket is certain to bring an event
//              2. once shut, nobody waits and nobody will
#pragma once

#include <cstdint>

#include "base/result.h"
#include "runtime/linux/poller.h"
#include "runtime/wait_node.h"

namespace ottla {

class SocketWatch final : private FdWatch {
 public:
  enum class Readiness : std::uint8_t { unknown, ready, drained };

  struct Direction {
    Readiness readiness = Readiness::unknown;
    WaiterList waiting;
  };

  SocketWatch(Poller& poller, int fd) : poller_(poller), fd_(fd) {}
  SocketWatch(const SocketWatch&) = delete;
  SocketWatch& operator=(const SocketWatch&) = delete;

  int fd() const { return fd_; }
  Result<void> start() { return poller_.add(fd_, *this); }
  void stop() { poller_.remove(fd_, *this); }

  Direction& input() { return input_; }
  Direction& output() { return output_; }

  // The kernel had less than was asked for. No event follows the end of the peer's stream, so that once the
  // end was announced the next read must try.
  void input_fell_short() { input_.readiness = ended_ ? Readiness::unknown : Readiness::drained; }
  void input_is_drained() { input_.readiness = Readiness::drained; }
  void input_is_unknown() { input_.readiness = Readiness::unknown; }
  void output_is_drained() { output_.readiness = Readiness::drained; }

  // Wakes both directions with Errc::closed and lets nobody wait any more.
  void shut() {
    shut_ = true;
    wake(input_);
    wake(output_);
  }
  bool is_shut() const { return shut_; }

  class [[nodiscard]] Awaiter final : public WaitNode {
   public:
    Awaiter(const SocketWatch& watch, Direction& direction, Cancel cancel)
        : watch_(watch), direction_(direction), cancel_(cancel) {}
    bool await_ready() {
      refused_ = cancel_.requested();
      return refused_ || watch_.shut_ || direction_.readiness != Readiness::drained;
    }
    void await_suspend(std::coroutine_handle<> waiting) {
      OTTLA_INVARIANT(direction_.waiting.empty(), "two wait for one direction of a socket", watch_.fd_);
      suspend(waiting, cancel_);
      direction_.waiting.push_back(*this);
    }
    Result<void> await_resume() {
      if (watch_.shut_) return Errc::closed;
      if (refused_ || was_cancelled()) return Errc::cancelled;
      return {};
    }

   private:
    const SocketWatch& watch_;
    Direction& direction_;
    Cancel cancel_;
    bool refused_ = false;
  };
  // Ends when the direction is not drained any more; Errc::cancelled, Errc::closed.
  Awaiter until_input(Cancel cancel) { return Awaiter(*this, input_, cancel); }
  Awaiter until_output(Cancel cancel) { return Awaiter(*this, output_, cancel); }

 private:
  void on_events(std::uint32_t events) override;
  static void wake(Direction& direction) {
    if (!direction.waiting.empty()) static_cast<WaitNode&>(direction.waiting.front()).grant();
  }

  Poller& poller_;
  const int fd_;
  bool ended_ = false;  // the peer's end, or an error, was announced: on_events
  bool shut_ = false;
  Direction input_;
  Direction output_;
};

}  // namespace ottla
