// One seed of the store in the simulated world: three nodes, clients that work, a plan of faults, then healing, and
// then everything must be alive again, agree, and stop without leaving anything behind.
//
// Use:         Outcome outcome = run_scenario(scenario_of(7));
// Invariants:  the same scenario gives the same outcome, its hash included
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/fault_plan.h"
#include "sim/strike.h"
#include "sim/trace.h"
#include "sim/world_options.h"
#include "test/kv/plant.h"

namespace ottla::kv {

struct Scenario {
  std::uint64_t seed = 1;
  sim::FaultPlan plan;  // of three targets
  sim::WorldOptions options;
  Plant plant = Plant::none;
  sim::TraceSink* trace = nullptr;  // for people
};

// As the seed draws it. At most one disk is lost in a plan: the store survives one at a time.
Scenario scenario_of(std::uint64_t seed, Plant plant = Plant::none);

struct Outcome {
  std::vector<std::string> violations;
  std::uint64_t hash = 0;
  std::uint64_t steps = 0;
  std::uint64_t answered = 0;
  std::uint64_t elections = 0;
  sim::StrikeCounts strikes;
  bool ok() const { return violations.empty(); }
};

Outcome run_scenario(const Scenario& scenario);

}  // namespace ottla::kv
