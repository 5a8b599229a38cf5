#include "server/observation/prometheus_text.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdint>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/histogram.h"
#include "base/metric_family.h"
#include "base/metric_snapshot.h"

namespace ottla::server {
namespace {

constexpr double kNanosecondsInSecond = 1e9;
constexpr double kMicrosecondsInMillisecond = 1e3;
constexpr std::pair<std::string_view, double> kQuantiles[] = {
    {"0.50", 0.5}, {"0.75", 0.75}, {"0.95", 0.95}, {"0.98", 0.98}, {"0.99", 0.99}, {"0.999", 0.999}};

bool is_time(const MetricInfo& info) {
  return info.unit == "nanoseconds";
}

std::string name_of(const MetricInfo& info) {
  std::string name(info.name);
  if (is_time(info)) name += "_seconds";
  if (info.kind == MetricKind::counter) name += "_total";
  return name;
}

double value_of(const MetricInfo& info, double raw) {
  if (is_time(info)) return raw / kNanosecondsInSecond;
  return info.unit == "microseconds" ? raw / kMicrosecondsInMillisecond : raw;
}

// The reference's dashboards know some labels in another writing than ours.
constexpr std::pair<std::string_view, std::string_view> kLabels[] = {
    {"network_processor", "networkProcessor"},
    {"client_software_name", "clientSoftwareName"},
    {"client_software_version", "clientSoftwareVersion"},
};

std::string_view label_of(std::string_view key) {
  for (const auto& [ours, theirs] : kLabels) {
    if (key == ours) return theirs;
  }
  return key;
}

PrometheusLabels labels_of(const MetricSample& sample) {
  PrometheusLabels labels;
  for (const MetricLabel& each : sample.labels) labels.emplace_back(label_of(each.key), each.value);
  return labels;
}

void append_escaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '"' && quotes) {
      out += "\\\"";
    } else {
      out += c;
    }
  }
}

void append_number(std::string& out, double value) {
  constexpr double kExact = 9007199254740992.0;  // beyond it not every whole number is one
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::abs(value) < kExact && value == std::floor(value)) {
    fmt::format_to(std::back_inserter(out), "{}", static_cast<std::int64_t>(value));
  } else {
    fmt::format_to(std::back_inserter(out), "{}", value);
  }
}

}  // namespace

void PrometheusText::begin(std::string_view name, std::string_view type, std::string_view help) {
  text_ += fmt::format("# HELP {} ", name);
  append_escaped(text_, help, false);
  text_ += fmt::format("\n# TYPE {} {}\n", name, type);
}

void PrometheusText::sample(std::string_view name, const PrometheusLabels& labels, double value) {
  text_ += name;
  if (!labels.empty()) {
    char before = '{';
    for (const auto& [key, text] : labels) {
      text_ += before;
      text_ += key;
      text_ += "=\"";
      append_escaped(text_, text, true);
      text_ += '"';
      before = ',';
    }
    text_ += '}';
  }
  text_ += ' ';
  append_number(text_, value);
  text_ += '\n';
}

void PrometheusText::add(const MetricSnapshot& snapshot) {
  for (const MetricFamilySnapshot& family : snapshot.families) {
    family.info.kind == MetricKind::histogram ? add_summary(family) : add_numbers(family);
  }
  gauge("ottla_metrics_refused_series", "Series that are not told because there were too many",
        snapshot.refused_series);
}

void PrometheusText::add_numbers(const MetricFamilySnapshot& family) {
  const std::string name = name_of(family.info);
  begin(name, family.info.kind == MetricKind::counter ? "counter" : "gauge", family.info.help);
  for (const MetricSample& each : family.series) {
    const double raw = family.info.kind == MetricKind::counter
                           ? static_cast<double>(std::get<std::uint64_t>(each.value))
                           : static_cast<double>(std::get<std::int64_t>(each.value));
    sample(name, labels_of(each), value_of(family.info, raw));
  }
}

void PrometheusText::add_summary(const MetricFamilySnapshot& family) {
  const std::string name = name_of(family.info);
  begin(name, "summary", family.info.help);
  for (const MetricSample& each : family.series) {
    const auto& held = std::get<HistogramSnapshot>(each.value);
    const PrometheusLabels labels = labels_of(each);
    for (const auto& [text, quantile] : kQuantiles) {
      PrometheusLabels with = labels;
      with.emplace_back("quantile", text);
      sample(name, with, value_of(family.info, static_cast<double>(held.quantile(quantile))));
    }
    sample(name + "_sum", labels, value_of(family.info, static_cast<double>(held.sum())));
    sample(name + "_count", labels, static_cast<double>(held.count()));
  }
}

void PrometheusText::gauge(std::string_view name, std::string_view help,
                           const std::vector<PrometheusSample>& samples) {
  begin(name, "gauge", help);
  for (const PrometheusSample& each : samples) sample(name, each.labels, each.value);
}

void PrometheusText::counter(std::string_view name, std::string_view help,
                             const std::vector<PrometheusSample>& samples) {
  begin(name, "counter", help);
  for (const PrometheusSample& each : samples) sample(name, each.labels, each.value);
}

}  // namespace ottla::server
