#include "bench/groups.h"

#include <algorithm>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <vector>

namespace ottla::bench {
namespace {

int usage(const char* benchmark, std::span<const Group> groups) {
  std::fprintf(stderr, "bench %s [--pairs N] [--full] [GROUP...]; groups:", benchmark);
  for (const Group& group : groups) std::fprintf(stderr, " %s", std::string(group.name).c_str());
  std::fputs("\n", stderr);
  return 2;
}

}  // namespace

int run_groups(const char* benchmark, std::span<const Group> groups, std::span<char* const> arguments) {
  int pairs = 5;
  bool full = false;
  std::vector<bool> wanted(groups.size(), false);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const std::string_view argument = arguments[i];
    if (argument == "--pairs" && i + 1 < arguments.size()) {
      pairs = std::atoi(arguments[++i]);
      if (pairs < 1) return usage(benchmark, groups);
      continue;
    }
    if (argument == "--full") {
      full = true;
      continue;
    }
    const auto found = std::find_if(groups.begin(), groups.end(),
                                    [argument](const Group& group) { return group.name == argument; });
    if (found == groups.end()) return usage(benchmark, groups);
    wanted[static_cast<std::size_t>(found - groups.begin())] = true;
  }
  const bool all = std::find(wanted.begin(), wanted.end(), true) == wanted.end();
  Report report(benchmark, full);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (all || wanted[i]) groups[i].add(report, pairs);
  }
  return report.finish();
}

}  // namespace ottla::bench
