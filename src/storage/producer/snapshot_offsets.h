// Which producer snapshots a partition's directory has, by their offsets, and which of them have to go.
//
// Lifetime:    owned by the partition's log. What a take… returns is no longer counted; its files are for the caller
//              to delete.
// Concurrency: confined to the partition's shard; pure.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/offset.h"

namespace ottla::storage {

class SnapshotOffsets {
 public:
  void add(Offset offset);
  bool remove(Offset offset);
  bool contains(Offset offset) const;
  bool empty() const { return offsets_.empty(); }
  std::optional<Offset> earliest() const;
  std::optional<Offset> latest() const;
  std::span<const Offset> all() const { return offsets_; }

  // Those that say nothing of a log from `start` to `end`: at its start all is known without.
  std::vector<Offset> take_outside(Offset start, Offset end);
  std::vector<Offset> take_before(Offset offset);
  std::vector<Offset> take_all();
  // Those without a segment that begins there; but one behind the last segment's begin stays, the latest of them: a
  // clean shutdown left it. `segments`: their base offsets, rising.
  std::vector<Offset> take_stray(std::span<const Offset> segments);

 private:
  std::vector<Offset> offsets_;  // rising
};

}  // namespace ottla::storage
