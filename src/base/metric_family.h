// What the metrics of one name have in common: declared once as a constant, beside the code that counts.
//
// Use: inline constexpr CounterFamily kBytesIn("ottla_network_bytes_in", "bytes", "Bytes read from clients");
//      inline constexpr HistogramFamily kWait("ottla_request_wait", "nanoseconds", "Time in queue",
//      60'000'000'000);
#pragma once

#include <cstdint>
#include <string_view>

namespace ottla {

enum class MetricKind : std::uint8_t { counter, gauge, histogram };

// A literal that exporters accept as it is: [a-z_][a-z0-9_]*.
class MetricWord {
 public:
  consteval MetricWord(const char* word) : word_(word) {
    if (!valid(word_)) throw "metric names, units and label keys are [a-z_][a-z0-9_]*";
  }
  constexpr std::string_view text() const { return word_; }

  static constexpr bool valid(std::string_view word) {
    if (word.empty() || (word[0] >= '0' && word[0] <= '9')) return false;
    for (const char c : word) {
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_')) return false;
    }
    return true;
  }

 private:
  std::string_view word_;
};

struct MetricInfo {
  MetricKind kind;
  std::string_view name;
  std::string_view unit;  // of the numbers as they are recorded
  std::string_view help;
  std::uint64_t highest = 0;  // of a histogram

  friend bool operator==(const MetricInfo&, const MetricInfo&) = default;
};

struct CounterFamily : MetricInfo {
  consteval CounterFamily(MetricWord name, MetricWord unit, const char* help)
      : MetricInfo{MetricKind::counter, name.text(), unit.text(), help} {}
};
struct GaugeFamily : MetricInfo {
  consteval GaugeFamily(MetricWord name, MetricWord unit, const char* help)
      : MetricInfo{MetricKind::gauge, name.text(), unit.text(), help} {}
};
struct HistogramFamily : MetricInfo {
  consteval HistogramFamily(MetricWord name, MetricWord unit, const char* help, std::uint64_t highest)
      : MetricInfo{MetricKind::histogram, name.text(), unit.text(), help, highest} {}
};

}  // namespace ottla
