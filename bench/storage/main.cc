// ./dev bench storage [--pairs N] [--full] [GROUP...]
#include <cstddef>
#include <span>

#include "bench/groups.h"
#include "bench/storage/rows.h"

namespace {

constexpr ottla::bench::Group kGroups[] = {
    {"validate", ottla::bench::validate_rows}, {"append", ottla::bench::append_rows},
    {"read", ottla::bench::read_rows},         {"durable", ottla::bench::durable_rows},
    {"recover", ottla::bench::recover_rows},   {"many", ottla::bench::many_rows},
    {"compact", ottla::bench::compact_rows},
};

}  // namespace

int main(int argc, char** argv) {
  return ottla::bench::run_groups("storage", kGroups,
                                  std::span(argv, static_cast<std::size_t>(argc)).subspan(1));
}
