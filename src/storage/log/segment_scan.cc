#include "storage/log/segment_scan.h"

#include <algorithm>
#include <cstring>
#include <string>

#include "runtime/shard.h"
#include "runtime/sleep.h"

namespace ottla::storage {

Task<Result<void>> SegmentScan::hold(std::uint64_t size) {
  if (filled_ - begin_ >= size) co_return Result<void>();
  const std::size_t wanted =
      std::max<std::size_t>(static_cast<std::size_t>(size),
                            static_cast<std::size_t>(std::min<std::uint64_t>(kBuffer, end_ - position_)));
  const std::size_t kept = filled_ - begin_;
  if (wanted > capacity_) {
    auto larger = std::make_unique_for_overwrite<std::byte[]>(wanted);
    if (kept != 0) std::memcpy(larger.get(), buffer_.get() + begin_, kept);
    buffer_ = std::move(larger);
    capacity_ = wanted;
  } else if (kept != 0) {
    std::memmove(buffer_.get(), buffer_.get() + begin_, kept);
  }
  begin_ = 0;
  filled_ = kept;
  const std::uint64_t from = position_ + kept;
  const auto room = std::span(
      buffer_.get() + kept, static_cast<std::size_t>(std::min<std::uint64_t>(capacity_ - kept, end_ - from)));
  OTTLA_CO_TRY(const std::size_t got, co_await file_.read_at(from, room));
  filled_ += got;
  if (got < room.size()) {
    co_return Error(Errc::corrupt, "the segment ends at byte " + std::to_string(from + got) + ", before " +
                                       std::to_string(end_));
  }
  co_return Result<void>();
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
  OTTLA_CO_CHECK(co_await hold(header.size));
  const std::span<const std::byte> bytes = held().first(static_cast<std::size_t>(header.size));
  begin_ += bytes.size();
  position_ += bytes.size();
  co_return std::optional<Batch>(Batch{.header = header, .bytes = bytes});
}

}  // namespace ottla::storage
