#include "test/node/admin/admin_world.h"

#include <optional>

#include "base/invariant.h"
#include "test/node/admin/admin_plant.h"
#include "test/node/admin/admin_run.h"
#include "test/node/life/troubles.h"

namespace ottla::server {

std::vector<std::string_view> AdminWorld::bugs() const {
  std::vector<std::string_view> names;
  for (const NamedAdminPlant& known : kAdminPlants) names.push_back(known.name);
  return names;
}

sim::FaultPlan AdminWorld::plan(std::uint64_t seed) const {
  return plan_troubles(seed);
}

sim::WorldOptions AdminWorld::options(std::uint64_t seed) const {
  return draw_world(seed);
}

testing::Outcome AdminWorld::run(const testing::RunRequest& request) const {
  const std::optional<NamedAdminPlant> plant = admin_plant_named(request.planted_bug);
  OTTLA_INVARIANT(plant.has_value(), "the runner asks only for bugs that the world names",
                  request.planted_bug);
  return run_administered_node(request, *plant);
}

}  // namespace ottla::server
