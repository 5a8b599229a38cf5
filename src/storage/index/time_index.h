// From timestamps to offsets: "up to this offset, no record of the segment is later than this timestamp".
//
// Lifetime, concurrency and errors: index_file.h.
// Invariants:  1. timestamps grow from entry to entry, offsets do not shrink
//              2. offsets lie in [base, base + 2^31)
// Format:      docs/format/index.md; twelve bytes: timestamp, offset - base
#pragma once

#include <cstdint>
#include <optional>

#include "base/offset.h"
#include "base/result.h"
#include "runtime/task.h"
#include "storage/format/index_entry.h"
#include "storage/index/index_file.h"

namespace ottla::storage {

struct TimestampOffset {
  std::int64_t timestamp = -1;
  Offset offset;

  friend bool operator==(const TimestampOffset&, const TimestampOffset&) = default;
};

class TimeIndex {
 public:
  static constexpr std::size_t kEntrySize = TimeIndexEntry::kSize;

  TimeIndex(const LogTools& tools, const SegmentName& name)
      : name_(name), file_(tools, name, FileKind::time_index, kEntrySize) {}

  // Corrupt when the file cannot be this segment's index.
  Task<Result<void>> load();
  void start_empty();
  bool loaded() const { return file_.loaded(); }

  std::uint32_t count() const { return file_.count(); }
  // Timestamp -1 at the base offset when there is no entry.
  TimestampOffset last() const { return last_; }

  // Does nothing unless the timestamp is later than the last one.
  void maybe_append(std::int64_t timestamp, Offset offset);
  // The last entry whose timestamp is at most `timestamp`; -1 at the base offset without one.
  Task<Result<TimestampOffset>> lookup(std::int64_t timestamp);
  // The same at once. Nothing when a page would have to be read.
  std::optional<TimestampOffset> lookup_now(std::int64_t timestamp);
  Task<Result<TimestampOffset>> entry(std::uint32_t number);
  // Forgets entries of `offset` and beyond.
  Task<Result<void>> truncate_to(Offset offset);

  IndexFile& file() { return file_; }

 private:
  TimestampOffset before_all() const { return {.timestamp = -1, .offset = name_.base()}; }
  TimestampOffset parse(const IndexEntryBytes& entry) const;
  Task<Result<void>> learn_ends();

  const SegmentName& name_;
  IndexFile file_;
  TimestampOffset last_;
  std::int64_t first_timestamp_ = 0;  // of entry 0, when there is one
};

}  // namespace ottla::storage
