// One wait of one coroutine: in a primitive's list, then granted or cancelled exactly once, then in the run
// queue.
//
// The building block of Event, Semaphore, sleep, and every back end's pending operation.
#pragma once

#include <coroutine>

#include "runtime/cancel.h"
#include "runtime/shard.h"
#include "runtime/waiter.h"

namespace ottla {

class WaitNode : public Waiter, private CancelHook {
 public:
  // Call only if !cancel.requested(). The node stands in no list yet: the primitive links it.
  void suspend(std::coroutine_handle<> waiting, Cancel cancel) {
    handle = waiting;
    priority = Shard::current().priority();
    cancel.attach(*this);
  }
  // The wait is over in good order; leaves the primitive's list.
  void grant() { finish(false); }
  bool was_cancelled() const { return cancelled_; }

 protected:
  ~WaitNode() = default;
  // The cancel request came first. The primitive may add its own clean-up.
  void on_cancel() override { finish(true); }

 private:
  void finish(bool cancelled) {
    ListHook<CancelHookTag>::unlink();
    ListHook<>::unlink();
    cancelled_ = cancelled;
    Shard::current().schedule(*this);
  }

  bool cancelled_ = false;
};

}  // namespace ottla
