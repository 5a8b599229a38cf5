// What producers cost: an append's check and change, by how many producers there are; their memory; a snapshot.

#include "storage/producer/producer_states.h"

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/endian.h"
#include "base/invariant.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "storage/producer/producer_append.h"
#include "storage/producer/verification.h"
#include "storage/testing/producer_story.h"

namespace ottla::storage {
namespace {

// Batches of one record, the next of any producer at the log's end, without building each anew.
class Partition {
 public:
  explicit Partition(std::int64_t producers, int batches_each = 1) {
    const Slice made = testing::data_batch({}, Offset(0));
    bytes_.assign(made.as_span().begin(), made.as_span().end());
    for (int round = 0; round < batches_each; ++round) {
      for (std::int64_t id = 0; id < producers; ++id) append(id, round);
    }
  }

  void append(std::int64_t id, std::int32_t sequence) {
    patch(id, sequence);
    append_.begin({});
    const Verdict verdict = states_.prepare(append_, batch());
    OTTLA_INVARIANT(verdict.is_fresh(), "not in order", id, sequence);
    states_.apply(append_, end_ + 1);
    ++end_;
  }
  void append_with_undo(std::int64_t id, std::int32_t sequence) {
    patch(id, sequence);
    append_.begin({});
    benchmark::DoNotOptimize(states_.prepare(append_, batch()));
    states_.apply(append_, end_ + 1, &undo_);
    undo_.clear();
    ++end_;
  }
  bool is_duplicate(std::int64_t id, std::int32_t sequence) {
    patch(id, sequence);
    append_.begin({});
    return states_.prepare(append_, batch()).kind == Verdict::Kind::duplicate;
  }

  ProducerStates& states() { return states_; }

 private:
  void patch(std::int64_t id, std::int32_t sequence) {
    store_big_endian(bytes_.data() + record::kBaseOffsetAt, end_.raw());
    store_big_endian(bytes_.data() + record::kProducerIdAt, id);
    store_big_endian(bytes_.data() + record::kBaseSequenceAt, sequence);
  }
  record::BatchView batch() const { return record::BatchView::first_of(bytes_).value(); }

  VerificationGuards guards_;
  ProducerStates states_{{}, guards_, 42};
  ProducerAppend append_;
  ProducerUndo undo_;
  std::vector<std::byte> bytes_;
  Offset end_;
};

void append_next(benchmark::State& state) {
  const std::int64_t producers = state.range(0);
  Partition partition(producers);
  std::int32_t sequence = 1;
  std::int64_t id = 0;
  for (auto _ : state) {
    partition.append(id, sequence);
    if (++id == producers) {
      id = 0;
      ++sequence;
    }
  }
}
BENCHMARK(append_next)->Arg(1)->Arg(1000)->Arg(1'000'000);

void append_next_with_undo(benchmark::State& state) {
  Partition partition(1);
  std::int32_t sequence = 1;
  for (auto _ : state) partition.append_with_undo(0, sequence++);
}
BENCHMARK(append_next_with_undo);

void find_duplicate(benchmark::State& state) {
  Partition partition(1, 5);
  for (auto _ : state) OTTLA_INVARIANT(partition.is_duplicate(0, 2), "not a duplicate");
}
BENCHMARK(find_duplicate);

// By how many batches each has written; what malloc adds is not counted.
void memory(benchmark::State& state) {
  constexpr std::int64_t kProducers = 1'000'000;
  for (auto _ : state) {
    Partition partition(kProducers, static_cast<int>(state.range(0)));
    state.counters["bytes_per_producer"] =
        static_cast<double>(partition.states().memory_bytes()) / static_cast<double>(kProducers);
  }
}
BENCHMARK(memory)->Arg(1)->Arg(5)->Iterations(1)->Unit(benchmark::kMillisecond);

void snapshot(benchmark::State& state) {
  Partition partition(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(partition.states().encode_snapshot());
}
BENCHMARK(snapshot)->Arg(10)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

void load(benchmark::State& state) {
  Partition partition(state.range(0));
  const Slice bytes = partition.states().encode_snapshot();
  for (auto _ : state) {
    partition.states().forget();
    OTTLA_INVARIANT(partition.states().load(bytes.as_span(), Offset(1), 0).ok(),
                    "a snapshot that cannot be read");
  }
}
BENCHMARK(load)->Arg(10)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

void expire_none(benchmark::State& state) {
  Partition partition(state.range(0));
  for (auto _ : state) partition.states().expire(2000);
}
BENCHMARK(expire_none)->Arg(1'000'000)->Unit(benchmark::kMicrosecond);

}  // namespace
}  // namespace ottla::storage
