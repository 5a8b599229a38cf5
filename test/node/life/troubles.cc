#include "test/node/life/troubles.h"

#include <algorithm>
#include <chrono>
#include <vector>

#include "runtime/random.h"
#include "sim/swarm.h"

namespace ottla::server {
namespace {

using sim::Fault;
using sim::FaultKind;
using std::chrono::microseconds;
using std::chrono::milliseconds;

// What a start takes on an idle machine, and a little more.
constexpr std::int64_t kStartMicros = 60'000;

bool is_death(FaultKind kind) {
  return kind == FaultKind::kill || kind == FaultKind::cut_power || kind == FaultKind::cut_all_power;
}

}  // namespace

sim::FaultPlan plan_troubles(std::uint64_t seed) {
  Random random(seed ^ 0x74726f75);
  sim::SwarmOptions options;
  options.kinds = sim::survivable_faults();
  // There is one target, and its links are all alike.
  std::erase_if(options.kinds, [](FaultKind kind) {
    return kind == FaultKind::part || kind == FaultKind::part_one_way || kind == FaultKind::cut_all_power;
  });
  options.phase = milliseconds(2000 + static_cast<std::int64_t>(random.below(6000)));
  options.longest = milliseconds(1500);
  options.at_least = 2;
  options.at_most = 9;
  sim::FaultPlan plan = draw_plan(seed, options);
  std::vector<Fault> more;
  for (const Fault& fault : plan.faults) {
    if (!is_death(fault.kind) || random.chance(1, 2)) continue;
    Fault again = fault;
    again.kind = random.chance(1, 2) ? FaultKind::kill : FaultKind::cut_power;
    again.at = fault.at + fault.lasts + microseconds(static_cast<std::int64_t>(random.below(kStartMicros)));
    again.lasts = microseconds(1);
    again.seed = random.next();
    more.push_back(again);
  }
  plan.faults.insert(plan.faults.end(), more.begin(), more.end());
  std::ranges::sort(plan.faults, {}, &Fault::at);
  return plan;
}

// Disks from quick to slow: what waits for a sync is what a crash can take.
sim::WorldOptions draw_world(std::uint64_t seed) {
  Random random(seed ^ 0x6d616368);
  sim::WorldOptions options;
  options.disk.sync.base *= static_cast<int>(1ULL << random.below(5));
  options.disk.sync.spread = options.disk.sync.base;
  options.disk.write.base *= static_cast<int>(1ULL << random.below(5));
  return options;
}

}  // namespace ottla::server
