#include "base/crc32c.h"

#include <benchmark/benchmark.h>

#include <chrono>
#include <cstdint>
#include <vector>

#include "base/cpu.h"
#include "base/crc32.h"

namespace ottla {
namespace {

using Clock = std::chrono::steady_clock;

// Multiplications by 1 that wait for each other: three cycles each on every core that runs this, and the
// compiler cannot see through them. Tells the clock that the core really has at this moment.
double cycles_in(Clock::duration spent) {
  static const double per_nanosecond = [] {
    constexpr int kSteps = 1'000'000;
    constexpr double kCyclesAStep = 3;
    double best = 0;
    for (int round = 0; round < 50; ++round) {
      std::uint64_t product = 3;
      const auto start = Clock::now();
      for (int i = 0; i < kSteps; ++i) {
        product *= product;
        benchmark::DoNotOptimize(product);
      }
      const std::chrono::duration<double, std::nano> took = Clock::now() - start;
      best = std::max(best, kSteps * kCyclesAStep / took.count());
    }
    return best;
  }();
  return per_nanosecond * std::chrono::duration<double, std::nano>(spent).count();
}

// Bytes a cycle of the best of many short rounds, so that neighbours on the machine do not show.
void measure(benchmark::State& state, CpuLevel level) {
  const std::vector<std::byte> bytes(static_cast<std::size_t>(state.range(0)), std::byte{7});
  set_cpu_level(level);
  Clock::duration best = Clock::duration::max();
  for (auto _ : state) {
    const auto start = Clock::now();
    for (int i = 0; i < 64; ++i) {
      std::uint32_t crc = crc32c(bytes);
      benchmark::DoNotOptimize(crc);
    }
    best = std::min(best, Clock::now() - start);
  }
  set_cpu_level(detect_cpu_level());
  state.SetBytesProcessed(state.iterations() * state.range(0) * 64);
  state.counters["bytes_per_cycle"] = static_cast<double>(bytes.size()) * 64 / cycles_in(best);
}

BENCHMARK_CAPTURE(measure, crc, CpuLevel::crc)
    ->Arg(64)
    ->Arg(512)
    ->Arg(1024)
    ->Arg(4096)
    ->Arg(16384)
    ->Arg(65536);
BENCHMARK_CAPTURE(measure, portable, CpuLevel::portable)->Arg(65536);

void zlib_crc32(benchmark::State& state) {
  const std::vector<std::byte> bytes(65536, std::byte{7});
  for (auto _ : state) benchmark::DoNotOptimize(crc32(bytes));
  state.SetBytesProcessed(state.iterations() * 65536);
}
BENCHMARK(zlib_crc32);

}  // namespace
}  // namespace ottla
