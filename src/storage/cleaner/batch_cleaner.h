// The second reading of a cleaning: what is left of each batch. Of a key's records the last one stays; a tombstone
// stays until its horizon has passed; records of aborted transactions and records without a key go; markers go when
// nothing of their transaction is left and their horizon has passed.
//
// Records of magic 0 and 1 are written anew as magic 2, as the reference's cleaner does.
//
// Use:         begin() each segment, from the first one on, and clean() its batches in order; take `out` away now and then
// Lifetime:    of one cleaning.
// Concurrency: confined to whoever cleans.
// Invariants:  1. what is written has the offsets that it had, in the same order
//              2. the last batch of each active producer and the last committed one stay, if only as headers
// Errors:      corrupt and the like, for batches that cannot be read, fail their checksum or are not where their offsets
//              belong: the cleaning ends, and nothing of it counts.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/offset.h"
#include "base/result.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/legacy_view.h"
#include "record/record_filter.h"
#include "storage/cleaner/cleaned_transactions.h"
#include "storage/cleaner/cleaning.h"
#include "storage/cleaner/key_hash.h"
#include "storage/cleaner/keyed_records.h"
#include "storage/cleaner/offset_map.h"
#include "storage/cleaner/plain_stretches.h"
#include "storage/log/batch_order.h"

namespace ottla::storage {

class BatchCleaner {
 public:
  BatchCleaner(const OffsetMap& map, const KeyHasher& hash, const CleaningRules& rules,
               const ActiveProducers& producers, CleanedTransactions& transactions,
               record::CodecPool& codecs);

  // What is known of the segment that comes now: where offsets of its batches may lie, and whether tombstones of magic 0
  // and 1 stay.
  void begin(BatchOrder order, bool keep_legacy_tombstones) {
    order_ = order;
    keep_legacy_tombstones_ = keep_legacy_tombstones;
  }
  // Whether nothing is left of a stretch that was mapped.
  bool may_drop(const PlainStretch& stretch) const;
  // Such a one comes now: it counts as cleaned.
  Result<void> drop(const PlainStretch& stretch, CleaningStats& stats);
  // One whole batch, of any magic.
  Result<void> clean(std::span<const std::byte> batch, std::vector<std::byte>& out, CleaningStats& stats);

 private:
  // Records whose places in the map are being fetched.
  static constexpr std::size_t kWindow = 16;
  struct Waiting {
    KeyHash key;
    Offset offset;
    bool known = false;  // `keep` is the verdict already
    bool keep = false;
    bool tombstone = false;
  };

  Result<void> clean_batch(const record::BatchView& batch, std::vector<std::byte>& out, CleaningStats& stats);
  Result<void> clean_message(const record::LegacyView& message, std::vector<std::byte>& out,
                             CleaningStats& stats);
  Result<void> write(const record::BatchView& batch, const record::FilterOptions& options,
                     std::vector<std::byte>& out, CleaningStats& stats);
  bool is_last_of_producer(const record::BatchView& batch) const;
  // A later record is known for each of those that lie there.
  bool are_superseded(Offset first, Offset last) const;
  // Fills verdicts_; whether a tombstone stays.
  Result<bool> judge(KeyedRecords records, bool keep_tombstones, CleaningStats& stats);
  bool judge_waiting();

  const OffsetMap& map_;
  const KeyHasher& hash_;
  const CleaningRules rules_;
  const ActiveProducers& producers_;
  std::vector<Offset> last_of_producers_;  // sorted
  CleanedTransactions& transactions_;
  record::CodecPool& codecs_;
  record::RecordFilter filter_;
  record::RecordVerdicts verdicts_;
  std::array<Waiting, kWindow> waiting_;
  std::size_t waiting_count_ = 0;
  BatchOrder order_;
  bool keep_tombstones_ = true;
  bool keep_legacy_tombstones_ = true;
};

}  // namespace ottla::storage
