// How full the indexes of a segment will be when batches that are on their way have been noted.
//
// Lifetime:    a value.
// Invariants:  follows the very rule by which Segment::note() makes entries
#pragma once

#include <cstdint>

#include "storage/index/offset_index.h"
#include "storage/index/time_index.h"
#include "storage/log/stored_batch.h"

namespace ottla::storage {

struct IndexState {
  std::uint32_t offset_entries = 0;
  std::uint32_t time_entries = 0;
  std::uint64_t last_position = 0;
  std::int64_t last_timestamp = -1;
  std::int64_t max_timestamp = -1;

  void note(const StoredBatch& batch, std::uint64_t interval) {
    if (batch.max_timestamp > max_timestamp) max_timestamp = batch.max_timestamp;
    if (batch.position - last_position <= interval) return;
    last_position = batch.position;
    ++offset_entries;
    if (max_timestamp <= last_timestamp) return;
    last_timestamp = max_timestamp;
    ++time_entries;
  }
  // One place of the time index is kept for the entry that a segment gets when it is left.
  bool full(std::uint64_t max_bytes) const {
    return offset_entries >= max_bytes / OffsetIndex::kEntrySize ||
           time_entries + 1 >= max_bytes / TimeIndex::kEntrySize;
  }
};

}  // namespace ottla::storage
