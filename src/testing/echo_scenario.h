// The smallest world that means something: clients count in a file, each step after a round trip to a server and
// before an acknowledgement; whatever was acknowledged must be on the disk, whatever happens.
#pragma once

#include "testing/scenario.h"

namespace ottla::testing {

class EchoScenario final : public SimulatedScenario {
 public:
  std::string_view name() const override { return "echo"; }
  std::string_view purpose() const override { return "clients ping a server and count in fsynced files"; }
  // "ack-before-sync", "destructor-sends", "abort" (an invariant breaks) and "spin" (a step that never ends).
  std::vector<std::string_view> bugs() const override;
  sim::FaultPlan plan(std::uint64_t seed) const override;
  sim::WorldOptions options(std::uint64_t seed) const override;
  Outcome run(const RunRequest& request) const override;
};

}  // namespace ottla::testing
