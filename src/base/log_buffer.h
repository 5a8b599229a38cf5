// A bounded ring of log records between a shard, which never waits, and whoever drains it.
//
// Lifetime:    made before its shard's LogSource; dropped after the last drain.
// Concurrency: one producer (the shard) and one consumer (the drain), on threads of their own or the same.
//              No locks; memory is ordered by the two positions.
// Invariants:  1. a record is contiguous, whole and aligned to 8 bytes
//              2. read position <= write position <= read position + capacity
//              3. a record is either handed out once, in order, or counted in dropped()
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace ottla {

class LogBuffer {
 public:
  // A power of two, at least 64 bytes; a record takes its size and 8 bytes, and at most half of the ring.
  explicit LogBuffer(std::size_t capacity);
  LogBuffer(const LogBuffer&) = delete;
  LogBuffer& operator=(const LogBuffer&) = delete;

  // Producer. False (and counted) when the ring is full.
  bool try_push(std::span<const std::byte> record);
  // Producer. Were records pushed since the last call? A loop asks once per turn and wakes the drain.
  bool take_unannounced() {
    const bool pending = unannounced_;
    unannounced_ = false;
    return pending;
  }

  // Consumer. The oldest record, or nothing (data() is null); valid until pop().
  std::span<const std::byte> front();
  void pop();

  // Any thread.
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  std::size_t capacity() const { return capacity_; }

 private:
  std::byte* at(std::uint64_t position) { return &bytes_[position & (capacity_ - 1)]; }
  std::uint64_t word_at(std::uint64_t position);
  void put_word(std::uint64_t position, std::uint64_t word);
  bool has_room(std::uint64_t needed);

  const std::size_t capacity_;
  const std::unique_ptr<std::byte[]> bytes_;

  alignas(64) std::atomic<std::uint64_t> write_{0};  // the producer moves it
  std::uint64_t known_read_ = 0;                     // the producer's last look at read_
  std::atomic<std::uint64_t> dropped_{0};            // the producer counts
  bool unannounced_ = false;                         // the producer's own

  alignas(64) std::atomic<std::uint64_t> read_{0};  // the consumer moves it
  std::uint64_t known_write_ = 0;                   // the consumer's last look at write_
};

}  // namespace ottla
