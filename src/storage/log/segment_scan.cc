#include "storage/log/segment_scan.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "storage/log/batch_checksum.h"

namespace ottla::storage {

void SegmentScan::move_on(std::uint64_t size) {
  const std::uint64_t base = page_of(position_);
  const std::uint64_t first = std::min(position_, filled_);  // of the bytes that are kept
  const auto kept = static_cast<std::size_t>(filled_ - first);
  const std::uint64_t wanted = std::min<std::uint64_t>(kBuffer, end_ - base);
  const std::uint64_t needed = (std::max(position_ + size - base, wanted) + kPage - 1) / kPage * kPage;
  if (needed > capacity_) {
    Pages larger(new (std::align_val_t(kPage)) std::byte[needed]);
    if (kept != 0) std::memcpy(larger.get() + (first - base), buffer_.get() + (first - base_), kept);
    buffer_ = std::move(larger);
    capacity_ = needed;
  } else if (kept != 0 && base != base_) {
    std::memmove(buffer_.get() + (first - base), buffer_.get() + (first - base_), kept);
  }
  base_ = base;
}

Task<Result<void>> SegmentScan::hold(std::uint64_t size) {
  if (filled_ >= position_ + size) co_return Result<void>();
  move_on(size);
  const auto room = std::span(buffer_.get() + (filled_ - base_),
                              static_cast<std::size_t>(std::min(base_ + capacity_, end_) - filled_));
  OTTLA_CO_TRY(const std::size_t got, co_await file_.read_at(filled_, room));
  if (got < room.size()) {
    co_return Error(Errc::corrupt, "the segment ends at byte " + std::to_string(filled_ + got) + ", before " +
                                       std::to_string(end_));
  }
  filled_ += got;
  co_return Result<void>();
}

Task<Result<bool>> SegmentScan::checksum_holds(const StoredBatch& header) {
  BatchChecksum sum(header.magic, held());
  sum.add(held().first(static_cast<std::size_t>(std::min<std::uint64_t>(held().size(), header.size))));
  for (std::uint64_t at = filled_; at < header.end();) {
    if (this_shard().slice_spent()) co_await yield();
    const std::span piece(buffer_.get(), static_cast<std::size_t>(std::min(capacity_, header.end() - at)));
    OTTLA_CO_TRY(const std::size_t got, co_await file_.read_at(at, piece));
    if (got < piece.size()) {
      co_return Error(Errc::corrupt, "the segment ends at byte " + std::to_string(at + got) + ", before " +
                                         std::to_string(end_));
    }
    sum.add(piece);
    at += got;
  }
  base_ = filled_ = page_of(position_);
  co_return sum.holds();
}

Task<Result<std::optional<SegmentScan::Batch>>> SegmentScan::next() {
  if (position_ >= end_) co_return std::optional<Batch>();
  if (this_shard().slice_spent()) co_await yield();
  OTTLA_CO_CHECK(co_await hold(std::min<std::uint64_t>(kBatchHeaderSize, end_ - position_)));
  OTTLA_CO_TRY(const StoredBatch header,
               read_stored_batch(held().first(std::min(held().size(), kBatchHeaderSize)), position_));
  if (header.size > end_ - position_) {
    co_return Error(Errc::corrupt,
                    "the batch at byte " + std::to_string(position_) + " reaches beyond the end");
  }
  if (header.size > kBuffer) {
    OTTLA_CO_TRY(const bool holds, co_await checksum_holds(header));
    if (!holds) {
      position_ += header.size;
      base_ = filled_ = page_of(position_);
      co_return std::optional<Batch>(Batch{.header = header, .bytes = {}});
    }
  }
  OTTLA_CO_CHECK(co_await hold(header.size));
  const std::span<const std::byte> bytes = held().first(static_cast<std::size_t>(header.size));
  position_ += bytes.size();
  co_return std::optional<Batch>(Batch{.header = header, .bytes = bytes});
}

}  // namespace ottla::storage
