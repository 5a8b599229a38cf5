// The first reading of a cleaning: learns from the dirty part of a log which offset is the last one of each key.
//
// Use:         begin() each segment, and add() its batches in order, until one says that the map is full, or the dirty
//              part ends; then records up to latest() can be judged.
// Lifetime:    of one cleaning.
// Concurrency: confined to whoever cleans.
// Invariants:  of every record from `start` to latest() that has a key and was not aborted, the map has this offset or
//              a later one
// Errors:      corrupt and the like, for batches that cannot be read or are not where their offsets belong: nothing is
//              to be cleaned then.
#pragma once

#include <array>
#include <cstddef>
#include <span>

#include "base/offset.h"
#include "base/result.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "storage/cleaner/cleaned_transactions.h"
#include "storage/cleaner/cleaning.h"
#include "storage/cleaner/key_hash.h"
#include "storage/cleaner/keyed_records.h"
#include "storage/cleaner/offset_map.h"
#include "storage/log/batch_order.h"

namespace ottla::storage {

class MapBuilder {
 public:
  MapBuilder(OffsetMap& map, const KeyHasher& hash, Offset start, CleanedTransactions& transactions,
             record::CodecPool& codecs)
      : map_(map), hash_(hash), start_(start), transactions_(transactions), codecs_(codecs) {}

  // Where offsets of the segment that comes now may lie.
  void begin(BatchOrder order) { order_ = order; }
  // One whole batch, of any magic. False when the map is full.
  Result<bool> add(std::span<const std::byte> batch, const record::RecordLimits& limits,
                   CleaningStats& stats);
  // Nothing lies between the last batch and `next`, where a segment begins.
  void skip_to(Offset next) { latest_ = std::max(latest_, next - 1); }

  Offset latest() const { return latest_; }

 private:
  // Keys whose places in the map are being fetched.
  static constexpr std::size_t kWindow = 16;
  struct Waiting {
    KeyHash key;
    Offset offset;
  };

  Result<bool> add_records(KeyedRecords records, CleaningStats& stats);
  bool put_waiting();

  OffsetMap& map_;
  const KeyHasher& hash_;
  const Offset start_;
  CleanedTransactions& transactions_;
  record::CodecPool& codecs_;
  BatchOrder order_;
  Offset latest_ = kUnknownOffset;
  std::array<Waiting, kWindow> waiting_;
  std::size_t waiting_count_ = 0;
};

}  // namespace ottla::storage
