#include "bench/load/histogram.h"

#include <fmt/format.h>

#include <cmath>

namespace ottla::bench {

void Histogram::add(std::int64_t ns, std::uint64_t times) {
  const std::uint64_t value = ns < 0 ? 0 : static_cast<std::uint64_t>(ns);
  const std::size_t index = index_of(value);
  if (index >= buckets_.size()) buckets_.resize(index + 1);
  buckets_[index] += times;
  count_ += times;
  largest_ = std::max(largest_, value);
  sum_ += static_cast<double>(value) * static_cast<double>(times);
}

void Histogram::merge(const Histogram& other) {
  if (other.buckets_.size() > buckets_.size()) buckets_.resize(other.buckets_.size());
  for (std::size_t index = 0; index < other.buckets_.size(); ++index)
    buckets_[index] += other.buckets_[index];
  count_ += other.count_;
  largest_ = std::max(largest_, other.largest_);
  sum_ += other.sum_;
}

std::uint64_t Histogram::at(double part) const {
  if (count_ == 0) return 0;
  const auto wanted = static_cast<std::uint64_t>(std::ceil(part * static_cast<double>(count_)));
  std::uint64_t seen = 0;
  for (std::size_t index = 0; index < buckets_.size(); ++index) {
    seen += buckets_[index];
    if (seen >= std::max<std::uint64_t>(wanted, 1)) return std::min(highest_of(index), largest_);
  }
  return largest_;
}

std::string Histogram::json() const {
  std::string out = fmt::format(
      R"({{"count": {}, "mean": {:.0f}, "p50": {}, "p90": {}, "p99": {}, "p999": {}, "p9999": {}, "max": {}, "buckets": [)",
      count_, mean(), at(0.5), at(0.9), at(0.99), at(0.999), at(0.9999), largest_);
  const char* separator = "";
  for (std::size_t index = 0; index < buckets_.size(); ++index) {
    if (buckets_[index] == 0) continue;
    out += fmt::format("{}[{}, {}]", separator, lowest_of(index), buckets_[index]);
    separator = ", ";
  }
  return out + "]}";
}

}  // namespace ottla::bench
