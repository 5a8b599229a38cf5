// All metrics as they were at one moment: an ordinary value that travels between shards and adds up.
//
// Invariants: 1. families are in the order of their names, series in the order of their labels, labels in the
//                order of their keys; no two are equal
//             2. every family has a series
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/histogram.h"
#include "base/metric_family.h"

namespace ottla {

struct MetricLabel {
  std::string_view key;  // a literal
  std::string value;     // any bytes

  friend std::strong_ordering operator<=>(const MetricLabel&, const MetricLabel&) = default;
  friend bool operator==(const MetricLabel&, const MetricLabel&) = default;
};
using MetricLabels = std::vector<MetricLabel>;

struct MetricSample {
  using Value = std::variant<std::uint64_t, std::int64_t, HistogramSnapshot>;  // in the order of MetricKind

  MetricLabels labels;
  Value value;
};

struct MetricFamilySnapshot {
  MetricInfo info;
  std::vector<MetricSample> series;
};

struct MetricSnapshot {
  std::vector<MetricFamilySnapshot> families;
  std::uint64_t refused_series = 0;  // over the limits, so that their numbers are missing here

  // Adds what another shard has: equal series are summed.
  void merge(MetricSnapshot other);
};

}  // namespace ottla
