// Where the last few readers of a log stopped, so that one who goes on there needs no index.
//
// Lifetime:    a part of a Log, which clears it when positions change. Nothing is held before the first reader.
// Concurrency: confined to the log's shard.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/offset.h"
#include "storage/log/stored_batch.h"

namespace ottla::storage {

struct ReadCursor {
  Offset next = kUnknownOffset;  // of the batch that begins there
  Offset segment_base;
  std::uint64_t position = 0;
  std::optional<StoredBatch> batch = {};  // that one, when the reader has seen it
};

class ReadCursors {
 public:
  // Null when nobody stopped there. Stands until the next remember().
  const ReadCursor* find(Offset offset) const {
    if (cursors_ == nullptr) return nullptr;
    for (const ReadCursor& cursor : *cursors_) {
      if (cursor.next == offset) return &cursor;
    }
    return nullptr;
  }
  // Known at the beginning of a read, and told at its end: what was found before a clear() is not remembered
  // behind it.
  std::uint64_t version() const { return version_; }
  // Takes the place of the one at `from`, where the same reader was before, or else of the oldest.
  void remember(std::uint64_t version, Offset from, const ReadCursor& cursor) {
    if (version != version_) return;
    if (cursors_ == nullptr) cursors_ = std::make_unique<Cursors>();
    for (ReadCursor& old : *cursors_) {
      if (old.next == from || old.next == cursor.next) {
        old = cursor;
        return;
      }
    }
    (*cursors_)[oldest_++ % cursors_->size()] = cursor;
  }
  void clear() {
    if (cursors_ != nullptr) cursors_->fill(ReadCursor());
    ++version_;
  }

 private:
  using Cursors = std::array<ReadCursor, 4>;
  std::unique_ptr<Cursors> cursors_;
  std::uint64_t version_ = 0;
  std::uint8_t oldest_ = 0;
};

}  // namespace ottla::storage
