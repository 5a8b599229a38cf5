#include "cli/dump_log/disagreements.h"

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "cli/dump_log/report.h"

namespace ottla::cli {

void Disagreements::add(std::string_view path, Disagreement found) {
  OfFile& file = found_[{found.kind, std::string(path)}];
  if (held_ == kMost) {
    ++file.more;
    return;
  }
  ++held_;
  file.pairs.emplace_back(found.first, found.second);
}

void Disagreements::tell(Report& report) const {
  for (const auto& [key, file] : found_) {
    const auto& [kind, path] = key;
    if (kind == Disagreement::Kind::offset || kind == Disagreement::Kind::gap) {
      // In the order of their first number, and of those with the same one the last, as in the reference's maps: it
      // shows an index from its end.
      std::map<std::int64_t, std::int64_t> sorted;
      for (const auto& [first, second] : file.pairs) sorted[first] = second;
      Pairs pairs(sorted.begin(), sorted.end());
      if (kind == Disagreement::Kind::offset) std::ranges::reverse(pairs);
      report.disagreements(kind, path, pairs, file.more);
    } else {
      report.disagreements(kind, path, file.pairs, file.more);
    }
  }
}

}  // namespace ottla::cli
