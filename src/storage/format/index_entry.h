// The entries of a segment's indexes. All numbers are big-endian, and entries follow each other without anything
// between.
//
// Invariants: the caller has checked that an entry's size of bytes lies there.
// Format:     docs/format/offset_index.md, time_index.md, transaction_index.md
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/endian.h"
#include "base/offset.h"
#include "base/result.h"

namespace ottla::storage {

// Where in its segment the batch with an offset, or the one before it, lies.
struct OffsetIndexEntry {
  static constexpr std::size_t kSize = 8;

  std::int32_t relative_offset = 0;  // from the segment's base
  std::int32_t position = 0;         // in bytes

  friend bool operator==(const OffsetIndexEntry&, const OffsetIndexEntry&) = default;
};

// That no record up to an offset has a time after this one.
struct TimeIndexEntry {
  static constexpr std::size_t kSize = 12;

  std::int64_t timestamp = 0;
  std::int32_t relative_offset = 0;  // from the segment's base

  friend bool operator==(const TimeIndexEntry&, const TimeIndexEntry&) = default;
};

struct AbortedTransaction {
  static constexpr std::size_t kSize = 34;
  static constexpr std::int16_t kVersion = 0;

  std::int64_t producer_id = 0;
  Offset first_offset;        // of the transaction's records
  Offset last_offset;         // of its marker
  Offset last_stable_offset;  // of the partition when the marker was written

  friend bool operator==(const AbortedTransaction&, const AbortedTransaction&) = default;
};

inline OffsetIndexEntry load_offset_index_entry(const std::byte* from) {
  return {.relative_offset = load_big_endian<std::int32_t>(from),
          .position = load_big_endian<std::int32_t>(from + 4)};
}
inline void store(std::byte* to, const OffsetIndexEntry& entry) {
  store_big_endian(to, entry.relative_offset);
  store_big_endian(to + 4, entry.position);
}

inline TimeIndexEntry load_time_index_entry(const std::byte* from) {
  return {.timestamp = load_big_endian<std::int64_t>(from),
          .relative_offset = load_big_endian<std::int32_t>(from + 8)};
}
inline void store(std::byte* to, const TimeIndexEntry& entry) {
  store_big_endian(to, entry.timestamp);
  store_big_endian(to + 8, entry.relative_offset);
}

// Unsupported, for another version.
Result<AbortedTransaction> load_aborted_transaction(const std::byte* from);
void store(std::byte* to, const AbortedTransaction& entry);

}  // namespace ottla::storage
