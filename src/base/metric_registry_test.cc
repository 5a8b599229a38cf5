#include "base/metric_registry.h"

#include <gtest/gtest.h>

#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

namespace ottla {
namespace {

constexpr CounterFamily kBytes("bytes_in", "bytes", "Bytes read");
constexpr GaugeFamily kOpen("connections", "connections", "Open connections");
constexpr HistogramFamily kWait("wait", "nanoseconds", "Time in queue", 1'000'000);

static_assert(MetricWord::valid("a_1") && !MetricWord::valid("1a") && !MetricWord::valid("") &&
              !MetricWord::valid("A") && !MetricWord::valid("a-b"));

// "bytes_in{topic=a}=3 …": counters and gauges by value, histograms by count.
std::string show(const MetricSnapshot& snapshot) {
  std::string out;
  for (const MetricFamilySnapshot& family : snapshot.families) {
    for (const MetricSample& sample : family.series) {
      out += (out.empty() ? "" : " ") + std::string(family.info.name) + '{';
      for (const MetricLabel& label : sample.labels) out += std::string(label.key) + '=' + label.value + ';';
      out += "}=";
      if (const auto* count = std::get_if<std::uint64_t>(&sample.value)) out += std::to_string(*count);
      if (const auto* level = std::get_if<std::int64_t>(&sample.value)) out += std::to_string(*level);
      if (const auto* all = std::get_if<HistogramSnapshot>(&sample.value))
        out += '#' + std::to_string(all->count());
    }
  }
  return out;
}

TEST(MetricRegistry, ShowsWhatWasCounted) {
  MetricRegistry registry;
  const auto bytes = registry.counter(kBytes, {{"topic", "a"}});
  const auto open = registry.gauge(kOpen);
  const auto wait = registry.histogram(kWait);
  bytes->add(40);
  bytes->increment();
  open->set(5);
  open->add(-7);
  wait->record(100);
  EXPECT_EQ(show(registry.snapshot()), "bytes_in{topic=a;}=41 connections{}=-2 wait{}=#1");
}

TEST(MetricRegistry, OrderIsThatOfNamesAndLabels) {
  MetricRegistry registry;
  const auto open = registry.gauge(kOpen);
  const auto b = registry.counter(kBytes, {{"topic", "b"}, {"dir", "x"}});
  const auto a = registry.counter(kBytes, {{"dir", "x"}, {"topic", "a"}});
  EXPECT_EQ(show(registry.snapshot()),
            "bytes_in{dir=x;topic=a;}=0 bytes_in{dir=x;topic=b;}=0 connections{}=0");
}

TEST(MetricRegistry, ASeriesEndsWithItsLastHandle) {
  MetricRegistry registry;
  auto first = registry.counter(kBytes);
  {
    const auto second = registry.counter(kBytes);
    second->add(1);
  }
  first->add(1);
  EXPECT_EQ(show(registry.snapshot()), "bytes_in{}=2");
  first = {};
  EXPECT_EQ(show(registry.snapshot()), "");
  EXPECT_EQ(registry.series(), 0U);
}

TEST(MetricRegistry, HandlesMove) {
  MetricRegistry registry;
  auto one = registry.counter(kBytes, {{"topic", "one"}});
  auto two = registry.counter(kBytes, {{"topic", "two"}});
  one = std::move(two);
  one->add(1);
  EXPECT_EQ(show(registry.snapshot()), "bytes_in{topic=two;}=1");
}

TEST(MetricRegistry, BeyondTheLimitsCountsIntoTheVoid) {
  MetricRegistry registry({.series = 3, .series_of_family = 2});
  const auto a = registry.counter(kBytes, {{"topic", "a"}});
  const auto b = registry.counter(kBytes, {{"topic", "b"}});
  const auto c = registry.counter(kBytes, {{"topic", "c"}});
  const auto open = registry.gauge(kOpen);
  const auto wait = registry.histogram(kWait);
  const auto again = registry.counter(kBytes, {{"topic", "a"}});
  c->add(1);
  wait->record(1);
  EXPECT_EQ(show(registry.snapshot()), "bytes_in{topic=a;}=0 bytes_in{topic=b;}=0 connections{}=0");
  EXPECT_EQ(registry.refused(), 2U);
  EXPECT_EQ(registry.snapshot().refused_series, 2U);
}

TEST(MetricRegistry, LongLabelsAreRefused) {
  MetricRegistry registry({.label_bytes = 4});
  const auto fits = registry.counter(kBytes, {{"topic", "1234"}});
  const auto no = registry.counter(kBytes, {{"topic", "12345"}});
  EXPECT_EQ(registry.series(), 1U);
  EXPECT_EQ(registry.refused(), 1U);
}

TEST(MetricRegistry, ShardsAddUp) {
  MetricRegistry one;
  MetricRegistry two;
  const auto shared = one.counter(kBytes, {{"topic", "a"}});
  const auto shared_too = two.counter(kBytes, {{"topic", "a"}});
  const auto own = two.counter(kBytes, {{"topic", "0"}});
  const auto open = one.gauge(kOpen);
  const auto wait = two.histogram(kWait);
  shared->add(1);
  shared_too->add(2);
  wait->record(9);
  MetricSnapshot sum = one.snapshot();
  sum.merge(two.snapshot());
  EXPECT_EQ(show(sum), "bytes_in{topic=0;}=0 bytes_in{topic=a;}=3 connections{}=0 wait{}=#1");
  sum.merge(two.snapshot());
  EXPECT_EQ(show(sum), "bytes_in{topic=0;}=0 bytes_in{topic=a;}=5 connections{}=0 wait{}=#2");
}

TEST(MetricRegistryDeathTest, ConfusionBreaksAnInvariant) {
  static constexpr GaugeFamily kOther("bytes_in", "bytes", "Bytes read");
  MetricRegistry registry;
  const auto bytes = registry.counter(kBytes);
  EXPECT_DEATH(registry.gauge(kOther), "declared in two ways");
  EXPECT_DEATH(registry.counter(kBytes, {{"a", "1"}, {"a", "2"}}), "label is given twice");
}

TEST(MetricRegistryDeathTest, HandlesMustNotOutliveTheirRegistry) {
  EXPECT_DEATH(
      {
        std::optional<MetricRegistry> registry(std::in_place);
        const auto bytes = registry->counter(kBytes);
        registry.reset();
      },
      "outlive their registry");
}

// In steps of any size, and with series that come and go between them, no step repeats or loses what stays.
TEST(MetricRegistry, CollectsInSteps) {
  std::mt19937 random(3);
  for (int round = 0; round < 200; ++round) {
    MetricRegistry registry;
    std::vector<Metric<Counter>> stay;
    for (int i = 0; i < 10; ++i) stay.push_back(registry.counter(kBytes, {{"stays", std::to_string(i)}}));
    const auto open = registry.gauge(kOpen);
    std::vector<Metric<Counter>> come_and_go;
    MetricSnapshot snapshot;
    while (!registry.collect(snapshot, 1 + random() % 4)) {
      come_and_go.push_back(registry.counter(kBytes, {{"goes", std::to_string(random() % 9)}}));
      if (random() % 2 == 0) come_and_go.erase(come_and_go.begin());
    }
    const std::string text = show(snapshot);
    std::size_t position = 0;
    for (int i = 0; i < 10; ++i) {
      const std::string wanted = "{stays=" + std::to_string(i) + ";}";
      position = text.find(wanted, position);
      ASSERT_NE(position, std::string::npos) << text;
      ASSERT_EQ(text.find(wanted, position + 1), std::string::npos) << text;
    }
    ASSERT_TRUE(text.ends_with("connections{}=0")) << text;
  }
}

TEST(Counter, IsReadWhileItIsWritten) {
  Counter counter;
  std::jthread shard([&] {
    for (int i = 0; i < 100'000; ++i) counter.increment();
  });
  std::uint64_t last = 0;
  for (int i = 0; i < 1'000; ++i) {
    const std::uint64_t now = counter.value();
    ASSERT_GE(now, last);
    last = now;
  }
  shard.join();
  EXPECT_EQ(counter.value(), 100'000U);
}

}  // namespace
}  // namespace ottla
