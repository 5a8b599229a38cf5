// Walks over the headers of a segment's batches without reading what is between them.
//
// Use:         while (true) { OTTLA_CO_TRY(const auto batch, co_await cursor.next()); if (!batch) break; … }
// Lifetime:    the file stays open meanwhile. Heads that it was given are asked first, and told what was read.
// Concurrency: confined to the file's shard; no batch of the range may change meanwhile.
// Errors:      corrupt, where something else than a batch begins, and for a batch that reaches beyond the end.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/result.h"
#include "runtime/file.h"
#include "runtime/task.h"
#include "storage/log/batch_heads.h"
#include "storage/log/stored_batch.h"

namespace ottla::storage {

// What is remembered of one segment, if anything is.
struct SegmentHeads {
  BatchHeads* heads = nullptr;
  BatchHeads::Number segment = 0;

  const StoredBatch* find(std::uint64_t position) const {
    return heads == nullptr ? nullptr : heads->find(segment, position);
  }
  void keep(const StoredBatch& batch) const {
    if (heads != nullptr) heads->keep(segment, batch);
  }
};

class BatchCursor {
 public:
  // From a batch's beginning at `position` to the end of a batch at `end`.
  BatchCursor(File& file, std::uint64_t position, std::uint64_t end, SegmentHeads heads = {})
      : file_(file), heads_(heads), position_(position), end_(end) {}

  std::uint64_t position() const { return position_; }
  // Nothing at the end.
  Task<Result<std::optional<StoredBatch>>> next();
  // The first batch whose last offset is at least `offset`.
  Task<Result<std::optional<StoredBatch>>> find(Offset offset);

 private:
  // With what is around it, this fits into a frame that is recycled.
  static constexpr std::size_t kChunk = 3072;
  // Where batches are this large, what lies between two headers costs more than one more call.
  static constexpr std::uint64_t kFarApart = 1024;

  bool have(std::size_t size) const {
    return position_ >= chunk_at_ && position_ + size <= chunk_at_ + chunk_size_;
  }
  std::size_t wanted() const;
  Result<StoredBatch> take();
  // The next batch, if it is remembered.
  const StoredBatch* take_known();
  Task<Result<void>> read();

  File& file_;
  const SegmentHeads heads_;
  std::uint64_t position_;
  const std::uint64_t end_;
  std::uint64_t last_size_ = kFarApart;  // of the last batch; most often only one is asked for
  bool is_near_ = true;                  // to where it began: who looks a batch up finds it within a page
  std::uint64_t chunk_at_ = 0;
  std::size_t chunk_size_ = 0;
  std::array<std::byte, kChunk> chunk_;
};

}  // namespace ottla::storage
