#include "storage/log/batch_cursor.h"

#include <algorithm>
#include <string>

namespace ottla::storage {
namespace {

constexpr std::uint64_t kPage = 4096;

}  // namespace

std::size_t BatchCursor::wanted() const {
  return static_cast<std::size_t>(std::min<std::uint64_t>(kBatchHeaderSize, end_ - position_));
}

Result<StoredBatch> BatchCursor::take() {
  const std::size_t at = static_cast<std::size_t>(position_ - chunk_at_);
  OTTLA_TRY(StoredBatch batch, read_stored_batch(std::span(chunk_).subspan(at, wanted()), position_));
  if (batch.size > end_ - position_) {
    return Error(Errc::corrupt, "the batch at byte " + std::to_string(position_) + " reaches beyond the end");
  }
  position_ += batch.size;
  last_size_ = batch.size;
  heads_.keep(batch);
  return batch;
}

const StoredBatch* BatchCursor::take_known() {
  const StoredBatch* const batch = heads_.find(position_);
  if (batch == nullptr || batch->size > end_ - position_) return nullptr;
  position_ += batch->size;
  last_size_ = batch->size;
  return batch;
}

Task<Result<void>> BatchCursor::read() {
  std::size_t size = wanted();
  if (last_size_ < kFarApart) {
    const std::uint64_t most = is_near_ ? kPage - position_ % kPage : kChunk;
    size =
        std::max(size, static_cast<std::size_t>(std::min({most, std::uint64_t{kChunk}, end_ - position_})));
    is_near_ = false;
  }
  OTTLA_CO_TRY(const std::size_t got, co_await file_.read_at(position_, std::span(chunk_).first(size)));
  chunk_at_ = position_;
  chunk_size_ = got;
  if (got < size) {
    co_return Error(Errc::corrupt, "the segment ends at byte " + std::to_string(position_ + got) +
                                       ", before " + std::to_string(end_));
  }
  co_return Result<void>();
}

Task<Result<std::optional<StoredBatch>>> BatchCursor::next() {
  if (position_ >= end_) co_return std::optional<StoredBatch>();
  if (const StoredBatch* const known = take_known()) co_return std::optional<StoredBatch>(*known);
  if (!have(wanted())) OTTLA_CO_CHECK(co_await read());
  OTTLA_CO_TRY(const StoredBatch batch, take());
  co_return std::optional<StoredBatch>(batch);
}

Task<Result<std::optional<StoredBatch>>> BatchCursor::find(Offset offset) {
  while (position_ < end_) {
    if (const StoredBatch* const known = take_known()) {
      if (known->last_offset >= offset) co_return std::optional<StoredBatch>(*known);
      continue;
    }
    if (!have(wanted())) OTTLA_CO_CHECK(co_await read());
    OTTLA_CO_TRY(const StoredBatch batch, take());
    if (batch.last_offset >= offset) co_return std::optional<StoredBatch>(batch);
  }
  co_return std::optional<StoredBatch>();
}

}  // namespace ottla::storage
