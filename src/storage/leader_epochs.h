// At which offset of a partition's log each leader epoch began.
//
// Lifetime:    owned by the partition's log. Its owner writes entries() to the checkpoint when a call says that they
//              changed; what was assigned has to be durable before the epoch's records are, what was cut off need not.
// Concurrency: confined to the partition's shard; pure.
// Invariants:  epochs rise, and so do their first offsets; neither is negative
// Format:      docs/format/leader_epoch_checkpoint.md
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/leader_epoch.h"
#include "base/offset.h"
#include "storage/format/leader_epoch_checkpoint.h"

namespace ottla::storage {

class LeaderEpochs {
 public:
  LeaderEpochs() = default;
  // Out of a checkpoint, entry by entry: one that does not rise takes away those before it that stand against it.
  explicit LeaderEpochs(std::span<const EpochEntry> entries);

  // The epoch's first record will be at `start`. Entries of this or later epochs, or that begin there or later, go: no
  // record of theirs is left. Nothing happens when it is the latest epoch already and began no later. True if
  // something changed.
  bool assign(LeaderEpoch epoch, Offset start);

  bool empty() const { return entries_.empty(); }
  std::span<const EpochEntry> entries() const { return entries_; }
  std::optional<EpochEntry> earliest() const;
  std::optional<EpochEntry> latest() const;
  std::optional<EpochEntry> find(LeaderEpoch epoch) const;
  // The nearest entry before or behind an epoch, which need not have one itself.
  std::optional<EpochEntry> previous(LeaderEpoch epoch) const;
  std::optional<EpochEntry> next(LeaderEpoch epoch) const;

  struct EpochEnd {
    LeaderEpoch epoch = kUnknownLeaderEpoch;
    Offset end = kUnknownOffset;

    friend bool operator==(const EpochEnd&, const EpochEnd&) = default;
  };
  // Where the largest epoch not above `epoch` ends: at the first offset of the next one, or at the end of the log. A
  // replica cuts its log there before it follows. For an epoch before all entries, where the first one begins.
  // Unknown, for an unknown epoch and one after all entries.
  EpochEnd end_offset_for(LeaderEpoch epoch, Offset log_end) const;
  // Of the record at an offset; nothing if it lies before all entries.
  std::optional<LeaderEpoch> epoch_for(Offset offset) const;

  // The log ends at `end` now. True if something changed.
  bool truncate_from_end(Offset end);
  // The log begins at `start` now: the epoch of the first record left begins there. True if something changed.
  bool truncate_from_start(Offset start);
  void clear() { entries_.clear(); }

  // Those of the records from `start` to before `end`.
  std::vector<EpochEntry> entries_between(Offset start, Offset end) const;

 private:
  using Iterator = std::vector<EpochEntry>::const_iterator;
  // The first entry of an epoch not below, or of one above.
  Iterator not_below(LeaderEpoch epoch) const;
  Iterator above(LeaderEpoch epoch) const;

  std::vector<EpochEntry> entries_;
};

}  // namespace ottla::storage
