// Does a world find the bugs that are planted into it? For the tests of worlds.
//
// Use:         EXPECT_DEATH(search_planted(world, "log-sync-lies", 300), kFoundPlanted);
// Concurrency: none: a run after the other, in this process.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "testing/scenario.h"

namespace ottla::testing {

Outcome run_seed(const SimulatedScenario& world, std::uint64_t seed, std::string_view bug = {});

// A planted bug may show as a violation or break an invariant of the code itself: either way the process ends.
inline constexpr const char* kFoundPlanted = "found by seed|invariant broken";

// Ends the process at the first of the seeds for which something is found, and says what.
void search_seeds(std::uint64_t seeds,
                  const std::function<std::optional<std::string>(std::uint64_t seed)>& finding);
void search_planted(const SimulatedScenario& world, std::string_view bug, std::uint64_t seeds);

// As names of tests have to be.
std::string test_name_of(std::string_view plant);

}  // namespace ottla::testing
