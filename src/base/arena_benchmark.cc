#include "base/arena.h"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdlib>

#include "base/budget.h"

namespace ottla {
namespace {

constexpr int kPieces = 64;  // of a request

void BM_ArenaRequest(benchmark::State& state) {
  Budget node("node", std::size_t{1} << 30);
  Budget connection("connection", std::size_t{1} << 20, &node);
  Arena arena(connection);
  for (auto _ : state) {
    for (int i = 0; i < kPieces; ++i) benchmark::DoNotOptimize(arena.allocate(48, 8));
    arena.reset();
  }
  state.SetItemsProcessed(state.iterations() * kPieces);
}
BENCHMARK(BM_ArenaRequest);

void BM_MallocRequest(benchmark::State& state) {
  void* pieces[kPieces];
  for (auto _ : state) {
    for (void*& piece : pieces) benchmark::DoNotOptimize(piece = std::malloc(48));
    for (void* piece : pieces) std::free(piece);
  }
  state.SetItemsProcessed(state.iterations() * kPieces);
}
BENCHMARK(BM_MallocRequest);

void BM_BudgetCharge(benchmark::State& state) {
  Budget node("node", std::size_t{1} << 30);
  Budget connection("connection", std::size_t{1} << 20, &node);
  for (auto _ : state) {
    benchmark::DoNotOptimize(connection.try_charge(100));
    connection.release(100);
  }
}
BENCHMARK(BM_BudgetCharge);

}  // namespace
}  // namespace ottla
