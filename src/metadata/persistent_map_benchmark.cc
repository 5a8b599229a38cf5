// What a persistent map costs beside a mutable one.
#include "metadata/persistent_map.h"

#include <benchmark/benchmark.h>

#include <cstdint>
#include <map>

namespace ottla::metadata {
namespace {

constexpr int kCount = 10'000;
using Map = PersistentMap<std::int32_t, std::int64_t>;

std::int32_t scattered(int i) {
  return static_cast<std::int32_t>(static_cast<std::uint32_t>(i) * 2654435761U >> 1U);
}

template <typename Order>
Map filled(Order order) {
  Map map;
  for (int i = 0; i < kCount; ++i) map.set(order(i), i);
  return map;
}

void in_order(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(filled([](int i) { return i; }));
  state.SetItemsProcessed(state.iterations() * kCount);
}
BENCHMARK(in_order);

void out_of_order(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(filled(scattered));
  state.SetItemsProcessed(state.iterations() * kCount);
}
BENCHMARK(out_of_order);

void std_map_out_of_order(benchmark::State& state) {
  for (auto _ : state) {
    std::map<std::int32_t, std::int64_t> map;
    for (int i = 0; i < kCount; ++i) map[scattered(i)] = i;
    benchmark::DoNotOptimize(map);
  }
  state.SetItemsProcessed(state.iterations() * kCount);
}
BENCHMARK(std_map_out_of_order);

void find(benchmark::State& state) {
  const Map map = filled(scattered);
  int i = 0;
  for (auto _ : state) benchmark::DoNotOptimize(map.find(scattered(i++ % kCount)));
}
BENCHMARK(find);

void iterate(benchmark::State& state) {
  const Map map = filled(scattered);
  for (auto _ : state) {
    for (const auto& entry : map) benchmark::DoNotOptimize(&entry);
  }
  state.SetItemsProcessed(state.iterations() * kCount);
}
BENCHMARK(iterate);

// Each change while the map before it is kept, and what differs told.
void change_one_and_tell(benchmark::State& state) {
  Map now = filled(scattered);
  int i = 0;
  for (auto _ : state) {
    Map next = now;
    next.set(scattered(i % kCount), -i);
    ++i;
    diff(now, next,
         [](std::int32_t key, const std::int64_t*, const std::int64_t*) { benchmark::DoNotOptimize(key); });
    now = next;
  }
}
BENCHMARK(change_one_and_tell);

}  // namespace
}  // namespace ottla::metadata
