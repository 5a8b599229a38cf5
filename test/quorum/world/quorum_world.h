// The metadata quorum as a world of `./dev sim`: real logs, files and connections under faults.
//
// Invariants: as in testing/scenario.h: plan, options and outcome depend on their arguments alone.
#pragma once

#include "testing/scenario.h"

namespace ottla::quorum {

class QuorumWorld final : public ottla::testing::SimulatedScenario {
 public:
  std::string_view name() const override { return "quorum"; }
  std::string_view purpose() const override {
    return "a metadata quorum of one or three keeps its log on disks that fail and talks over connections "
           "that break";
  }
  std::vector<std::string_view> bugs() const override;
  sim::FaultPlan plan(std::uint64_t seed) const override;
  sim::WorldOptions options(std::uint64_t seed) const override;
  ottla::testing::Outcome run(const ottla::testing::RunRequest& request) const override;
};

}  // namespace ottla::quorum
