#include "base/chain.h"

#include <benchmark/benchmark.h>

#include <string>
#include <utility>

namespace ottla {
namespace {

void slice_copy_and_subslice(benchmark::State& state) {
  const Slice slice = Slice::copy_of(std::string(4096, 'x'));
  for (auto _ : state) {
    Slice part = slice.subslice(100, 1000);
    benchmark::DoNotOptimize(part);
  }
}
BENCHMARK(slice_copy_and_subslice);

void chain_concatenate(benchmark::State& state) {
  const Slice head = Slice::copy_of("head");
  const Slice tail = Slice::copy_of("tail");
  for (auto _ : state) {
    Chain chain(head);
    chain.append(Chain(tail));
    benchmark::DoNotOptimize(chain.size());
  }
}
BENCHMARK(chain_concatenate);

void chain_split(benchmark::State& state) {
  const Slice first = Slice::copy_of("first piece");
  const Slice second = Slice::copy_of("second piece");
  for (auto _ : state) {
    Chain rest(first);
    rest.append(second);
    Chain front = rest.split_front(14);
    benchmark::DoNotOptimize(front.size());
  }
}
BENCHMARK(chain_split);

}  // namespace
}  // namespace ottla
