// Carries a fault plan out in a world.
//
// Lifetime:    as long as faults may begin or end; ends before the world.
// Concurrency: confined to the world's one thread.
// Invariants:  1. overlapping faults of one kind and target end with the last of them
//              2. after heal() nothing is broken that a fault broke, and every target runs that was ever started
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "sim/event_queue.h"
#include "sim/fault_plan.h"

namespace ottla::sim {

class Host;
class World;

class FaultInjector {
 public:
  // The plan begins now. Faults hit `targets`, which the plan names by their index; links are broken to all hosts.
  FaultInjector(World& world, std::vector<Host*> targets, FaultPlan plan);
  FaultInjector(const FaultInjector&) = delete;
  FaultInjector& operator=(const FaultInjector&) = delete;
  ~FaultInjector();

  // Ends everything that is under way, and lets nothing begin any more.
  void heal();
  bool healed() const { return healed_; }

 private:
  class Occurrence;
  using Key = std::pair<FaultKind, std::size_t>;

  void begin(const Fault& fault);
  void end(const Fault& fault);
  void begin_on_process(const Fault& fault, Host& host);
  void begin_on_clock(const Fault& fault, Host& host);
  void begin_on_disk(const Fault& fault, Host& host);
  void begin_on_network(const Fault& fault, Host& host);
  // Everything that lasts is set anew from what is under way, so that faults may overlap.
  void apply_links();
  void apply_disk(Host& host, std::size_t target);
  void apply_clock(Host& host, std::size_t target);
  void revive(std::size_t target);
  bool active(FaultKind kind, std::size_t target) const;
  const Fault* last_active(FaultKind kind, std::size_t target) const;
  void cut(Host& host);

  World& world_;
  const std::vector<Host*> targets_;
  std::deque<Occurrence> occurrences_;
  std::vector<const Fault*> under_way_;
  bool healed_ = false;
};

}  // namespace ottla::sim
