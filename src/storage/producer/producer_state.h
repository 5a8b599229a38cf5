// What a partition knows of one producer: its epoch, its last five batches, its open transaction.
//
// Lifetime:    lives in a ProducerTable.
// Size:        64 bytes; 112 more once it wrote a second batch in one epoch. Most producers of a partition with many
//              were there once and are kept for a day.
// Concurrency: confined to the partition's shard; pure.
// Invariants:  all batches are of the producer's epoch, the oldest one first
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/fixed_vector.h"
#include "base/offset.h"
#include "record/batch_layout.h"
#include "storage/format/producer_snapshot.h"

namespace ottla::storage {

inline constexpr std::size_t kRecentBatches = 5;

// A batch that was appended: enough to know it when it comes again.
struct RecentBatch {
  Offset last_offset = kUnknownOffset;
  std::int64_t timestamp = record::kNoTimestamp;
  std::int32_t last_sequence = record::kNoSequence;
  std::int32_t offset_delta = 0;  // last minus first offset

  Offset first_offset() const { return Offset(last_offset.raw() - offset_delta); }
  std::int32_t first_sequence() const;

  friend bool operator==(const RecentBatch&, const RecentBatch&) = default;
};

struct ProducerFacts {
  std::int64_t id = record::kNoProducerId;
  std::int64_t last_timestamp = record::kNoTimestamp;
  Offset transaction_start = kUnknownOffset;  // of the open one; unknown: none is open
  std::int32_t coordinator_epoch = -1;        // of the last marker
  std::int16_t epoch = record::kNoProducerEpoch;

  bool in_transaction() const { return transaction_start != kUnknownOffset; }

  friend bool operator==(const ProducerFacts&, const ProducerFacts&) = default;
};

// A producer outside of a table: as it was, or as it will be.
struct ProducerImage {
  ProducerFacts facts;
  FixedVector<RecentBatch, kRecentBatches> batches;

  // Of another epoch than the batches before: these go.
  void set_epoch(std::int16_t epoch);
  void add(const RecentBatch& batch);
};

class ProducerState {
 public:
  explicit ProducerState(std::int64_t id) { facts_.id = id; }
  explicit ProducerState(const ProducerSnapshotEntry& entry);

  const ProducerFacts& facts() const { return facts_; }
  bool has_batches() const { return newest_.last_offset != kUnknownOffset; }
  // With the reference's "none" when there is no batch.
  const RecentBatch& newest() const { return newest_; }
  // The one with exactly this range of sequences, and of this epoch.
  std::optional<RecentBatch> find_duplicate(std::int16_t epoch, std::int32_t first_sequence,
                                            std::int32_t last_sequence) const;

  // Batches of `next` are behind ours, unless it is of another epoch.
  void update(const ProducerImage& next);
  void restore(const ProducerImage& image);
  ProducerImage image() const;
  ProducerSnapshotEntry snapshot() const;
  // Beside the object itself.
  std::size_t memory_bytes() const { return older_ ? sizeof(Older) : 0; }

 private:
  struct Older {
    std::array<RecentBatch, kRecentBatches - 1> batches;  // the oldest first
    std::uint8_t count = 0;
  };

  void set_epoch(std::int16_t epoch);
  void add(const RecentBatch& batch);

  ProducerFacts facts_;
  RecentBatch newest_;
  std::unique_ptr<Older> older_;  // stays when it is empty: who wrote twice in one epoch does so again
};

static_assert(sizeof(ProducerState) == 64);

}  // namespace ottla::storage
