#include "base/metric.h"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/histogram.h"
#include "base/metric_registry.h"

namespace ottla {
namespace {

constexpr CounterFamily kBytes("bytes_in", "bytes", "Bytes read");

void BM_CounterAdd(benchmark::State& state) {
  MetricRegistry registry;
  const auto bytes = registry.counter(kBytes);
  for (auto _ : state) bytes->add(3);
  benchmark::DoNotOptimize(bytes->value());
}
BENCHMARK(BM_CounterAdd);

// Latencies over three powers of ten, drawn beforehand.
void BM_HistogramRecord(benchmark::State& state) {
  Histogram histogram(600'000'000'000);
  std::vector<std::uint64_t> values;
  std::uint64_t random = 1;
  for (int i = 0; i < 4'096; ++i) {
    random = random * 6364136223846793005U + 1442695040888963407U;
    values.push_back((random >> 40U) % 10'000'000);
  }
  std::size_t i = 0;
  for (auto _ : state) histogram.record(values[i++ % 4'096]);
  benchmark::ClobberMemory();
}
BENCHMARK(BM_HistogramRecord);

void BM_RegistryComeAndGo(benchmark::State& state) {
  MetricRegistry registry;
  std::vector<Metric<Counter>> others;
  others.reserve(10'000);
  for (int i = 0; i < 10'000; ++i) others.push_back(registry.counter(kBytes, {{"topic", std::to_string(i)}}));
  for (auto _ : state) {
    const auto one = registry.counter(kBytes, {{"topic", "orders"}, {"partition", "0"}});
    benchmark::DoNotOptimize(one);
  }
}
BENCHMARK(BM_RegistryComeAndGo);

void BM_RegistrySnapshot(benchmark::State& state) {
  MetricRegistry registry;
  std::vector<Metric<Counter>> counters;
  counters.reserve(10'000);
  for (int i = 0; i < 10'000; ++i)
    counters.push_back(registry.counter(kBytes, {{"topic", std::to_string(i)}}));
  for (auto _ : state) benchmark::DoNotOptimize(registry.snapshot());
  state.SetItemsProcessed(state.iterations() * 10'000);
}
BENCHMARK(BM_RegistrySnapshot);

}  // namespace
}  // namespace ottla
