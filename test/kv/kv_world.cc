#include "test/kv/kv_world.h"

#include <utility>

#include "test/kv/scenario.h"

namespace ottla::kv {

std::vector<std::string_view> KvWorld::bugs() const {
  std::vector<std::string_view> names;
  for (const NamedPlant& known : kPlants) names.push_back(known.name);
  return names;
}

sim::FaultPlan KvWorld::plan(std::uint64_t seed) const {
  return scenario_of(seed).plan;
}

sim::WorldOptions KvWorld::options(std::uint64_t seed) const {
  return scenario_of(seed).options;
}

testing::Outcome KvWorld::run(const testing::RunRequest& request) const {
  const std::optional<Plant> plant = plant_named(request.planted_bug);
  OTTLA_INVARIANT(plant.has_value(), "the runner asks only for bugs that the world names",
                  request.planted_bug);
  kv::Outcome outcome = run_scenario({request.seed, request.plan, request.options, *plant, request.trace});
  return {std::move(outcome.violations), outcome.steps, outcome.answered, outcome.strikes, outcome.hash};
}

}  // namespace ottla::kv
