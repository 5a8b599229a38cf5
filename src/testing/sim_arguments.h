// What ottla-sim was asked to do.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ottla::testing {

struct SimArguments {
  bool help = false;
  bool list = false;
  std::string world;  // empty: the default
  std::string planted_bug;
  std::optional<std::uint64_t> seed;  // replay this one
  std::uint64_t first = 1;
  std::uint64_t seeds = 100;
  std::size_t jobs = 2;
  bool trace = false;
  bool shrinks = true;
  std::vector<std::size_t> left_out;  // faults of the replayed seed
  std::vector<std::string> calmed;

  static Result<SimArguments> parse(const std::vector<std::string>& words);
  static std::string_view usage();
};

}  // namespace ottla::testing
