#include "record/record_walker.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>

#include "base/error.h"
#include "base/varint.h"
#include "record/record_runs.h"

namespace ottla::record {
namespace walker_internal {

const std::byte* pass_headers(const std::byte* at, const std::byte* end, std::int32_t count) {
  for (std::int32_t i = 0; i < count; ++i) {
    std::int32_t key = 0;
    std::int32_t value = 0;
    if (!pass(at, end, key) || key < 0 || !pass(at, end, value)) return nullptr;
  }
  return at;
}

}  // namespace walker_internal

bool RecordWalker::fail(WalkFault fault) {
  // What the source said comes first: what follows from it is no finding of its own.
  if (fault_ == WalkFault::none) fault_ = fault;
  return false;
}

bool RecordWalker::next_across(RecordHead& head) {
  std::int32_t size = 0;
  body_left_ = kMaxVarintSize<std::uint32_t>;  // the size itself is not part of the body
  if (!read_varint(size)) return fail(at_ == end_ && ended_ ? WalkFault::cut : WalkFault::malformed);
  if (size < 0) return fail(WalkFault::malformed);
  if (size > max_record_bytes_) return fail(WalkFault::record_too_large);
  bytes_ += varint_size(zigzag(size)) + static_cast<std::uint64_t>(size);
  body_left_ = static_cast<std::uint64_t>(size);
  if (!read_head_across(head) || body_left_ != 0) {
    return fail(at_ == end_ && ended_ ? WalkFault::cut : WalkFault::malformed);
  }
  ++position_;
  return true;
}

bool RecordWalker::read_head_across(RecordHead& head) {
  if (!read_byte(head.attributes) || !read_varlong(head.timestamp_delta) || !read_varint(head.offset_delta)) {
    return false;
  }
  return read_varint(head.key_size) && skip(head.key_size) && read_varint(head.value_size) &&
         skip(head.value_size) && read_varint(head.headers) && read_headers_across(head.headers);
}

bool RecordWalker::read_headers_across(std::int32_t count) {
  if (count < 0 || static_cast<std::uint64_t>(count) > body_left_ / 2) return false;
  for (std::int32_t i = 0; i < count; ++i) {
    std::int32_t key = 0;
    std::int32_t value = 0;
    if (!read_varint(key) || key < 0 || !skip(key) || !read_varint(value) || !skip(value)) return false;
  }
  return true;
}

bool RecordWalker::find_end() {
  if (count_ < 0) return fail(WalkFault::negative_count);
  if (at_ != end_ || refill()) return fail(WalkFault::bytes_left);
  return false;
}

// The run is used up; whether another one came.
bool RecordWalker::refill() {
  if (ended_) return false;
  auto run = runs_->next();
  if (!run.ok()) {
    source_error_ = std::move(run).error();
    ended_ = true;
    return fail(WalkFault::undecodable);
  }
  at_ = run->data();
  end_ = at_ + run->size();
  ended_ = run->empty();
  return !ended_;
}

bool RecordWalker::read_byte(std::uint8_t& byte) {
  if (body_left_ == 0 || (at_ == end_ && !refill())) return false;
  --body_left_;
  byte = static_cast<std::uint8_t>(*at_++);
  return true;
}

bool RecordWalker::read_varint(std::int32_t& value) {
  std::uint32_t bits = 0;
  for (unsigned shift = 0; shift < 35; shift += 7) {
    std::uint8_t byte = 0;
    if (!read_byte(byte)) return false;
    // The last byte of five has room for four bits only, and no last byte of several is 0.
    if (shift == 28 && byte > 0x0f) return false;
    if (shift > 0 && byte == 0) return false;
    bits |= static_cast<std::uint32_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      value = unzigzag(bits);
      return true;
    }
  }
  return false;
}

bool RecordWalker::read_varlong(std::int64_t& value) {
  std::uint64_t bits = 0;
  for (unsigned shift = 0; shift < 70; shift += 7) {
    std::uint8_t byte = 0;
    if (!read_byte(byte)) return false;
    if (shift == 63 && byte > 1) return false;
    if (shift > 0 && byte == 0) return false;
    bits |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      value = unzigzag(bits);
      return true;
    }
  }
  return false;
}

bool RecordWalker::skip(std::int32_t size) {
  if (size <= 0) return true;
  auto left = static_cast<std::uint64_t>(size);
  if (left > body_left_) return false;
  body_left_ -= left;
  while (left > 0) {
    if (at_ == end_ && !refill()) return false;
    const std::uint64_t step = std::min(left, static_cast<std::uint64_t>(end_ - at_));
    at_ += step;
    left -= step;
  }
  return true;
}

}  // namespace ottla::record
