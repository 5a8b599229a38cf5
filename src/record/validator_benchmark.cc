// What validating costs beside what nobody can save: the checksum of a batch, and its decompression.
//
//   record_benchmark --benchmark_filter=128_KiB    batches of 1 KiB records, each codec
//   record_benchmark --benchmark_filter=small      batches of 100-byte records
// "ratio" is the speed of validating over that of the bare loop, both measured in the same rounds, best of each.
#include "record/validator.h"

#include <benchmark/benchmark.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <random>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/crc32c.h"
#include "base/exclusive_bytes.h"
#include "base/leader_epoch.h"
#include "base/mutable_buffer.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/compressed_batch.h"
#include "record/compression/codec_pool.h"
#include "record/compression/decompressor.h"

namespace ottla::record {
namespace {

// Time of this thread alone: others on the machine do not show.
struct Clock {
  using duration = std::chrono::nanoseconds;
  static duration now() {
    timespec time{};
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }
};

// Text as logs have it: words that come again, and numbers that do not.
std::string words(std::size_t size, std::mt19937& random) {
  static constexpr std::string_view kWords[] = {"order",      "\"customer\":", "shipped", "2026-11-21T",
                                                "{\"id\":",   "warehouse",     "amount",  "EUR",
                                                "status=200", "GET /api/v1/"};
  std::string text;
  while (text.size() < size) {
    text += kWords[random() % std::size(kWords)];
    text += std::to_string(random() % 100'000);
    text += ' ';
  }
  text.resize(size);
  return text;
}

// A batch as a producer sends it, of about `size` bytes before compression.
Slice batch_of(std::size_t size, std::size_t record, Compression codec) {
  std::mt19937 random(7);
  BatchBuilder builder({});
  std::int64_t time = 1'700'000'000'000;
  while (builder.size() + record / 2 < size) {
    const std::string value = words(record, random);
    builder.append({.timestamp = time++, .value = std::as_bytes(std::span(value))});
  }
  Slice plain = std::move(builder).finish();
  if (codec == Compression::none) return plain;
  CodecPool pool;
  return compressed_batch(pool, CompressionSpec(codec), plain).value();
}

// What every leader has to do at least.
void bare(const BatchView& batch, CodecPool& codecs) {
  auto crc = crc32c(batch.bytes().subspan(kAttributesAt));
  benchmark::DoNotOptimize(crc);
  const Compression codec = batch.attributes().compression();
  if (codec == Compression::none) return;
  auto runs = Decompressor::open(codecs, codec, batch.records(), {.max_output = 1 << 30});
  for (;;) {
    const auto run = runs->next();
    if (!run.ok()) std::abort();
    if (run->empty()) return;
    benchmark::DoNotOptimize(run->data());
  }
}

// Batches one after the other in their frames: each is validated once, as it came.
void measure(benchmark::State& state, std::size_t size, std::size_t record, Compression codec,
             TimestampType type) {
  const Slice batch = batch_of(size, record, codec);
  CodecPool codecs;
  Validator validator(codecs, heap_buffers());
  const AppendRules rules{.timestamp_type = type};
  AppendPlace place{.next_offset = Offset(0), .leader_epoch = LeaderEpoch(1), .now_ms = 1'700'000'000'500};
  // Reading the clock must not show.
  const int rounds = std::max(16, static_cast<int>((256 << 10) / size));
  Clock::duration best_bare = Clock::duration::max();
  Clock::duration best = Clock::duration::max();
  MutableBuffer frame = MutableBuffer::on_heap(batch.size());
  std::byte* at = frame.spare().data();
  std::copy(batch.as_span().begin(), batch.as_span().end(), at);
  frame.commit(batch.size());
  const Slice mine = std::move(frame).freeze();
  for (auto _ : state) {
    const auto start = Clock::now();
    for (int i = 0; i < rounds; ++i) bare(*BatchView::first_of(mine.as_span()), codecs);
    const auto middle = Clock::now();
    for (int i = 0; i < rounds; ++i) {
      // The header as the client sent it; the records have not been changed.
      std::copy_n(batch.data(), kRecordsAt, at);
      auto verdict = validator.validate(ExclusiveBytes(mine), rules, place);
      if (!verdict) {
        state.SkipWithError(verdict.error().message.c_str());
        return;
      }
      place.next_offset = verdict->last_offset + 1;
    }
    const auto end = Clock::now();
    best_bare = std::min(best_bare, middle - start);
    best = std::min(best, end - middle);
  }
  const auto plain = decompress(codecs, codec, batch.as_span().subspan(kRecordsAt), 1 << 30);
  const auto bytes = static_cast<double>(plain->size() + kRecordsAt) * rounds;
  const auto gigabytes = [&](Clock::duration spent) {
    return bytes / std::chrono::duration<double, std::nano>(spent).count();
  };
  state.counters["GB_per_s"] = gigabytes(best);
  state.counters["bare_GB_per_s"] = gigabytes(best_bare);
  state.counters["ratio"] = gigabytes(best) / gigabytes(best_bare);
}

constexpr auto kCreate = TimestampType::create_time;
constexpr auto kAppend = TimestampType::log_append_time;
BENCHMARK_CAPTURE(measure, 128_KiB_of_1_KiB_none, 128 << 10, 1024, Compression::none, kCreate);
BENCHMARK_CAPTURE(measure, 128_KiB_of_1_KiB_none_append_time, 128 << 10, 1024, Compression::none, kAppend);
BENCHMARK_CAPTURE(measure, 128_KiB_of_1_KiB_lz4, 128 << 10, 1024, Compression::lz4, kCreate);
BENCHMARK_CAPTURE(measure, 128_KiB_of_1_KiB_zstd, 128 << 10, 1024, Compression::zstd, kCreate);
BENCHMARK_CAPTURE(measure, 128_KiB_of_1_KiB_snappy, 128 << 10, 1024, Compression::snappy, kCreate);
BENCHMARK_CAPTURE(measure, 128_KiB_of_1_KiB_gzip, 128 << 10, 1024, Compression::gzip, kCreate);
BENCHMARK_CAPTURE(measure, small_16_KiB_of_100_B_none, 16 << 10, 100, Compression::none, kCreate);
BENCHMARK_CAPTURE(measure, small_16_KiB_of_100_B_lz4, 16 << 10, 100, Compression::lz4, kCreate);
BENCHMARK_CAPTURE(measure, small_16_KiB_of_100_B_zstd, 16 << 10, 100, Compression::zstd, kCreate);
BENCHMARK_CAPTURE(measure, small_one_100_B_none, 150, 100, Compression::none, kCreate);

}  // namespace
}  // namespace ottla::record
