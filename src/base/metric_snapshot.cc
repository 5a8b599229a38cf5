#include "base/metric_snapshot.h"

#include <concepts>
#include <utility>

#include "base/invariant.h"

namespace ottla {
namespace {

void add_value(MetricSample::Value& to, const MetricSample::Value& from) {
  OTTLA_INVARIANT(to.index() == from.index(), "a metric has two kinds", to.index(), from.index());
  std::visit(
      [&]<typename T>(T& mine) {
        const T& theirs = *std::get_if<T>(&from);
        if constexpr (std::same_as<T, HistogramSnapshot>) {
          mine.merge(theirs);
        } else {
          mine += theirs;
        }
      },
      to);
}

// Merges two lists sorted by `key`; `join(mine, theirs)` makes one of two equals.
template <typename T, typename Key, typename Join>
void merge_sorted(std::vector<T>& list, std::vector<T> other, Key key, Join join) {
  std::vector<T> merged;
  merged.reserve(list.size() + other.size());
  auto mine = list.begin();
  for (T& theirs : other) {
    while (mine != list.end() && key(*mine) < key(theirs)) merged.push_back(std::move(*mine++));
    if (mine != list.end() && key(*mine) == key(theirs)) {
      join(*mine, std::move(theirs));
      merged.push_back(std::move(*mine++));
    } else {
      merged.push_back(std::move(theirs));
    }
  }
  for (; mine != list.end(); ++mine) merged.push_back(std::move(*mine));
  list = std::move(merged);
}

}  // namespace

void MetricSnapshot::merge(MetricSnapshot other) {
  refused_series += other.refused_series;
  merge_sorted(
      families, std::move(other.families),
      [](const MetricFamilySnapshot& family) { return family.info.name; },
      [](MetricFamilySnapshot& mine, MetricFamilySnapshot theirs) {
        OTTLA_INVARIANT(mine.info == theirs.info, "a metric is declared in two ways", mine.info.name);
        merge_sorted(
            mine.series, std::move(theirs.series),
            [](const MetricSample& sample) -> const MetricLabels& { return sample.labels; },
            [](MetricSample& sample, const MetricSample& more) { add_value(sample.value, more.value); });
      });
}

}  // namespace ottla
