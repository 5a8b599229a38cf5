// Waits as long as the disk takes for something. There is no way to abandon it.
//
// Lifetime: an awaiter, in the frame that waits.
#pragma once

#include "runtime/wait_node.h"
#include "sim/event_queue.h"
#include "sim/latency.h"

namespace ottla::sim {

class ShardHome;

// When something of that latency, begun now on the disk of `home`, will be over.
Instant disk_done(ShardHome& home, const Latency& latency);

class [[nodiscard]] DiskWait final : public WaitNode, private SimEvent {
 public:
  DiskWait(ShardHome& home, const Latency& latency) : home_(home), latency_(latency) {}
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> waiting);
  void await_resume() {}

 private:
  void happen() override;

  ShardHome& home_;
  const Latency latency_;
};

}  // namespace ottla::sim
