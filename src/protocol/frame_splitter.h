// Cuts what comes from a connection into frames: four bytes of size, then that many bytes.
//
// Use:         read into space(); received(count); then next() until it has nothing; then space() again.
// Lifetime:    a frame lives as long as its slice; small frames that came together share a block.
// Concurrency: confined to the shard of its buffer source.
// Invariants:  1. a frame lies in one piece and is copied at most once: the part of it that came behind others
//              2. never more than one unfinished frame is held
//              3. a frame that says that it is large takes no more than a block before a block's worth of it is there
// Errors:      malformed, as soon as the four bytes are there, for a negative size; too_large for one over the
//              limit. After an error the connection is beyond help.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/mutable_buffer.h"
#include "base/result.h"
#include "base/slice.h"

namespace ottla::protocol {

class FrameSplitter {
 public:
  static constexpr std::size_t kSizeBytes = 4;
  static constexpr std::size_t kBlock = std::size_t{16} << 10;  // what small frames are read into
  static constexpr std::size_t kLeastSpace = std::size_t{2} << 10;

  // `largest`: socket.request.max.bytes.
  explicit FrameSplitter(std::size_t largest, BufferSource& source = heap_buffers())
      : largest_(largest), source_(&source) {}

  // Where the next bytes go; never empty.
  std::span<std::byte> space();
  // So many bytes were written to the front of space(). They may complete several frames.
  void received(std::size_t count) { buffer_.commit(count); }
  // The next complete frame, without its size.
  Result<std::optional<Slice>> next();

  // Bytes of the unfinished frame, those still missing included.
  std::size_t pending() const;
  // What the next space() takes beyond a block, and a budget should be asked for before; zero when it takes none.
  std::size_t claim() const { return has_block() && wanted() > kBlock ? pending() : 0; }
  // True when the peer may leave without cutting a frame in two.
  bool at_boundary() const { return buffer_.size() == 0; }
  // At a boundary: holds no memory until space() is asked for again.
  void release();
  // What was received and no frame was made of yet.
  std::span<const std::byte> unread() const { return buffer_.filled(); }
  // At a boundary: goes on with what another one had not read yet.
  void go_on_with(std::span<const std::byte> unread);

 private:
  // Bytes that the frame in front needs in all; kSizeBytes as long as its size is not known.
  std::size_t wanted() const;
  bool has_block() const { return buffer_.size() >= kBlock; }

  std::size_t largest_;
  BufferSource* source_;
  MutableBuffer buffer_;  // begins with the size of a frame
};

}  // namespace ottla::protocol
