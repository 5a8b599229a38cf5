// A whole node, its producers and its consumers as a world of `./dev sim`: no record that was
// acknowledged is lost, and what is read was written.
//
// Invariants: as in testing/scenario.h: plan, options and outcome depend on their arguments alone.
#pragma once

#include "testing/scenario.h"

namespace ottla::server {

class RecordsWorld final : public testing::SimulatedScenario {
 public:
  std::string_view name() const override { return "data"; }
  std::string_view purpose() const override {
    return "a whole node keeps the records of its producers and shows them to its consumers, whatever "
           "befalls its "
           "disk, its clock and its connections";
  }
  std::vector<std::string_view> bugs() const override;
  sim::FaultPlan plan(std::uint64_t seed) const override;
  sim::WorldOptions options(std::uint64_t seed) const override;
  testing::Outcome run(const testing::RunRequest& request) const override;
};

}  // namespace ottla::server
