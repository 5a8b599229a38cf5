// Where plain batches lie, data of magic 2 without a transaction, as the first reading of a cleaning came by them: when
// later records have taken the place of everything in a stretch, the second reading need not come by again.
//
// Use:         note() each batch of a chunk, then end_chunk();  of() a segment, in the second reading
// Lifetime:    of one cleaning.
// Concurrency: confined to whoever cleans.
// Invariants:  1. stretches follow each other in the log's order, and each lies in one segment
//              2. a stretch holds whole batches, and plain ones only
// Memory:      a stretch for each chunk, up to kMost: what comes later is read twice.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/offset.h"

namespace ottla::storage {

struct PlainStretch {
  std::uint64_t begin = 0;  // in its segment
  std::uint64_t end = 0;
  Offset first;
  Offset last;
  std::uint64_t records = 0;
};

class PlainStretches {
 public:
  static constexpr std::size_t kMost = std::size_t{1} << 17;

  // One whole batch that was mapped, of any magic, and where it lies.
  void note(std::span<const std::byte> batch, std::uint64_t position);
  void end_chunk();

  // In the segment that holds offsets from `base` on, up to `end`.
  std::span<const PlainStretch> of(Offset base, Offset end) const;

 private:
  std::vector<PlainStretch> stretches_;
  std::optional<PlainStretch> open_;
};

}  // namespace ottla::storage
