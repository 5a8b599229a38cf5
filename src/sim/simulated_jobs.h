// Helpers of a simulated process: the same jobs, run inline after a virtual delay.
//
// Invariants: jobs end in an order of their own, as threads of a pool do.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "runtime/offload.h"
#include "sim/event_queue.h"

namespace ottla::sim {

class ShardHome;

class SimulatedHelpers final : public Helpers {
 public:
  explicit SimulatedHelpers(ShardHome& home) : home_(home) {}
  void submit(HelperKind kind, HelperJob& job) override;
  // The process died: no job of it runs any more.
  void abandon_all();

 private:
  struct Run final : SimEvent {
    explicit Run(SimulatedHelpers& owner) : owner(owner) {}
    void happen() override;
    SimulatedHelpers& owner;
    HelperJob* job = nullptr;
  };

  ShardHome& home_;
  std::vector<std::unique_ptr<Run>> runs_;
  std::vector<Run*> free_;
};

}  // namespace ottla::sim
