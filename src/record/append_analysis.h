// The first look at an append: batch by batch, by their headers and checksums. Says what of the bytes is to be
// appended, and refuses what no deeper look could save.
//
// Lifetime:    over bytes that outlive the call; what it gives is a value.
// Concurrency: pure.
// Invariants:  every batch within `valid_bytes` is whole, its magic is known, its checksum holds, and its codec is
//              one that we know
#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <vector>

#include "base/offset.h"
#include "record/append_rules.h"
#include "record/batch_layout.h"

namespace ottla::record {

// A batch of an append, of any magic.
struct BatchSummary {
  std::size_t position = 0;  // within the append
  std::size_t size = 0;
  Offset base_offset;  // of magic 0 and 1: the last one, since the first may be hidden in compressed bytes
  Offset last_offset;
  std::int64_t max_timestamp = kNoTimestamp;
  std::int32_t leader_epoch = -1;
  std::int8_t magic = 0;
  Compression compression = Compression::none;
};

struct AppendAnalysis {
  // Less than what came when it ends with a part of a batch, or with batches of a leader that we do not know yet.
  std::size_t valid_bytes = 0;
};

// Puts the batches to be appended into `batches`.
std::expected<AppendAnalysis, Rejection> analyze_append(std::span<const std::byte> bytes,
                                                        const AppendRules& rules, const AppendPlace& place,
                                                        std::vector<BatchSummary>& batches);

// The first batch of `bytes`, by its size and magic alone: nothing when only a part of one is there.
struct BatchBounds {
  std::size_t size = 0;
  std::int8_t magic = 0;
};
std::expected<std::optional<BatchBounds>, Rejection> next_bounds(std::span<const std::byte> bytes);

}  // namespace ottla::record
