// A whole node and its administrators as a world of `./dev sim`: what was said to be done stays done.
//
// Invariants: as in testing/scenario.h: plan, options and outcome depend on their arguments alone.
#pragma once

#include "testing/scenario.h"

namespace ottla::server {

class AdminWorld final : public testing::SimulatedScenario {
 public:
  std::string_view name() const override { return "node"; }
  std::string_view purpose() const override {
    return "a whole node does what administrators ask of it, whatever befalls its disk, its clock and its "
           "connections";
  }
  std::vector<std::string_view> bugs() const override;
  sim::FaultPlan plan(std::uint64_t seed) const override;
  sim::WorldOptions options(std::uint64_t seed) const override;
  testing::Outcome run(const testing::RunRequest& request) const override;
};

}  // namespace ottla::server
