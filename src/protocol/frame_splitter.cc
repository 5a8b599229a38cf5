#include "protocol/frame_splitter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/endian.h"
#include "base/error.h"
#include "base/invariant.h"
#include "base/mutable_buffer.h"
#include "base/result.h"
#include "base/slice.h"

namespace ottla::protocol {

std::size_t FrameSplitter::wanted() const {
  if (buffer_.size() < kSizeBytes) return kSizeBytes;
  return kSizeBytes + load_big_endian<std::uint32_t>(buffer_.filled().data());
}

std::size_t FrameSplitter::pending() const {
  return at_boundary() ? 0 : std::max(wanted(), buffer_.size());
}

void FrameSplitter::release() {
  OTTLA_INVARIANT(at_boundary(), "a frame's beginning would be lost", buffer_.size());
  buffer_ = MutableBuffer();
}

void FrameSplitter::go_on_with(std::span<const std::byte> unread) {
  OTTLA_INVARIANT(at_boundary(), "a frame's beginning would be lost", buffer_.size());
  if (unread.empty()) return;
  buffer_ = source_->allocate(std::max(kBlock, unread.size()));
  buffer_.append(unread);
}

std::span<std::byte> FrameSplitter::space() {
  OTTLA_INVARIANT(wanted() > buffer_.size(), "space() before next() had given all frames", buffer_.size());
  const std::size_t missing = wanted() - buffer_.size();
  const std::size_t least = at_boundary() ? kLeastSpace
                            : has_block() ? missing
                                          : std::min(missing, kBlock - buffer_.size());
  if (buffer_.spare().size() < least) {
    MutableBuffer larger = source_->allocate(has_block() ? wanted() : kBlock);
    larger.append(std::as_const(buffer_).filled());
    buffer_ = std::move(larger);
  }
  return buffer_.spare();
}

Result<std::optional<Slice>> FrameSplitter::next() {
  if (buffer_.size() < kSizeBytes) return std::optional<Slice>();
  const auto size = load_big_endian<std::int32_t>(std::as_const(buffer_).filled().data());
  if (size < 0) return Error(Errc::malformed, fmt::format("a frame of {} bytes", size));
  const auto length = static_cast<std::size_t>(size);
  if (length > largest_) {
    return Error(Errc::too_large, fmt::format("a frame of {} bytes, {} are allowed", size, largest_));
  }
  if (buffer_.size() < kSizeBytes + length) return std::optional<Slice>();
  buffer_.drop_front(kSizeBytes);
  return std::optional<Slice>(buffer_.take_front(length));
}

}  // namespace ottla::protocol
