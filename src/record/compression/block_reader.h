// Cuts a chain into blocks that lie in one piece, for codecs that compress such: copies only what straddles pieces.
//
// Lifetime:    points into the chain and the buffer.
// Concurrency: pure.
// Invariants:  the blocks are the chain's bytes in order, all but the last as long as the buffer
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>

#include "base/chain.h"

namespace ottla::record {

class BlockReader {
 public:
  // The chain is in memory.
  BlockReader(const Chain& chain, std::span<std::byte> buffer) : chain_(chain), buffer_(buffer) { advance(); }

  // Empty at the end; valid until the next call.
  std::span<const std::byte> next() {
    if (rest_.size() >= buffer_.size() || piece_ == chain_.piece_count()) {
      return take(std::min(rest_.size(), buffer_.size()));
    }
    std::size_t size = 0;
    while (size < buffer_.size() && !rest_.empty()) {
      const auto part = take(std::min(rest_.size(), buffer_.size() - size));
      std::memcpy(buffer_.data() + size, part.data(), part.size());
      size += part.size();
    }
    return buffer_.first(size);
  }

 private:
  std::span<const std::byte> take(std::size_t size) {
    const auto taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    if (rest_.empty()) advance();
    return taken;
  }
  // No piece is empty, so that an empty rest is the end.
  void advance() {
    rest_ = {};
    if (piece_ != chain_.piece_count()) rest_ = chain_.piece(piece_++).slice()->as_span();
  }

  const Chain& chain_;
  const std::span<std::byte> buffer_;
  std::size_t piece_ = 0;  // the one behind rest_
  std::span<const std::byte> rest_;
};

}  // namespace ottla::record
