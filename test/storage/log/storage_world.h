// The world of one log: it is worked on, compacted, dies at any step with its process or its machine, meets full and
// broken disks and in the end rotten files, and what it shows in its next life is held against a model.
//
// The plan's faults: kill (with an amount of 1 the process is asked to stop instead), cut_power, the troubles of disks
// for as long as they last, and as the last of all flip_bits or lose_file, with a death before. All can be left out.
#pragma once

#include "testing/scenario.h"

namespace ottla::storage {

class StorageWorld final : public testing::SimulatedScenario {
 public:
  std::string_view name() const override { return "storage"; }
  std::string_view purpose() const override { return "one log under deaths and bad disks, against a model"; }
  std::vector<std::string_view> bugs() const override;
  sim::FaultPlan plan(std::uint64_t seed) const override;
  sim::WorldOptions options(std::uint64_t seed) const override;
  testing::Outcome run(const testing::RunRequest& request) const override;
};

}  // namespace ottla::storage
