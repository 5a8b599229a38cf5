// One run of the quorum's world: hosts, faults, and a judge's verdict.
#pragma once

#include "sim/fault_plan.h"
#include "test/quorum/world/broken_doors.h"
#include "testing/scenario.h"

namespace ottla::quorum {

// One voter or three, and an observer in some seeds.
struct Cast {
  int voters = 1;
  int members = 1;
};
Cast cast_of(std::uint64_t seed);

ottla::testing::Outcome run_quorum(const ottla::testing::RunRequest& request, Plant plant);

}  // namespace ottla::quorum
