// Latencies, counted in buckets that grow with them: exact below 128 ns, within 1/128 of themselves above.
//
// Use:         histogram.add(ns); histogram.at(0.999)
// Concurrency: none; those of several threads are merged.
// Invariants:  1. the sum of all buckets is count()
//              2. every value v lies in its bucket: lowest_of(index_of(v)) <= v <= highest_of(index_of(v))
#pragma once

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace ottla::bench {

class Histogram {
 public:
  static constexpr unsigned kBits = 7;  // so many of a value's leading bits count
  static constexpr std::uint64_t kExact = std::uint64_t{1} << kBits;

  static std::size_t index_of(std::uint64_t value) {
    if (value < kExact) return static_cast<std::size_t>(value);
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - kBits - 1;
    return static_cast<std::size_t>((shift << kBits) + (value >> shift));
  }
  static std::uint64_t lowest_of(std::size_t index) {
    if (index < 2 * kExact) return index;
    const std::size_t shift = (index >> kBits) - 1;
    return (kExact + (index & (kExact - 1))) << shift;
  }
  static std::uint64_t highest_of(std::size_t index) { return lowest_of(index + 1) - 1; }

  // What came early counts as nothing.
  void add(std::int64_t ns, std::uint64_t times = 1);
  void merge(const Histogram& other);

  std::uint64_t count() const { return count_; }
  std::uint64_t largest() const { return largest_; }
  double mean() const { return count_ == 0 ? 0 : sum_ / static_cast<double>(count_); }
  // The least value that so large a part of all does not exceed; 0 of nothing.
  std::uint64_t at(double part) const;

  // {"count": …, "p50": …, …, "buckets": [[lowest value, count]…]}, in nanoseconds.
  std::string json() const;

 private:
  std::vector<std::uint64_t> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t largest_ = 0;
  double sum_ = 0;
};

}  // namespace ottla::bench
