// A shard's metrics by name and labels: made, counted in, and taken away as partitions and clients come and
// go.
//
// Use:         Metric<Counter> in = registry.counter(kBytesIn, {{"listener", name}});   in->add(n);
// Lifetime:    outlives its handles; a series ends with its last handle.
// Concurrency: registration and collect() belong to the shard; only cells may be read elsewhere. An exporter
//              asks each shard for its MetricSnapshot by message and merges them.
// Limits:      MetricLimits; a series beyond them is counted as refused, and its handle counts into the void.
// Cost:        counting through a handle costs what the cell costs; only registration and collect() allocate.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <string_view>
#include <utility>

#include "base/histogram.h"
#include "base/metric.h"
#include "base/metric_family.h"
#include "base/metric_snapshot.h"

namespace ottla {

struct MetricLimits {
  std::size_t series = 100'000;
  std::size_t series_of_family = 20'000;
  std::size_t label_bytes = 512;  // of one value
};

template <typename Cell>
class Metric;

struct MetricLabelView {
  MetricWord key;
  std::string_view value;
};

class MetricRegistry {
 public:
  class Series;

  explicit MetricRegistry(MetricLimits limits = {});
  MetricRegistry(const MetricRegistry&) = delete;
  MetricRegistry& operator=(const MetricRegistry&) = delete;
  ~MetricRegistry();

  // A series that exists already is shared with those who hold it.
  Metric<Counter> counter(const CounterFamily& family, std::initializer_list<MetricLabelView> labels = {});
  Metric<Gauge> gauge(const GaugeFamily& family, std::initializer_list<MetricLabelView> labels = {});
  Metric<Histogram> histogram(const HistogramFamily& family,
                              std::initializer_list<MetricLabelView> labels = {});

  // Adds at most `max_series` to `out`, from where `out` ends, in order; true when nothing is left. Between
  // two steps the shard may do other work: series that come and go meanwhile are there or not.
  bool collect(MetricSnapshot& out, std::size_t max_series) const;
  MetricSnapshot snapshot() const;

  std::size_t series() const { return series_count_; }
  // Registrations over the limits, ever.
  std::uint64_t refused() const { return refused_count_; }

 private:
  template <typename>
  friend class Metric;
  struct Family;
  using Families = std::map<std::string_view, Family>;

  template <typename Cell>
  Metric<Cell> add(const MetricInfo& info, std::initializer_list<MetricLabelView> labels);
  Series& series_of(const MetricInfo& info, std::initializer_list<MetricLabelView> labels);
  Series& refuse(const MetricInfo& info);
  static void release(Series& series);

  const MetricLimits limits_;
  std::unique_ptr<Families> families_;
  std::array<std::unique_ptr<Series>, 3> refused_;  // by kind, made when first needed
  std::size_t series_count_ = 0;
  std::size_t handles_ = 0;
  std::uint64_t refused_count_ = 0;
};

// A claim on a series: the owner of the thing that is counted holds it.
template <typename Cell>
class Metric {
 public:
  Metric() = default;  // of no series; not to be counted in
  Metric(Metric&& other) noexcept
      : cell_(std::exchange(other.cell_, nullptr)), series_(std::exchange(other.series_, nullptr)) {}
  Metric& operator=(Metric&& other) noexcept {
    Metric moved(std::move(other));
    std::swap(cell_, moved.cell_);
    std::swap(series_, moved.series_);
    return *this;
  }
  ~Metric() {
    if (series_ != nullptr) MetricRegistry::release(*series_);
  }

  Cell* operator->() const { return cell_; }
  Cell& operator*() const { return *cell_; }

 private:
  friend class MetricRegistry;
  Metric(Cell& cell, MetricRegistry::Series& series) : cell_(&cell), series_(&series) {}

  Cell* cell_ = nullptr;
  MetricRegistry::Series* series_ = nullptr;
};

}  // namespace ottla
