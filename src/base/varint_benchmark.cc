#include "base/varint.h"

#include <benchmark/benchmark.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

#include "base/byte_reader.h"

namespace ottla {
namespace {

constexpr int kValues = 4096;

// What a record's header is made of: length, attributes, timestamp delta, offset delta, key and value
// lengths, header count.
std::vector<std::byte> like_records() {
  std::mt19937_64 random(1);
  std::vector<std::byte> out(kValues * kMaxVarintSize<std::uint64_t>);
  std::byte* at = out.data();
  for (int record = 0; record < kValues / 8; ++record) {
    const std::uint64_t value_size = 60 + random() % 2000;
    for (const std::uint64_t field :
         {value_size + 30, std::uint64_t{0}, random() % 3000, static_cast<std::uint64_t>(2 * record),
          std::uint64_t{16}, 2 * value_size, std::uint64_t{0}, std::uint64_t{1}}) {
      at = encode_varint(at, field);
    }
  }
  out.resize(static_cast<std::size_t>(at - out.data()));
  return out;
}

// Every size up to `sizes` bytes equally often and without pattern: the worst for a branch.
std::vector<std::byte> of_random_size(int sizes) {
  std::mt19937_64 random(2);
  std::vector<std::byte> out(kValues * kMaxVarintSize<std::uint64_t>);
  std::byte* at = out.data();
  for (int i = 0; i < kValues; ++i) {
    const int bits = 7 * static_cast<int>(1 + random() % static_cast<std::uint64_t>(sizes));
    at = encode_varint(at, (random() >> (64 - bits)) | std::uint64_t{1} << (bits - 1));
  }
  out.resize(static_cast<std::size_t>(at - out.data()));
  return out;
}

// The best of many passes over kValues numbers, so that neighbours on the machine do not show.
template <typename Pass>
void measure(benchmark::State& state, Pass pass) {
  using Clock = std::chrono::steady_clock;
  Clock::duration best = Clock::duration::max();
  for (auto _ : state) {
    const auto start = Clock::now();
    std::uint64_t sum = pass();
    best = std::min(best, Clock::now() - start);
    benchmark::DoNotOptimize(sum);
    if (sum == 0) return state.SkipWithError("a varint was refused");
  }
  state.counters["ns_per_varint"] = std::chrono::duration<double, std::nano>(best).count() / kValues;
}

void decode(benchmark::State& state, const std::vector<std::byte>& bytes) {
  measure(state, [&bytes]() -> std::uint64_t {
    const std::byte* at = bytes.data();
    const std::byte* end = at + bytes.size();
    std::uint64_t sum = 0;
    while (at != end) {
      const DecodedVarint<std::uint64_t> decoded = decode_varint<std::uint64_t>(at, end);
      if (!decoded.ok()) return 0;
      sum += decoded.value;
      at = decoded.next;
    }
    return sum;
  });
}

void read(benchmark::State& state, const std::vector<std::byte>& bytes) {
  measure(state, [&bytes]() -> std::uint64_t {
    ByteReader reader{std::span(bytes)};
    std::uint64_t sum = 0;
    while (!reader.at_end()) {
      const Result<std::int64_t> value = reader.read_varlong();
      if (!value.ok()) return 0;
      sum += static_cast<std::uint64_t>(*value);
    }
    return sum;
  });
}

BENCHMARK_CAPTURE(decode, like_records, like_records());
BENCHMARK_CAPTURE(decode, one_byte, of_random_size(1));
BENCHMARK_CAPTURE(decode, one_or_two_bytes, of_random_size(2));
BENCHMARK_CAPTURE(decode, up_to_five_bytes, of_random_size(5));
BENCHMARK_CAPTURE(decode, up_to_eight_bytes, of_random_size(8));
BENCHMARK_CAPTURE(read, like_records, like_records());
BENCHMARK_CAPTURE(read, up_to_five_bytes, of_random_size(5));

}  // namespace
}  // namespace ottla
