// Heads of batches that somebody looked up lately, of all the segments of a shard: who looks them up again asks
// neither the kernel nor the disk.
//
// A look-up in the index says where to begin; what is there, and behind it, is one head after the other. A system
// call for each costs more than all else of a look-up together.
//
// Lifetime:    outlives the segments that use it.
// Concurrency: confined to its shard.
// Invariants:  1. what it has of a segment is what the file has: a segment that is cut draws a new number
//              2. capacity() stays below twice `limit`; where a new one finds no place, an older one makes room
// Memory:      none until the first look-up; then twice to four times 66 bytes for a batch that was looked up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "storage/log/stored_batch.h"

namespace ottla::storage {

class BatchHeads {
 public:
  // A segment's number; never given twice.
  using Number = std::uint64_t;

  explicit BatchHeads(std::size_t limit) : limit_(limit) {}
  BatchHeads(const BatchHeads&) = delete;
  BatchHeads& operator=(const BatchHeads&) = delete;

  Number new_segment() { return ++last_number_; }

  // Null when it is not here. Stands until the next keep().
  const StoredBatch* find(Number segment, std::uint64_t position) const {
    if (heads_.empty()) return nullptr;
    const std::uint64_t hashed = hash(segment, position);
    const std::size_t first = first_of(hashed);
    for (std::size_t at = first; at < first + kWays; ++at) {
      if (tags_[at] == tag_of(hashed) && heads_[at].is(segment, position)) return &heads_[at].batch;
    }
    return nullptr;
  }
  void keep(Number segment, const StoredBatch& batch);

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return heads_.size(); }

 private:
  // A head has so many places to be in.
  static constexpr std::size_t kWays = 8;
  static constexpr std::size_t kFirstCapacity = 256;

  struct Head {
    Number segment = 0;
    StoredBatch batch = {};

    bool is(Number number, std::uint64_t position) const {
      return segment == number && batch.position == position;
    }
  };

  static std::uint64_t hash(Number segment, std::uint64_t position) {
    const std::uint64_t mixed = (position ^ segment << 40 ^ segment >> 24) * 0x9e3779b97f4a7c15;
    return mixed ^ mixed >> 29;
  }
  // 0 is an empty place.
  static std::uint16_t tag_of(std::uint64_t hashed) { return static_cast<std::uint16_t>(hashed >> 48 | 1); }
  std::size_t first_of(std::uint64_t hashed) const { return hashed & (heads_.size() - kWays); }
  void grow();

  const std::size_t limit_;
  Number last_number_ = 0;
  std::size_t size_ = 0;
  std::size_t next_out_ = 0;
  std::vector<std::uint16_t> tags_;  // one a head, so that those beside it cost no look at them
  std::vector<Head> heads_;          // a power of two of them
};

}  // namespace ottla::storage
