// Makes a failing run smaller: faults are left out one by one, and the network's small tricks switched off, as
// long as the run still fails.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "testing/scenario.h"

namespace ottla::testing {

struct Shrunk {
  RunRequest request;
  std::vector<std::size_t> left_out;  // indices into the original plan, ascending
  std::vector<std::string> calmed;    // options that were switched off
  Outcome outcome;                    // of the smallest run that failed
  std::size_t attempts = 0;
};

// Options that shrinking may switch off, by name. False for a name that does not exist.
bool calm(sim::WorldOptions& options, std::string_view name);
const std::vector<std::string>& calmable_options();

// `attempt` runs a request; `failed` is the outcome of the whole one.
Shrunk shrink(RunRequest request, Outcome failed, const std::function<Outcome(const RunRequest&)>& attempt);

}  // namespace ottla::testing
