// Reads a segment bit by bit and tells which batches are not what they were.
//
// A batch is never held as a whole, since a length that rotted may say anything.
//
// Use:         std::vector<BadBatch> bad;
//              while (!check.done()) OTTLA_CO_CHECK(co_await check.advance(256 << 10, bad));
// Lifetime:    the range keeps the file readable, even when the segment is deleted meanwhile.
// Concurrency: confined to the file's shard. Who truncates the file meanwhile makes what it tells worthless.
// Invariants:  1. nothing is written  2. every byte before position() belongs to a batch that was good or told of
// Errors:      those of the disk, and truncated; it may be advanced again after them.
// Memory:      what one advance() reads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/offset.h"
#include "base/range.h"
#include "base/result.h"
#include "runtime/task.h"
#include "storage/log/batch_checksum.h"
#include "storage/log/batch_order.h"
#include "storage/log/stored_batch.h"

namespace ottla::storage {

struct BadBatch {
  std::uint64_t position = 0;
  std::uint64_t size = 0;  // up to the segment's end, when it cannot be told where the next batch begins
  Offset first_offset;     // as far as can be told
  Offset last_offset;
  std::string why;

  friend bool operator==(const BadBatch&, const BadBatch&) = default;
};

class SegmentCheck {
 public:
  // The beginning of a batch, where a check can go on later.
  struct Place {
    std::uint64_t position = 0;
    Offset next;  // the least offset that may stand there
  };

  // `file` is all of the segment; no offset of it reaches `end`.
  SegmentCheck(Range file, Offset end, Place from);

  static constexpr std::uint64_t kLeast = 4096;
  // Reads at most so many bytes more, kLeast or more; how many that were.
  Task<Result<std::uint64_t>> advance(std::uint64_t most, std::vector<BadBatch>& bad);
  bool done() const { return at_ >= file_.size(); }
  Place place() const { return {.position = batch_ ? batch_->header.position : at_, .next = order_.next()}; }

 private:
  struct Batch {
    StoredBatch header;
    BatchChecksum sum;
    std::string damage;  // of its header
  };

  // Each takes what it can from the front.
  bool begin(std::span<const std::byte>& bytes, std::vector<BadBatch>& bad);
  void go_on(std::span<const std::byte>& bytes, std::vector<BadBatch>& bad);
  void give_up(std::string why, std::vector<BadBatch>& bad);

  const Range file_;
  BatchOrder order_;
  std::uint64_t at_;            // what was looked at
  std::optional<Batch> batch_;  // in which at_ lies
  std::unique_ptr<std::byte[]> buffer_;
  std::uint64_t capacity_ = 0;
};

}  // namespace ottla::storage
