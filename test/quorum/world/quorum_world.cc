#include "test/quorum/world/quorum_world.h"

#include <chrono>
#include <optional>

#include "base/invariant.h"
#include "sim/swarm.h"
#include "test/quorum/world/broken_doors.h"
#include "test/quorum/world/quorum_run.h"

namespace ottla::quorum {

std::vector<std::string_view> QuorumWorld::bugs() const {
  std::vector<std::string_view> names;
  for (const NamedPlant& known : kPlants) names.push_back(known.name);
  return names;
}

sim::FaultPlan QuorumWorld::plan(std::uint64_t seed) const {
  return sim::draw_plan(seed, {.targets = static_cast<std::size_t>(cast_of(seed).members),
                               .kinds = sim::survivable_faults(),
                               .phase = std::chrono::seconds(20),
                               .longest = std::chrono::seconds(5),
                               .at_least = 4,
                               .at_most = 16});
}

sim::WorldOptions QuorumWorld::options(std::uint64_t seed) const {
  static_cast<void>(seed);
  return {};
}

ottla::testing::Outcome QuorumWorld::run(const ottla::testing::RunRequest& request) const {
  const std::optional<Plant> plant = plant_named(request.planted_bug);
  OTTLA_INVARIANT(plant.has_value(), "the runner asks only for bugs that the world names",
                  request.planted_bug);
  return run_quorum(request, *plant);
}

}  // namespace ottla::quorum
