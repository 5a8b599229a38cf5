#include "storage/scrub/segment_check.h"

#include <algorithm>
#include <utility>

#include "base/invariant.h"
#include "runtime/file.h"

namespace ottla::storage {

SegmentCheck::SegmentCheck(Range file, Offset end, Place from)
    : file_(std::move(file)), order_(from.next, end), at_(from.position) {}

Task<Result<std::uint64_t>> SegmentCheck::advance(std::uint64_t most, std::vector<BadBatch>& bad) {
  OTTLA_INVARIANT(most >= kLeast, "a header may not fit", most);
  const std::uint64_t wanted = std::min(most, file_.size() - std::min(at_, file_.size()));
  if (capacity_ < wanted) {
    buffer_ = std::make_unique_for_overwrite<std::byte[]>(wanted);
    capacity_ = wanted;
  }
  const std::span<std::byte> read(buffer_.get(), wanted);
  auto& source = static_cast<FileRangeSource&>(file_.source());
  OTTLA_CO_CHECK(co_await source.read_at(file_.offset() + at_, read));
  const std::uint64_t from = at_;
  std::span<const std::byte> bytes = read;
  while (!bytes.empty()) {
    if (batch_) {
      go_on(bytes, bad);
    } else if (!begin(bytes, bad)) {
      break;
    }
  }
  co_return at_ - from;
}

// False when the header is not all there, or it was given up.
bool SegmentCheck::begin(std::span<const std::byte>& bytes, std::vector<BadBatch>& bad) {
  const std::uint64_t left = file_.size() - at_;
  const auto needed = static_cast<std::size_t>(std::min<std::uint64_t>(kBatchHeaderSize, left));
  if (bytes.size() < needed) return false;
  const Result<StoredBatch> header = read_stored_batch(bytes.first(needed), at_);
  if (!header.ok()) {
    give_up(std::string(header.error().text()), bad);
    return false;
  }
  if (header->size > left) {
    give_up("the batch reaches beyond the end of the segment", bad);
    return false;
  }
  batch_ = Batch{.header = *header, .sum = BatchChecksum(header->magic, bytes), .damage = {}};
  if (!order_.fits(header->base_offset, header->last_offset)) {
    batch_->damage = order_.damage(header->base_offset, header->last_offset);
  }
  return true;
}

void SegmentCheck::go_on(std::span<const std::byte>& bytes, std::vector<BadBatch>& bad) {
  Batch& batch = *batch_;
  const std::uint64_t inside = at_ - batch.header.position;
  const auto taken =
      static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), batch.header.size - inside));
  batch.sum.add(bytes.first(taken));
  at_ += taken;
  bytes = bytes.subspan(taken);
  if (at_ < batch.header.end()) return;
  if (batch.damage.empty() && !batch.sum.holds()) batch.damage = "the checksum of the batch does not hold";
  if (!batch.damage.empty()) {
    bad.push_back({.position = batch.header.position,
                   .size = batch.header.size,
                   .first_offset = batch.header.base_offset,
                   .last_offset = batch.header.last_offset,
                   .why = std::move(batch.damage)});
  }
  // Also when it was wrong: one offset that rotted must not make all that follow look wrong.
  order_.pass(batch.header.last_offset);
  batch_.reset();
}

void SegmentCheck::give_up(std::string why, std::vector<BadBatch>& bad) {
  bad.push_back({.position = at_,
                 .size = file_.size() - at_,
                 .first_offset = order_.next(),
                 .last_offset = std::max(order_.next(), order_.end() - 1),
                 .why = std::move(why)});
  at_ = file_.size();
}

}  // namespace ottla::storage
