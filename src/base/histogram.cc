#include "base/histogram.h"

#include <cmath>

#include "base/invariant.h"

namespace ottla {

Histogram::Histogram(std::uint64_t highest)
    : last_(HistogramBucket::index_of(highest)), buckets_(std::make_unique<Cell[]>(last_ + 1)) {}

HistogramSnapshot Histogram::snapshot() const {
  HistogramSnapshot snapshot;
  for (std::size_t i = 0; i <= last_; ++i) {
    const std::uint64_t count = buckets_[i].load(std::memory_order_relaxed);
    if (count == 0) continue;
    snapshot.buckets_.push_back({static_cast<std::uint32_t>(i), count});
    snapshot.count_ += count;
  }
  snapshot.sum_ = sum_.load(std::memory_order_relaxed);
  snapshot.min_ = min_.load(std::memory_order_relaxed);
  snapshot.max_ = max_.load(std::memory_order_relaxed);
  return snapshot;
}

std::uint64_t HistogramSnapshot::quantile(double q) const {
  OTTLA_INVARIANT(q >= 0 && q <= 1, "a quantile is a fraction", q);
  if (buckets_.empty()) return 0;
  const double wanted = std::ceil(q * static_cast<double>(count_));
  const std::uint64_t rank = std::clamp<std::uint64_t>(static_cast<std::uint64_t>(wanted), 1, count_);
  if (rank == count_) return max_;
  std::uint64_t seen = 0;
  for (const Bucket& bucket : buckets_) {
    seen += bucket.count;
    // Another thread's snapshot may hold a value whose min or max has not been seen yet.
    if (seen >= rank) return std::max(min_, std::min(HistogramBucket::middle_of(bucket.index), max_));
  }
  return max_;
}

std::uint64_t HistogramSnapshot::count_up_to(std::uint64_t value) const {
  std::uint64_t seen = 0;
  for (const Bucket& bucket : buckets_) {
    if (HistogramBucket::highest_in(bucket.index) > value) break;
    seen += bucket.count;
  }
  return seen;
}

void HistogramSnapshot::merge(const HistogramSnapshot& other) {
  std::vector<Bucket> merged;
  merged.reserve(buckets_.size() + other.buckets_.size());
  auto mine = buckets_.begin();
  for (const Bucket& theirs : other.buckets_) {
    while (mine != buckets_.end() && mine->index < theirs.index) merged.push_back(*mine++);
    merged.push_back(theirs);
    if (mine != buckets_.end() && mine->index == theirs.index) merged.back().count += (mine++)->count;
  }
  merged.insert(merged.end(), mine, buckets_.end());
  buckets_ = std::move(merged);
  count_ += other.count_;
  sum_ += other.sum_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

}  // namespace ottla
