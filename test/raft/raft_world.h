// The metadata quorum as a world of `./dev sim`: seeds, faults that can be taken away one by one, bugs that can be
// planted.
//
// Invariants: as in testing/scenario.h: plan, options and outcome depend on their arguments alone. The options of
//             sim's own network and disk mean nothing here: the quorum has its own, which are faster.
#pragma once

#include "testing/scenario.h"

namespace ottla::raft {

class RaftWorld final : public testing::SimulatedScenario {
 public:
  std::string_view name() const override { return "raft"; }
  std::string_view purpose() const override {
    return "one to seven replicas of the metadata log elect, replicate, load snapshots and change voters";
  }
  std::vector<std::string_view> bugs() const override;
  sim::FaultPlan plan(std::uint64_t seed) const override;
  sim::WorldOptions options(std::uint64_t) const override { return {}; }
  testing::Outcome run(const testing::RunRequest& request) const override;
};

}  // namespace ottla::raft
