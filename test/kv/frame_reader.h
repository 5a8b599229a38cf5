// Frames out of a stream, each of them whole.
//
// Lifetime:    the stream outlives it. What next() gives lies in its buffer until the next call.
// Concurrency: confined to the stream's shard; one call at a time.
// Errors:      those of the stream; malformed when a size is impossible, and the stream is of no use then.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "runtime/cancel.h"
#include "runtime/stream.h"
#include "runtime/task.h"

namespace ottla::kv {

class FrameReader {
 public:
  explicit FrameReader(Stream& stream) : stream_(stream), buffer_(kFirstSize) {}

  // What follows the size of the next frame. Waits for more bytes only when no whole frame is there.
  Task<Result<std::span<const std::byte>>> next(Cancel cancel);

 private:
  static constexpr std::size_t kFirstSize = 4096;

  // The size of the frame in front with its header, or 0 when that is not known yet.
  Result<std::size_t> size_in_front() const;

  Stream& stream_;
  std::vector<std::byte> buffer_;
  std::size_t begin_ = 0;  // of what was read and not given out
  std::size_t end_ = 0;
};

}  // namespace ottla::kv
