// Walks the records of a batch by their heads: keys, values and headers are measured and passed over, never kept.
//
// Use:         RecordWalker walker(batch.records(), batch.count());
//              RecordHead head;  while (walker.next(head)) { … }  if (walker.fault() != WalkFault::none) …
// Lifetime:    over runs that outlive it.
// Concurrency: as its runs.
// Invariants:  1. of a record that was given, every size fits into the others, and it fills its own
//              2. when next() says false without a fault, all records that were promised have been given and
//                 nothing lies behind them
// Errors:      a fault, which stays.
// Speed:       a record that lies in one run is read in place; one that straddles runs, byte by byte at its seams.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <type_traits>

#include "base/error.h"
#include "base/varint.h"
#include "record/record_runs.h"

namespace ottla::record {

namespace walker_internal {

// Takes a number from the front of [at, end).
template <typename T>
[[gnu::always_inline]] inline bool take(const std::byte*& at, const std::byte* end, T& value) {
  const auto read = decode_varint<std::make_unsigned_t<T>>(at, end);
  if (!read.ok()) [[unlikely]]
    return false;
  value = unzigzag(read.value);
  at = read.next;
  return true;
}

// Passes over bytes with their size before them; a negative size is null and has none.
[[gnu::always_inline]] inline bool pass(const std::byte*& at, const std::byte* end, std::int32_t& size) {
  if (!take(at, end, size)) [[unlikely]]
    return false;
  if (size <= 0) return true;
  if (size > end - at) [[unlikely]]
    return false;
  at += size;
  return true;
}

// The place behind them; null when they do not fit.
const std::byte* pass_headers(const std::byte* at, const std::byte* end, std::int32_t count);

}  // namespace walker_internal

struct RecordHead {
  std::int64_t timestamp_delta = 0;
  std::int32_t offset_delta = 0;
  std::int32_t key_size = -1;    // negative: null
  std::int32_t value_size = -1;  // negative: null
  std::int32_t headers = 0;
  std::uint8_t attributes = 0;

  // As a builder writes it: no attribute set, and -1 as the only form of null. (The sizes of headers' null values
  // are not looked at.)
  bool is_canonical() const { return attributes == 0 && key_size >= -1 && value_size >= -1; }
};

enum class WalkFault : std::uint8_t {
  none,
  negative_count,    // fewer than no records were promised
  malformed,         // a record whose sizes do not fit into each other
  record_too_large,  // over the limit of one record
  cut,               // bytes end before the last record does
  bytes_left,        // more bytes than records
  undecodable,       // the source failed; see source_error()
};

class RecordWalker {
 public:
  // `max_record_bytes`: of what follows a record's size.
  RecordWalker(RecordRuns& runs, std::int32_t count,
               std::int32_t max_record_bytes = std::numeric_limits<std::int32_t>::max())
      : runs_(&runs), count_(count), max_record_bytes_(max_record_bytes) {}
  // Over bytes that lie in one place.
  RecordWalker(std::span<const std::byte> bytes, std::int32_t count)
      : at_(bytes.data()),
        end_(bytes.data() + bytes.size()),
        count_(count),
        max_record_bytes_(std::numeric_limits<std::int32_t>::max()),
        ended_(true) {}

  // The next record; false at the end, or at a fault.
  bool next(RecordHead& head);

  WalkFault fault() const { return fault_; }
  // What the source said, when the fault is `undecodable`.
  const std::optional<Error>& source_error() const { return source_error_; }
  // Records given so far.
  std::int32_t position() const { return position_; }
  // Bytes that those records have, their sizes included.
  std::uint64_t bytes() const { return bytes_; }

 private:
  bool next_in_place(RecordHead& head, const std::byte* body, const std::byte* end);
  bool next_across(RecordHead& head);
  bool read_head_across(RecordHead& head);
  bool read_headers_across(std::int32_t count);
  bool check_end() {
    if (at_ == end_ && ended_ && count_ >= 0) [[likely]]
      return false;
    return find_end();
  }
  bool find_end();
  bool fail(WalkFault fault);

  // Across runs; all count against the body that is being read.
  bool refill();
  bool read_byte(std::uint8_t& byte);
  bool read_varint(std::int32_t& value);
  bool read_varlong(std::int64_t& value);
  bool skip(std::int32_t size);

  RecordRuns* runs_ = nullptr;  // none when all bytes lie in one place
  const std::byte* at_ = nullptr;
  const std::byte* end_ = nullptr;
  std::uint64_t bytes_ = 0;
  std::uint64_t body_left_ = 0;  // of the record that is being read across runs
  const std::int32_t count_;
  const std::int32_t max_record_bytes_;
  std::int32_t position_ = 0;
  WalkFault fault_ = WalkFault::none;
  bool ended_ = false;
  std::optional<Error> source_error_;
};

// Inline, so that a loop over small records keeps their heads in registers.
[[gnu::always_inline]] inline bool RecordWalker::next(RecordHead& head) {
  if (fault_ != WalkFault::none) [[unlikely]]
    return false;
  if (position_ >= count_) [[unlikely]]
    return check_end();
  if (at_ == end_ && !refill()) [[unlikely]]
    return fail(WalkFault::cut);
  const auto size = decode_varint<std::uint32_t>(at_, end_);
  if (size.ok()) [[likely]] {
    const std::int32_t body = unzigzag(size.value);
    if (body < 0) [[unlikely]]
      return fail(WalkFault::malformed);
    if (body > max_record_bytes_) [[unlikely]]
      return fail(WalkFault::record_too_large);
    if (body <= end_ - size.next) [[likely]]
      return next_in_place(head, size.next, size.next + body);
  }
  return next_across(head);
}

[[gnu::always_inline]] inline bool RecordWalker::next_in_place(RecordHead& head, const std::byte* body,
                                                               const std::byte* end) {
  using walker_internal::pass;
  using walker_internal::take;
  if (body == end) [[unlikely]]
    return fail(WalkFault::malformed);
  head.attributes = static_cast<std::uint8_t>(*body++);
  if (!take(body, end, head.timestamp_delta) || !take(body, end, head.offset_delta) ||
      !pass(body, end, head.key_size) || !pass(body, end, head.value_size) || !take(body, end, head.headers))
      [[unlikely]] {
    return fail(WalkFault::malformed);
  }
  if (head.headers != 0) {
    // Each header has two sizes.
    if (head.headers < 0 || head.headers > (end - body) / 2) return fail(WalkFault::malformed);
    body = walker_internal::pass_headers(body, end, head.headers);
  }
  if (body != end) [[unlikely]]
    return fail(WalkFault::malformed);
  bytes_ += static_cast<std::uint64_t>(end - at_);
  at_ = end;
  ++position_;
  return true;
}

}  // namespace ottla::record
