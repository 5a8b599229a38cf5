// Numbers that a shard counts about itself: counter and gauge cells.
//
// Lifetime:    usually owned by a MetricRegistry and used through a Metric<T> handle.
// Concurrency: one writer, the owning shard; any thread may read at any time (relaxed: single numbers, no
// order
//              between them). A number of the whole process is the sum of its shards' cells, made when read.
// Cost:        an add is a load and a store; no bus lock, because nobody else writes.
#pragma once

#include <atomic>
#include <cstdint>

namespace ottla {

// Only goes up; wraps at 2^64.
class Counter {
 public:
  Counter() = default;
  Counter(const Counter&) = delete;
  Counter& operator=(const Counter&) = delete;

  void add(std::uint64_t count) {
    value_.store(value_.load(std::memory_order_relaxed) + count, std::memory_order_relaxed);
  }
  void increment() { add(1); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

// How much there is now. Gauges of several shards add up, so each holds its own shard's part.
class Gauge {
 public:
  Gauge() = default;
  Gauge(const Gauge&) = delete;
  Gauge& operator=(const Gauge&) = delete;

  void set(std::int64_t value) { value_.store(value, std::memory_order_relaxed); }
  void add(std::int64_t change) { set(value() + change); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

}  // namespace ottla
