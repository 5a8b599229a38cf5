// The latest offset of each key in the dirty part of a log, in bounded memory: 24 bytes a key, as in the reference, so
// that `log.cleaner.dedupe.buffer.size` and `log.cleaner.io.buffer.load.factor` mean the same.
//
// Use:         if (!map.put(hash, offset)) … it is full: clean up to the offset before this one
// Lifetime:    made for one cleaning and dropped after it, so that a cleaner at rest holds no memory. Memory that no
//              key needed is never touched.
// Concurrency: confined to whoever cleans.
// Invariants:  1. size() <= capacity() < slots, so that every search ends
//              2. along a run of slots, how far entries lie from their home grows by at most one a slot (robin hood):
//                 that makes full tables fast, and ends the search for a key that is not there early
// Errors:      put() is false when the map is full; invalid_argument by make() when it would hold no key at all;
//              out_of_budget when there is no memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <optional>

#include "base/offset.h"
#include "base/result.h"
#include "storage/cleaner/key_hash.h"

namespace ottla::storage {

struct OffsetMapLimits {
  std::size_t memory = std::size_t{128} << 20;  // log.cleaner.dedupe.buffer.size, of one cleaner
  double load_factor = 0.9;                     // log.cleaner.io.buffer.load.factor
};

class OffsetMap {
 public:
  static constexpr std::size_t kEntrySize = 24;

  // `expected_keys`: no more than so many will be put, though fewer may be.
  static Result<OffsetMap> make(const OffsetMapLimits& limits, std::uint64_t expected_keys);

  // Later offsets replace earlier ones. False for a new key when the map is full: nothing has changed then.
  bool put(const KeyHash& key, Offset offset);
  std::optional<Offset> find(const KeyHash& key) const;
  // Called some keys ahead of put() or find().
  void prefetch(const KeyHash& key) const { __builtin_prefetch(&entries_[home_of(key)]); }

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  std::size_t memory() const { return slots_ * kEntrySize; }
  // How much of what the limits allow is in use, from 0 to 1.
  double utilization() const { return static_cast<double>(size_) / static_cast<double>(slots_allowed_); }

 private:
  struct Entry {
    KeyHash key;
    std::int64_t offset_and_one = 0;  // 0: empty

    bool empty() const { return offset_and_one == 0; }
  };
  static_assert(sizeof(Entry) == kEntrySize);
  struct Free {
    void operator()(Entry* entries) const { std::free(entries); }
  };
  using Entries = std::unique_ptr<Entry[], Free>;

  OffsetMap(Entries entries, std::size_t slots, std::size_t capacity, std::size_t slots_allowed)
      : entries_(std::move(entries)), slots_(slots), capacity_(capacity), slots_allowed_(slots_allowed) {}

  std::size_t home_of(const KeyHash& key) const {
    return static_cast<std::size_t>((static_cast<unsigned __int128>(key.first) * slots_) >> 64);
  }
  std::size_t next(std::size_t slot) const { return slot + 1 == slots_ ? 0 : slot + 1; }
  std::size_t distance(std::size_t slot, const Entry& entry) const {
    const std::size_t home = home_of(entry.key);
    return slot >= home ? slot - home : slot + slots_ - home;
  }

  Entries entries_;
  std::size_t slots_;
  std::size_t capacity_;
  std::size_t slots_allowed_;
  std::size_t size_ = 0;
};

}  // namespace ottla::storage
