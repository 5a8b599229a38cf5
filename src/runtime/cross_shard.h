// Work for another shard: `co_await on(shard, fn)` runs fn there and brings back what it returns.
//
// Everything that one slice sends to one shard travels as one batch with at most one wake-up.
//
// Lifetime:    the call lives in the caller's frame; the caller stays suspended until the answer is back. There
//              is no way to abandon a call (fn may take a Cancel of its own shard).
// Concurrency: fn and its captures move to the target shard and die there... after the answer left it, the rest
//              dies with the caller's frame: captures must be plain values or travelling ones (travel.h).
#pragma once

#include <type_traits>
#include <utility>

#include "runtime/kept_result.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "runtime/waiter.h"

namespace ottla {

template <typename F>
class [[nodiscard]] CrossShardCall final : private Message {
  using Raw = std::invoke_result_t<F&>;
  using T = Awaited<Raw>;
  static constexpr bool kSuspends = AnyTask<Raw>;

 public:
  CrossShardCall(Shard& target, F fn) : target_(target), fn_(std::move(fn)) {}
  CrossShardCall(const CrossShardCall&) = delete;
  CrossShardCall& operator=(const CrossShardCall&) = delete;

  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    origin_ = &Shard::current();
    waiter_.handle = waiting;
    waiter_.priority = origin_->priority();
    origin_->send(target_, *this);
  }
  T await_resume() { return result_.take(); }

 private:
  void run(Shard& here) override {
    if (answered_) {  // home again
      here.schedule(waiter_);
    } else if constexpr (kSuspends) {
      here.set_priority(waiter_.priority);
      here.root().spawn(serve(*this));
    } else {
      result_.call(fn_);
      answer(here);
    }
  }
  static Task<void> serve(CrossShardCall& call) {
    try {
      if constexpr (std::is_void_v<T>) {
        co_await call.fn_();
        call.result_.set();
      } else {
        call.result_.set(co_await call.fn_());
      }
    } catch (...) {
      call.result_.set_failure();
    }
    call.answer(Shard::current());
  }
  void answer(Shard& here) {
    answered_ = true;
    here.send(*origin_, *this);
  }

  Shard& target_;
  F fn_;
  Shard* origin_ = nullptr;
  Waiter waiter_;
  bool answered_ = false;
  KeptResult<T> result_;
};

template <typename F>
  requires std::is_invocable_v<F&>
CrossShardCall<F> on(Shard& target, F fn) {
  return CrossShardCall<F>(target, std::move(fn));
}

}  // namespace ottla
