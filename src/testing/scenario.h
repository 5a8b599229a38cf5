// A simulated world with a purpose: processes, a workload, faults, and what must hold in the end.
//
// Use:         derive, and hand the instance to the runner (test/sim/main.cc lists all worlds).
// Concurrency: an instance is shared by runs and keeps no state of any.
// Invariants:  1. plan(), options() and run() depend on their arguments alone
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/fault_plan.h"
#include "sim/strike.h"
#include "sim/trace.h"
#include "sim/world_options.h"

namespace ottla::testing {

// One run of one seed. Shrinking edits plan and options, and nothing else.
struct RunRequest {
  std::uint64_t seed = 0;
  sim::FaultPlan plan;
  sim::WorldOptions options;
  std::string planted_bug;          // empty: the correct form
  sim::TraceSink* trace = nullptr;  // for people
};

struct Outcome {
  std::vector<std::string> violations;
  std::uint64_t steps = 0;
  std::uint64_t acked_operations = 0;
  sim::StrikeCounts strikes;
  std::uint64_t hash = 0;

  bool clean() const { return violations.empty(); }
};

class SimulatedScenario {
 public:
  virtual ~SimulatedScenario() = default;
  // One word.
  virtual std::string_view name() const = 0;
  virtual std::string_view purpose() const = 0;
  // Bugs that can be planted, by one word each.
  virtual std::vector<std::string_view> bugs() const { return {}; }
  // The faults that this seed meets.
  virtual sim::FaultPlan plan(std::uint64_t seed) const = 0;
  virtual sim::WorldOptions options(std::uint64_t seed) const = 0;
  virtual Outcome run(const RunRequest& request) const = 0;

  RunRequest request(std::uint64_t seed) const {
    RunRequest request;
    request.seed = seed;
    request.plan = plan(seed);
    request.options = options(seed);
    return request;
  }
};

}  // namespace ottla::testing
