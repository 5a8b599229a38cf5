// The store as a world of `./dev sim`: seeds, faults that can be taken away one by one, bugs that can be planted.
//
// Invariants: as in testing/scenario.h: plan, options and outcome depend on their arguments alone.
#pragma once

#include "testing/scenario.h"

namespace ottla::kv {

class KvWorld final : public testing::SimulatedScenario {
 public:
  std::string_view name() const override { return "kv"; }
  std::string_view purpose() const override {
    return "three replicas keep a key-value store for clients that check every answer";
  }
  std::vector<std::string_view> bugs() const override;
  sim::FaultPlan plan(std::uint64_t seed) const override;
  sim::WorldOptions options(std::uint64_t seed) const override;
  testing::Outcome run(const testing::RunRequest& request) const override;
};

}  // namespace ottla::kv
