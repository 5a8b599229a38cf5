// Runs of a scenario in processes of their own, so that an abort or a hang in one ends that run and no more.
//
// Errors: a run that died is an Outcome with a violation that says how, and what it last wrote.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "testing/scenario.h"

namespace ottla::testing {

// One run, waited for.
Outcome run_isolated(const SimulatedScenario& scenario, const RunRequest& request,
                     std::chrono::seconds patience);

struct SeedRange {
  std::uint64_t first = 1;
  std::uint64_t count = 1;
};

// Many seeds on several processes. `done(seed, outcome)` is called in this process as they end; false stops the
// rest.
void run_many(const SimulatedScenario& scenario, SeedRange seeds, std::size_t jobs,
              const std::string& planted_bug, std::chrono::seconds patience,
              const std::function<bool(std::uint64_t, const Outcome&)>& done);

}  // namespace ottla::testing
