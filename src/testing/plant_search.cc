#include "testing/plant_search.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace ottla::testing {

Outcome run_seed(const SimulatedScenario& world, std::uint64_t seed, std::string_view bug) {
  RunRequest request = world.request(seed);
  request.planted_bug = bug;
  return world.run(request);
}

void search_seeds(std::uint64_t seeds,
                  const std::function<std::optional<std::string>(std::uint64_t seed)>& finding) {
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    const std::optional<std::string> found = finding(seed);
    if (!found) continue;
    (void)std::fprintf(stderr, "found by seed %d: %s\n", static_cast<int>(seed), found->c_str());
    std::abort();
  }
}

void search_planted(const SimulatedScenario& world, std::string_view bug, std::uint64_t seeds) {
  search_seeds(seeds, [&](std::uint64_t seed) -> std::optional<std::string> {
    const Outcome outcome = run_seed(world, seed, bug);
    return outcome.clean() ? std::nullopt : std::optional(outcome.violations.front());
  });
}

std::string test_name_of(std::string_view plant) {
  std::string name(plant);
  std::ranges::replace(name, '-', '_');
  return name;
}

}  // namespace ottla::testing
