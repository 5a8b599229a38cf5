// The command line of a benchmark whose rows come in groups: [--pairs N] [--full] [GROUP...].
#pragma once

#include <span>
#include <string_view>

#include "bench/report.h"

namespace ottla::bench {

struct Group {
  std::string_view name;
  void (*add)(Report&, int pairs);
};

// Measures the groups that were asked for, or all, in the order of the table; gives the program's exit code.
int run_groups(const char* benchmark, std::span<const Group> groups, std::span<char* const> arguments);

}  // namespace ottla::bench
