// Runs a process on a machine of its own until it ends, which it must do well: for fuzzers, which have an input and want
// no world.
#pragma once

#include <chrono>
#include <utility>

#include "base/invariant.h"
#include "runtime/process.h"
#include "sim/host.h"
#include "sim/world.h"

namespace ottla::sim::testing {

inline void live_once(ProcessMain main) {
  World world(1);
  Host& host = world.add_host("here");
  host.start(std::move(main));
  OTTLA_INVARIANT(world.run_until([&] { return !host.running(); }, std::chrono::hours(24)), "it hangs");
  OTTLA_INVARIANT(world.violations().empty() && host.exit_code() == 0, "it ended badly");
}

}  // namespace ottla::sim::testing
