// Draws fault plans: each seed gets its own mix of kinds, its own rates and lengths.
//
// Most mixes leave most kinds out, so that one kind of trouble meets the rest of the system undisturbed in some
// seeds and in every combination in others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "runtime/clock.h"
#include "sim/fault_plan.h"

namespace ottla::sim {

struct SwarmOptions {
  std::size_t targets = 1;
  std::vector<FaultKind> kinds;              // that may occur
  Duration phase = std::chrono::seconds(5);  // in which faults begin
  Duration longest = std::chrono::seconds(2);
  std::size_t at_least = 5;
  std::size_t at_most = 20;
};

// Kinds that a system of fsynced replicas must live through: nothing that was promised durable is lost.
const std::vector<FaultKind>& survivable_faults();

FaultPlan draw_plan(std::uint64_t seed, const SwarmOptions& options);

}  // namespace ottla::sim
