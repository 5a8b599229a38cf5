// The faults that worlds of whole nodes meet, and what their machines are like, drawn from a seed.
//
// Concurrency: pure.
#pragma once

#include <cstdint>

#include "sim/fault_plan.h"
#include "sim/world_options.h"

namespace ottla::server {

// Of one node, which is the only target. Many deaths come soon after another one, while the node starts.
sim::FaultPlan plan_troubles(std::uint64_t seed);

sim::WorldOptions draw_world(std::uint64_t seed);

}  // namespace ottla::server
