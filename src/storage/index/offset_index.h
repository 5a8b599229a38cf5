// From offsets to places in a segment: an entry for a batch every so many bytes.
//
// An entry holds the last offset of a batch and where the batch begins.
//
// Lifetime, concurrency and errors: index_file.h.
// Invariants:  1. offsets and positions both grow from entry to entry
//              2. offsets lie in [base, base + 2^31)
// Format:      docs/format/index.md; eight bytes: offset - base, position
#pragma once

#include <cstdint>
#include <optional>

#include "base/offset.h"
#include "base/result.h"
#include "runtime/task.h"
#include "storage/format/index_entry.h"
#include "storage/index/index_file.h"

namespace ottla::storage {

struct OffsetPosition {
  Offset offset;
  std::uint32_t position = 0;

  friend bool operator==(const OffsetPosition&, const OffsetPosition&) = default;
};

class OffsetIndex {
 public:
  static constexpr std::size_t kEntrySize = OffsetIndexEntry::kSize;

  OffsetIndex(const LogTools& tools, const SegmentName& name)
      : name_(name), file_(tools, name, FileKind::offset_index, kEntrySize) {}

  // `segment_size` tells positions that cannot be. Corrupt when the file cannot be this segment's index.
  Task<Result<void>> load(std::uint64_t segment_size);
  void start_empty();
  bool loaded() const { return file_.loaded(); }

  std::uint32_t count() const { return file_.count(); }
  // The base offset at position 0 when there is no entry.
  OffsetPosition last() const { return last_; }
  static bool can_hold(Offset base, Offset offset);

  void append(Offset offset, std::uint32_t position);
  // The last entry whose offset is at most `offset`; the base offset at 0 without one.
  Task<Result<OffsetPosition>> lookup(Offset offset);
  // What it finds, and what stands behind that. Nothing when a page would have to be read.
  struct Around {
    OffsetPosition at;
    std::optional<OffsetPosition> next = {};  // nothing when it is not at hand, either
  };
  std::optional<Around> lookup_now(Offset offset);
  // The last entry whose position is at most `position`.
  Task<Result<OffsetPosition>> lookup_position(std::uint32_t position);
  // The same at once. Nothing when a page would have to be read.
  std::optional<OffsetPosition> lookup_position_now(std::uint32_t position);
  Task<Result<OffsetPosition>> entry(std::uint32_t number);
  // Forgets entries of `offset` and beyond.
  Task<Result<void>> truncate_to(Offset offset);

  IndexFile& file() { return file_; }

 private:
  OffsetPosition first() const { return {.offset = name_.base(), .position = 0}; }
  OffsetPosition parse(const IndexEntryBytes& entry) const;
  Task<Result<void>> learn_last();

  const SegmentName& name_;
  IndexFile file_;
  OffsetPosition last_;
};

}  // namespace ottla::storage
