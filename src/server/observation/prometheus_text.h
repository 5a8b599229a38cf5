// Metrics in the text format of Prometheus (version 0.0.4).
//
// Use:         PrometheusText text;  text.add(snapshot);  text.gauge("kafka_…", "What it is.", {{{"topic", name}, 7}});
//              send text.take()
// Names:       a counter ends in _total; what is counted in nanoseconds is told in seconds, and says so. What is
//              counted in microseconds is told in milliseconds, as the reference's names say.
// Invariants:  one HELP and one TYPE a name, before its samples; whatever bytes labels hold, a sample is one line
// Concurrency: pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "base/metric_snapshot.h"

namespace ottla::server {

using PrometheusLabels = std::vector<std::pair<std::string_view, std::string>>;

struct PrometheusSample {
  PrometheusLabels labels = {};
  double value = 0;
};

class PrometheusText {
 public:
  // All families of a snapshot, under their own names.
  void add(const MetricSnapshot& snapshot);
  void gauge(std::string_view name, std::string_view help, const std::vector<PrometheusSample>& samples);
  void counter(std::string_view name, std::string_view help, const std::vector<PrometheusSample>& samples);
  // Of one sample without labels.
  template <typename Number>
    requires std::is_arithmetic_v<Number>
  void gauge(std::string_view name, std::string_view help, Number value) {
    gauge(name, help, {{.labels = {}, .value = static_cast<double>(value)}});
  }

  // One by one: the head of a family, then its samples.
  void begin(std::string_view name, std::string_view type, std::string_view help);
  void sample(std::string_view name, const PrometheusLabels& labels, double value);

  std::string take() { return std::move(text_); }

 private:
  void add_numbers(const MetricFamilySnapshot& family);
  void add_summary(const MetricFamilySnapshot& family);

  std::string text_;
};

}  // namespace ottla::server
