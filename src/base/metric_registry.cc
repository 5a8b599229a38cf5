#include "base/metric_registry.h"

#include <algorithm>
#include <string>
#include <variant>

#include "base/invariant.h"

namespace ottla {

using Cell = std::variant<Counter, Gauge, Histogram>;  // in the order of MetricKind

struct MetricRegistry::Family {
  MetricInfo info;
  std::map<MetricLabels, Series> series;
};

// One cell and those who hold it. Stays where it is; ends with its last handle.
class MetricRegistry::Series {
 public:
  Series(MetricRegistry& owner, const MetricInfo& info, Family* of_family)
      : registry(owner), family(of_family) {
    if (info.kind == MetricKind::gauge) cell.emplace<Gauge>();
    if (info.kind == MetricKind::histogram) cell.emplace<Histogram>(info.highest);
  }

  MetricSample::Value value() const {
    if (const auto* histogram = std::get_if<Histogram>(&cell)) return histogram->snapshot();
    if (const auto* gauge = std::get_if<Gauge>(&cell)) return gauge->value();
    return std::get_if<Counter>(&cell)->value();
  }

  MetricRegistry& registry;
  Family* const family;  // null: refused, counts into the void
  std::map<MetricLabels, Series>::iterator position;
  std::size_t handles = 0;
  Cell cell;
};

namespace {

MetricLabels sorted(std::initializer_list<MetricLabelView> views) {
  MetricLabels labels;
  labels.reserve(views.size());
  for (const MetricLabelView& view : views) labels.push_back({view.key.text(), std::string(view.value)});
  std::ranges::sort(labels, {}, &MetricLabel::key);
  const auto twice = std::ranges::adjacent_find(labels, {}, &MetricLabel::key);
  OTTLA_INVARIANT(twice == labels.end(), "a label is given twice", twice->key);
  return labels;
}

}  // namespace

MetricRegistry::MetricRegistry(MetricLimits limits)
    : limits_(limits), families_(std::make_unique<Families>()) {}

MetricRegistry::~MetricRegistry() {
  OTTLA_INVARIANT(handles_ == 0, "metrics outlive their registry", handles_);
}

MetricRegistry::Series& MetricRegistry::refuse(const MetricInfo& info) {
  ++refused_count_;
  std::unique_ptr<Series>& series = refused_[static_cast<std::size_t>(info.kind)];
  if (!series) series = std::make_unique<Series>(*this, info, nullptr);
  return *series;
}

MetricRegistry::Series& MetricRegistry::series_of(const MetricInfo& info,
                                                  std::initializer_list<MetricLabelView> views) {
  Family& family = families_->try_emplace(info.name, Family{info, {}}).first->second;
  OTTLA_INVARIANT(family.info == info, "a metric is declared in two ways", info.name);
  const bool too_long = std::ranges::any_of(
      views, [&](const MetricLabelView& view) { return view.value.size() > limits_.label_bytes; });
  if (too_long) return refuse(info);
  MetricLabels labels = sorted(views);
  if (const auto found = family.series.find(labels); found != family.series.end()) return found->second;
  if (series_count_ >= limits_.series || family.series.size() >= limits_.series_of_family)
    return refuse(info);
  const auto position = family.series.try_emplace(std::move(labels), *this, info, &family).first;
  position->second.position = position;
  ++series_count_;
  return position->second;
}

template <typename T>
Metric<T> MetricRegistry::add(const MetricInfo& info, std::initializer_list<MetricLabelView> labels) {
  Series& series = series_of(info, labels);
  ++series.handles;
  ++handles_;
  return {*std::get_if<T>(&series.cell), series};
}

Metric<Counter> MetricRegistry::counter(const CounterFamily& family,
                                        std::initializer_list<MetricLabelView> labels) {
  return add<Counter>(family, labels);
}
Metric<Gauge> MetricRegistry::gauge(const GaugeFamily& family,
                                    std::initializer_list<MetricLabelView> labels) {
  return add<Gauge>(family, labels);
}
Metric<Histogram> MetricRegistry::histogram(const HistogramFamily& family,
                                            std::initializer_list<MetricLabelView> labels) {
  return add<Histogram>(family, labels);
}

void MetricRegistry::release(Series& series) {
  MetricRegistry& registry = series.registry;
  --registry.handles_;
  if (--series.handles > 0 || series.family == nullptr) return;
  --registry.series_count_;
  series.family->series.erase(series.position);
}

bool MetricRegistry::collect(MetricSnapshot& out, std::size_t max_series) const {
  if (out.families.empty()) out.refused_series = refused_count_;
  auto family = families_->begin();
  if (!out.families.empty()) family = families_->lower_bound(out.families.back().info.name);
  for (; family != families_->end(); ++family) {
    const auto& all = family->second.series;
    const bool goes_on = !out.families.empty() && out.families.back().info.name == family->first;
    auto series = goes_on ? all.upper_bound(out.families.back().series.back().labels) : all.begin();
    for (; series != all.end(); ++series) {
      if (max_series-- == 0) return false;
      if (out.families.empty() || out.families.back().info.name != family->first) {
        out.families.push_back({family->second.info, {}});
      }
      out.families.back().series.push_back({series->first, series->second.value()});
    }
  }
  return true;
}

MetricSnapshot MetricRegistry::snapshot() const {
  MetricSnapshot out;
  collect(out, series_count_ + 1);
  return out;
}

}  // namespace ottla
