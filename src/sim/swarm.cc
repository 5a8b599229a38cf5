#include "sim/swarm.h"

#include <algorithm>

#include "runtime/random.h"

namespace ottla::sim {
namespace {

std::int64_t draw_amount(FaultKind kind, Random& random) {
  switch (kind) {
    case FaultKind::clock_jump:
      return random.between(-60'000, 60'000);
    case FaultKind::clock_drift:
      return random.between(-100'000, 100'000);
    case FaultKind::slow_link:
      return random.between(1, 200);
    case FaultKind::reset_connections:
      return random.between(1, 4);
    case FaultKind::short_reads:
      return random.chance(1, 2) ? 1 : random.between(2, 16);
    case FaultKind::fail_reads:
    case FaultKind::fail_writes:
    case FaultKind::fail_syncs:
      return random.chance(1, 3) ? 256 : random.between(8, 128);
    case FaultKind::slow_disk:
      return random.between(2, 50);
    case FaultKind::flip_bits:
      return random.between(1, 3);
    default:
      return 0;
  }
}

// Mostly short, sometimes as long as allowed.
Duration draw_length(Duration longest, Random& random) {
  const auto most = static_cast<std::uint64_t>(longest.count());
  return Duration(static_cast<std::int64_t>(random.below(most >> random.below(8)) + 1));
}

}  // namespace

const std::vector<FaultKind>& survivable_faults() {
  static const std::vector<FaultKind> kinds = {FaultKind::kill,
                                               FaultKind::cut_power,
                                               FaultKind::cut_all_power,
                                               FaultKind::pause,
                                               FaultKind::clock_jump,
                                               FaultKind::clock_drift,
                                               FaultKind::clock_freeze,
                                               FaultKind::isolate,
                                               FaultKind::mute,
                                               FaultKind::deafen,
                                               FaultKind::part,
                                               FaultKind::part_one_way,
                                               FaultKind::slow_link,
                                               FaultKind::reset_connections,
                                               FaultKind::refuse_connects,
                                               FaultKind::short_reads,
                                               FaultKind::fail_reads,
                                               FaultKind::fail_writes,
                                               FaultKind::fail_syncs,
                                               FaultKind::fill_disk,
                                               FaultKind::slow_disk,
                                               FaultKind::stall_disk,
                                               FaultKind::read_only_disk};
  return kinds;
}

FaultPlan draw_plan(std::uint64_t seed, const SwarmOptions& options) {
  Random random(seed);
  std::vector<FaultKind> mix;
  const std::uint64_t density = 1 + random.below(4);  // of four kinds, so many take part
  for (const FaultKind kind : options.kinds) {
    if (random.below(4) < density) mix.push_back(kind);
  }
  if (mix.empty()) mix = options.kinds;
  FaultPlan plan;
  if (mix.empty() || options.targets == 0) return plan;
  const std::size_t count = options.at_least + random.below(options.at_most - options.at_least + 1);
  for (std::size_t i = 0; i < count; ++i) {
    Fault fault;
    fault.kind = mix[random.below(mix.size())];
    fault.at =
        Duration(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(options.phase.count()))));
    fault.lasts = draw_length(options.longest, random);
    fault.target = random.below(options.targets);
    fault.other = random.below(options.targets);
    if (fault.other == fault.target) fault.other = (fault.target + 1) % options.targets;
    fault.amount = draw_amount(fault.kind, random);
    fault.seed = random.next();
    plan.faults.push_back(fault);
  }
  std::ranges::sort(plan.faults, {}, &Fault::at);
  return plan;
}

}  // namespace ottla::sim
