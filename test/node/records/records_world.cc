#include "test/node/records/records_world.h"

#include <optional>

#include "base/invariant.h"
#include "test/node/life/troubles.h"
#include "test/node/records/records_plant.h"
#include "test/node/records/records_run.h"

namespace ottla::server {

std::vector<std::string_view> RecordsWorld::bugs() const {
  std::vector<std::string_view> names;
  for (const NamedRecordsPlant& known : kRecordsPlants) names.push_back(known.name);
  return names;
}

sim::FaultPlan RecordsWorld::plan(std::uint64_t seed) const {
  return plan_troubles(seed ^ 0x64617461);
}

sim::WorldOptions RecordsWorld::options(std::uint64_t seed) const {
  return draw_world(seed);
}

testing::Outcome RecordsWorld::run(const testing::RunRequest& request) const {
  const std::optional<NamedRecordsPlant> plant = records_plant_named(request.planted_bug);
  OTTLA_INVARIANT(plant.has_value(), "the runner asks only for bugs that the world names",
                  request.planted_bug);
  return run_node_with_records(request, *plant);
}

}  // namespace ottla::server
