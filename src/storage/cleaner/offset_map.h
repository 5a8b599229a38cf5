// The latest offset of each key in the dirty part of a log, in bounded memory: 24 bytes a key, as in the reference, so
// that `log.cleaner.dedupe.buffer.size` and `log.cleaner.io.buffer.load.factor` mean the same.
//
// Beside it stands a bit for each offset of the dirty part, up to a sixteenth of the map's memory: whether a later
// record of its key is known. Where there are bits, nobody has to compute hashes a second time, and batches of which
// nothing stays are told by a look at a few words.
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
#include <optional>

#include "base/offset.h"
#include "base/result.h"
#include "runtime/large_memory.h"
#include "storage/cleaner/key_hash.h"

namespace ottla::storage {

struct OffsetMapLimits {
  std::size_t memory = std::size_t{128} << 20;  // log.cleaner.dedupe.buffer.size, of one cleaner
  double load_factor = 0.9;                     // log.cleaner.io.buffer.load.factor
};

class OffsetMap {
 public:
  static constexpr std::size_t kEntrySize = 24;

  // What is put has offsets from `start` on, no more than `offsets` of them.
  static Result<OffsetMap> make(const OffsetMapLimits& limits, Offset start, std::uint64_t offsets);

  // Later offsets replace earlier ones. False for a new key when the map is full: nothing has changed then.
  bool put(const KeyHash& key, Offset offset);
  std::optional<Offset> find(const KeyHash& key) const;

  // Whether all these offsets have bits.
  bool has_bits(Offset first, Offset last) const {
    return first >= start_ && first <= last && last - start_ < static_cast<std::int64_t>(bits_);
  }
  // Of what was put: a later offset of the same key was put too. Only where there are bits.
  bool is_superseded(Offset offset) const { return (word_of(offset) >> (bit_of(offset) % 64) & 1) != 0; }
  bool all_superseded(Offset first, Offset last) const;
  // Called some keys ahead of put() or find().
  void prefetch(const KeyHash& key) const { __builtin_prefetch(&entries_[home_of(key)]); }

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  std::size_t memory() const { return slots_ * kEntrySize + words_of(bits_) * sizeof(std::uint64_t); }
  // How much of what the limits allow is in use, from 0 to 1.
  double utilization() const { return static_cast<double>(size_) / static_cast<double>(slots_allowed_); }

 private:
  struct Entry {
    KeyHash key;
    std::int64_t offset_and_one = 0;  // 0: empty

    bool empty() const { return offset_and_one == 0; }
  };
  static_assert(sizeof(Entry) == kEntrySize);

  OffsetMap(std::size_t slots, std::size_t capacity, std::size_t slots_allowed)
      : slots_(slots), capacity_(capacity), slots_allowed_(slots_allowed) {}

  static std::size_t words_of(std::uint64_t bits) { return static_cast<std::size_t>((bits + 63) / 64); }
  void supersede(Offset offset);
  std::uint64_t bit_of(Offset offset) const { return static_cast<std::uint64_t>(offset - start_); }
  std::uint64_t word_of(Offset offset) const { return superseded_[bit_of(offset) / 64]; }
  std::size_t home_of(const KeyHash& key) const {
    return static_cast<std::size_t>((static_cast<unsigned __int128>(key.first) * slots_) >> 64);
  }
  std::size_t next(std::size_t slot) const { return slot + 1 == slots_ ? 0 : slot + 1; }
  std::size_t distance(std::size_t slot, const Entry& entry) const {
    const std::size_t home = home_of(entry.key);
    return slot >= home ? slot - home : slot + slots_ - home;
  }

  LargeMemory entries_memory_;
  LargeMemory superseded_memory_;
  Entry* entries_ = nullptr;
  std::uint64_t* superseded_ = nullptr;
  Offset start_;
  std::uint64_t bits_ = 0;
  std::size_t slots_;
  std::size_t capacity_;
  std::size_t slots_allowed_;
  std::size_t size_ = 0;
};

}  // namespace ottla::storage
