#include <malloc.h>

#include <cstdlib>
#include <new>
#include <vector>

#include "base/chain.h"
#include "base/crc32c.h"
#include "base/varint.h"
#include "bench/runtime/rows.h"
#include "runtime/random.h"

namespace ottla::bench {
namespace {

constexpr std::size_t kBlock = 1 << 20;
constexpr int kBlocks = 256;
constexpr int kVarints = 1'000'000;
constexpr int kChains = 1'000'000;

// Keeps the optimiser from dropping what was computed.
template <typename T>
void keep(T value) {
  asm volatile("" : : "r"(value) : "memory");
}

// Nanoseconds a cycle, from a chain of additions that take one each.
double cycle_ns() {
  constexpr int kSteps = 50'000'000;
  std::uint64_t value = 1;
  const double start = thread_cpu_ns();
  for (int i = 0; i < kSteps; ++i) asm volatile("add $1, %0" : "+r"(value));
  return (thread_cpu_ns() - start) / kSteps;
}

double crc_bytes_a_cycle() {
  const std::vector<std::byte> bytes(kBlock, std::byte{7});
  const double cycle = cycle_ns();
  std::uint32_t crc = 0;
  const double start = thread_cpu_ns();
  for (int i = 0; i < kBlocks; ++i) crc = crc32c_extend(crc, bytes);
  const double spent = thread_cpu_ns() - start;
  keep(crc);
  return static_cast<double>(kBlock) * kBlocks / (spent / cycle);
}

// Decodes `count` varints that `next_value` makes, and gives the time of one.
template <typename Make>
double varint_ns(Make next_value) {
  std::vector<std::byte> bytes(kVarints * kMaxVarintSize<std::uint64_t>);
  std::byte* end = bytes.data();
  for (int i = 0; i < kVarints; ++i) end = encode_varint<std::uint64_t>(end, next_value(i));
  std::uint64_t sum = 0;
  const double start = thread_cpu_ns();
  for (const std::byte* at = bytes.data(); at != end;) {
    const auto decoded = decode_varint<std::uint64_t>(at, end);
    sum += decoded.value;
    at = decoded.next;
  }
  const double spent = thread_cpu_ns() - start;
  keep(sum);
  return spent / kVarints;
}

// Length, timestamp delta, offset delta, key length, value length, header count: the same few sizes again and again.
double varint_of_records_ns() {
  constexpr std::uint64_t kFields[] = {2090, 30, 0, 16, 2048, 0};
  return varint_ns([&](int i) { return kFields[i % 6] + static_cast<std::uint64_t>(i % 50); });
}

// Every size from 1 to 9 bytes, unpredictably.
double varint_random_ns() {
  Random random(7);
  return varint_ns([&](int) { return random.next() >> (1 + random.below(63)); });
}

// Heap bytes in use, as the allocator tells; steady means that slicing and chaining took none.
double chain_allocations() {
  const Slice block = Slice::copy_of(std::string(4096, 'x'));
  std::vector<Chain> kept;
  kept.reserve(8);
  const auto reserved = ::mallinfo2();
  std::uint64_t size = 0;
  for (int i = 0; i < kChains; ++i) {
    Chain chain(block.subslice(0, 100));
    chain.append(block.subslice(200, 50));
    Chain front = chain.split_front(120);
    front.append(std::move(chain));
    size += front.size();
    if (i < 8) kept.push_back(std::move(front));
  }
  keep(size);
  const auto after = ::mallinfo2();
  return static_cast<double>(after.uordblks - reserved.uordblks);
}

}  // namespace

void byte_rows(Report& report, int pairs) {
  report.add(measure("crc32c of 1 MiB", "B/cycle", pairs, crc_bytes_a_cycle, Goal::value_at_least(7)));
  report.add(
      measure("varint decode, fields of records", "ns", pairs, varint_of_records_ns, Goal::value_at_most(2)));
  // Without a goal: where the next one begins is known only when this one's size is, so that the chain of
  // load, scan and add alone takes more than 3 ns, and a guess that fails more still.
  report.add(measure("varint decode, random sizes", "ns", pairs, varint_random_ns, std::nullopt));
  report.add(
      measure("heap taken by 1 M slices, splits, joins", "B", 1, chain_allocations, Goal::value_at_most(0)));
}

}  // namespace ottla::bench
