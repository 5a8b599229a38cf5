#include "server/observation/prometheus_text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

#include "base/metric_family.h"
#include "base/metric_registry.h"

namespace ottla::server {
namespace {

using ::testing::HasSubstr;

constexpr CounterFamily kCalls("ottla_calls", "calls", "Calls that were \"made\"");
constexpr CounterFamily kTime("ottla_time", "nanoseconds", "Time");
constexpr GaugeFamily kOpen("ottla_open", "doors", "Doors");
constexpr HistogramFamily kWait("ottla_wait", "nanoseconds", "Waits", 60'000'000'000);

std::string text_of(const MetricRegistry& registry) {
  PrometheusText text;
  text.add(registry.snapshot());
  return text.take();
}

TEST(PrometheusText, TellsKindNameAndValue) {
  MetricRegistry registry;
  const auto calls = registry.counter(kCalls);
  const auto open = registry.gauge(kOpen);
  calls->add(7);
  open->set(-2);
  EXPECT_EQ(text_of(registry),
            "# HELP ottla_calls_total Calls that were \"made\"\n# TYPE ottla_calls_total counter\n"
            "ottla_calls_total 7\n"
            "# HELP ottla_open Doors\n# TYPE ottla_open gauge\nottla_open -2\n"
            "# HELP ottla_metrics_refused_series Series that are not told because there were too many\n"
            "# TYPE ottla_metrics_refused_series gauge\nottla_metrics_refused_series 0\n");
}

TEST(PrometheusText, TellsTimeInSeconds) {
  MetricRegistry registry;
  const auto time = registry.counter(kTime);
  time->add(1'500'000'000);
  EXPECT_THAT(text_of(registry), HasSubstr("ottla_time_seconds_total 1.5\n"));
}

TEST(PrometheusText, KeepsASampleOnOneLine) {
  MetricRegistry registry;
  const auto calls = registry.counter(kCalls, {{"name", "a\"b\\c\nd"}, {"kind", "x"}});
  EXPECT_THAT(text_of(registry), HasSubstr("\nottla_calls_total{kind=\"x\",name=\"a\\\"b\\\\c\\nd\"} 0\n"));
}

TEST(PrometheusText, ShowsADistributionAsASummary) {
  MetricRegistry registry;
  const auto wait = registry.histogram(kWait, {{"api", "Fetch"}});
  for (std::uint64_t each = 0; each < 100; ++each) wait->record(2'000'000'000);
  const std::string text = text_of(registry);
  EXPECT_THAT(text, HasSubstr("# TYPE ottla_wait_seconds summary\n"));
  EXPECT_THAT(text, HasSubstr("ottla_wait_seconds{api=\"Fetch\",quantile=\"0.99\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("ottla_wait_seconds_sum{api=\"Fetch\"} 200\n"));
  EXPECT_THAT(text, HasSubstr("ottla_wait_seconds_count{api=\"Fetch\"} 100\n"));
}

TEST(PrometheusText, TellsMicrosecondsAsMilliseconds) {
  constexpr HistogramFamily kTook("kafka_took_timems", "microseconds", "Took", 60'000'000);
  MetricRegistry registry;
  const auto held = registry.histogram(kTook, {{"network_processor", "0"}});
  held->record(64);
  EXPECT_THAT(text_of(registry),
              HasSubstr("kafka_took_timems{networkProcessor=\"0\",quantile=\"0.50\"} 0.064\n"));
}

TEST(PrometheusText, TakesSamplesFromElsewhere) {
  PrometheusText text;
  text.gauge("kafka_x", "X.", {{.labels = {{"topic", "t"}}, .value = 0.25}, {.labels = {}, .value = 1e18}});
  EXPECT_EQ(text.take(),
            "# HELP kafka_x X.\n# TYPE kafka_x gauge\nkafka_x{topic=\"t\"} 0.25\nkafka_x 1e+18\n");
}

}  // namespace
}  // namespace ottla::server
