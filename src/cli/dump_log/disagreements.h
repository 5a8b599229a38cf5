// What indexes and the log do not agree upon, kept until the end, as the reference tells it then.
//
// Concurrency: confined to one shard.
// Invariants:  holds kMost at most, of all files together; beyond that it counts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/dump_log/report.h"

namespace ottla::cli {

class Disagreements {
 public:
  static constexpr std::size_t kMost = 1'000'000;

  void add(std::string_view path, Disagreement found);
  void tell(Report& report) const;

 private:
  using Pairs = std::vector<std::pair<std::int64_t, std::int64_t>>;
  struct OfFile {
    Pairs pairs;  // as they were found
    std::uint64_t more = 0;
  };

  std::map<std::pair<Disagreement::Kind, std::string>, OfFile> found_;
  std::size_t held_ = 0;
};

}  // namespace ottla::cli
