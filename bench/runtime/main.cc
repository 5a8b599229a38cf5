// ./dev bench runtime [--pairs N] [GROUP...]
#include <cstddef>
#include <span>
#include <string_view>

#include "bench/groups.h"
#include "bench/runtime/rows.h"

namespace {

constexpr ottla::bench::Group kGroups[] = {
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

}  // namespace

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == ottla::bench::kIdleServerFlag)
    return ottla::bench::run_idle_server();
  return ottla::bench::run_groups("runtime", kGroups,
                                  std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
}
