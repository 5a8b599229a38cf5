// The distribution of a number (a latency, a size) in fixed memory, off by less than 1 %.
//
// Buckets:     exact below 128; above, each power of two is split into 64 equal parts. A value's bucket is
// known
//              by the value alone, so histograms of any range merge.
// Error:       a quantile is the middle of its bucket: at most 1/128 (0.8 %) from the true value.
// Range:       0 to `highest`; what is above counts in the last bucket (its exact sum and max are kept).
// Memory:      8 bytes a bucket: 64 per doubling of `highest` (17 KiB for 10 minutes in nanoseconds).
// Concurrency: one writer; any thread may take a snapshot, which then may miss the newest values.
#pragma once

#include <algorithm>
#include <atomic>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace ottla {

// The buckets as arithmetic.
struct HistogramBucket {
  static constexpr std::size_t index_of(std::uint64_t value) {
    const auto shift = static_cast<unsigned>(std::bit_width(value | 64U)) - 7;
    return 64 * std::size_t{shift} + (value >> shift);
  }
  static constexpr std::uint64_t lowest_in(std::size_t index) {
    const std::size_t shift = index < 128 ? 0 : index / 64 - 1;
    return std::uint64_t{index - 64 * shift} << shift;
  }
  static constexpr std::uint64_t highest_in(std::size_t index) { return lowest_in(index + 1) - 1; }
  static constexpr std::uint64_t middle_of(std::size_t index) {
    return lowest_in(index) + (highest_in(index) - lowest_in(index) + 1) / 2;
  }
};

// What a histogram held at one moment; an ordinary value.
class HistogramSnapshot {
 public:
  struct Bucket {
    std::uint32_t index;
    std::uint64_t count;
    friend bool operator==(const Bucket&, const Bucket&) = default;
  };

  std::uint64_t count() const { return count_; }
  std::uint64_t sum() const { return sum_; }
  std::uint64_t min() const { return count_ > 0 ? min_ : 0; }
  std::uint64_t max() const { return max_; }
  double mean() const { return count_ > 0 ? static_cast<double>(sum_) / static_cast<double>(count_) : 0; }

  // The value that the fraction `q` (0 to 1) of all values does not exceed; 0 when empty.
  std::uint64_t quantile(double q) const;
  // How many values are at most `value`, as far as buckets tell: those of its own bucket count when it ends
  // there.
  std::uint64_t count_up_to(std::uint64_t value) const;
  void merge(const HistogramSnapshot& other);
  // In the order of their values; only those that hold something.
  const std::vector<Bucket>& buckets() const { return buckets_; }

 private:
  friend class Histogram;

  std::vector<Bucket> buckets_;
  std::uint64_t count_ = 0;
  std::uint64_t sum_ = 0;
  std::uint64_t min_ = UINT64_MAX;
  std::uint64_t max_ = 0;
};

class Histogram {
 public:
  explicit Histogram(std::uint64_t highest);
  Histogram(const Histogram&) = delete;
  Histogram& operator=(const Histogram&) = delete;

  void record(std::uint64_t value) {
    add(buckets_[std::min(HistogramBucket::index_of(value), last_)], 1);
    add(sum_, value);
    if (value < min_.load(std::memory_order_relaxed)) min_.store(value, std::memory_order_relaxed);
    if (value > max_.load(std::memory_order_relaxed)) max_.store(value, std::memory_order_relaxed);
  }

  HistogramSnapshot snapshot() const;

 private:
  using Cell = std::atomic<std::uint64_t>;
  static void add(Cell& cell, std::uint64_t count) {
    cell.store(cell.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }

  const std::size_t last_;  // index of the last bucket
  const std::unique_ptr<Cell[]> buckets_;
  Cell sum_{0};
  Cell min_{UINT64_MAX};
  Cell max_{0};
};

}  // namespace ottla
