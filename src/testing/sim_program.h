// The program ottla-sim: replays one seed, or runs many, shrinks a failing one, and ends with one verdict line.
//
// Exit code: 0 when every seed was clean, 1 when one failed, 2 when the arguments make no sense.
#pragma once

#include <string>
#include <vector>

#include "testing/scenario.h"

namespace ottla::testing {

// `scenarios` are all worlds, the default first.
int run_sim_program(const std::vector<const SimulatedScenario*>& scenarios,
                    const std::vector<std::string>& arguments);

}  // namespace ottla::testing
