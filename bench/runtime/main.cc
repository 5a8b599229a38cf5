// ./dev bench runtime [--pairs N] [GROUP...]
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "bench/runtime/rows.h"

namespace {

struct Group {
  std::string_view name;
  void (*add)(ottla::bench::Report&, int);
};

constexpr Group kGroups[] = {
    {"tasks", ottla::bench::task_rows},
    {"cross-shard", ottla::bench::cross_shard_rows},
    {"timers", ottla::bench::timer_rows},
    {"echo", ottla::bench::echo_rows},
    {"bulk", ottla::bench::bulk_rows},
    {"tls", ottla::bench::tls_rows},
    {"append", ottla::bench::append_rows},
    {"sync", ottla::bench::sync_rows},
    {"bytes", ottla::bench::byte_rows},
    {"idle", ottla::bench::idle_rows},
    {"simulation", ottla::bench::simulation_rows},
};

int usage() {
  std::fputs("bench runtime [--pairs N] [GROUP...]; groups:", stderr);
  for (const Group& group : kGroups) std::fprintf(stderr, " %s", std::string(group.name).c_str());
  std::fputs("\n", stderr);
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == ottla::bench::kIdleServerFlag)
    return ottla::bench::run_idle_server();
  int pairs = 5;
  std::vector<const Group*> chosen;
  for (int i = 1; i < argc; ++i) {
    const std::string_view argument = argv[i];
    if (argument == "--pairs" && i + 1 < argc) {
      pairs = std::atoi(argv[++i]);
      if (pairs < 1) return usage();
      continue;
    }
    const Group* found = nullptr;
    for (const Group& group : kGroups) {
      if (group.name == argument) found = &group;
    }
    if (found == nullptr) return usage();
    chosen.push_back(found);
  }
  ottla::bench::Report report("runtime");
  for (const Group& group : kGroups) {
    bool wanted = chosen.empty();
    for (const Group* one : chosen) wanted |= one == &group;
    if (wanted) group.add(report, pairs);
  }
  return report.finish();
}
