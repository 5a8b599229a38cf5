// Where the last few readers of a log stopped, so that one who goes on there needs no index.
//
// Lifetime:    a part of a Log, which clears it when positions change.
// Concurrency: confined to the log's shard.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "base/offset.h"

namespace ottla::storage {

struct ReadCursor {
  Offset next = kUnknownOffset;  // of the batch that begins there
  Offset segment_base;
  std::uint64_t position = 0;
};

class ReadCursors {
 public:
  std::optional<ReadCursor> find(Offset offset) const {
    for (const ReadCursor& cursor : cursors_) {
      if (cursor.next == offset) return cursor;
    }
    return std::nullopt;
  }
  // Takes the place of the one at `from`, where the same reader was before, or else of the oldest.
  void remember(Offset from, const ReadCursor& cursor) {
    for (ReadCursor& old : cursors_) {
      if (old.next == from || old.next == cursor.next) {
        old = cursor;
        return;
      }
    }
    cursors_[oldest_++ % cursors_.size()] = cursor;
  }
  void clear() { cursors_.fill(ReadCursor()); }

 private:
  std::array<ReadCursor, 4> cursors_;
  std::uint8_t oldest_ = 0;
};

}  // namespace ottla::storage
