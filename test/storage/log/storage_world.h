// The world of one log: it is worked on, dies at any step with its process or its machine, meets full and broken disks,
// and what it shows in its next life is held against a model.
#pragma once

#include "testing/scenario.h"

namespace ottla::storage {

class StorageWorld final : public testing::SimulatedScenario {
 public:
  std::string_view name() const override { return "storage"; }
  std::string_view purpose() const override { return "one log under deaths and bad disks, against a model"; }
  std::vector<std::string_view> bugs() const override;
  // Lives end where the seed says; they are no faults that a plan could leave out, since the model counts them.
  sim::FaultPlan plan(std::uint64_t) const override { return {}; }
  sim::WorldOptions options(std::uint64_t seed) const override;
  testing::Outcome run(const testing::RunRequest& request) const override;
};

}  // namespace ottla::storage
