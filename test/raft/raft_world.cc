#include "test/raft/raft_world.h"

#include <utility>

#include "test/raft/quorum_simulation.h"

namespace ottla::raft {

std::vector<std::string_view> RaftWorld::bugs() const {
  std::vector<std::string_view> names;
  for (const NamedPlant& known : kPlants) names.push_back(known.name);
  return names;
}

sim::FaultPlan RaftWorld::plan(std::uint64_t seed) const {
  return quorum_scenario(seed).plan;
}

testing::Outcome RaftWorld::run(const testing::RunRequest& request) const {
  const std::optional<Plant> plant = plant_named(request.planted_bug);
  OTTLA_INVARIANT(plant.has_value(), "the runner asks only for bugs that the world names",
                  request.planted_bug);
  const QuorumScenario scenario{request.seed, request.plan, *plant, request.trace};
  QuorumOutcome outcome = QuorumSimulation(scenario).run();
  return {std::move(outcome.violations), outcome.steps, outcome.acknowledged, outcome.strikes, outcome.hash};
}

}  // namespace ottla::raft
