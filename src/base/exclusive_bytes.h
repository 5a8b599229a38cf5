// The one narrow door through which bytes of a slice are changed.
//
// A request's frame belongs to the server alone once it has been read: nobody else sees the batches in it until
// they have been appended. A leader writes offsets, its epoch and times into them there, where they lie, because a
// copy of every batch would cost as much as its checksum.
//
// Use:         ExclusiveBytes batch(std::move(slice));  store_big_endian(batch.span().data(), offset);
//              Slice patched = std::move(batch).freeze();
// Lifetime:    claims the block, as the slice did.
// Concurrency: confined to the block's shard.
// Invariants:  1. whoever makes one vouches that no other slice shows these bytes, or that its holder has done
//                 with them. The block may be shared: frames that came with one read lie side by side in it
//              2. static bytes have no owner and are never writable
#pragma once

#include <cstddef>
#include <span>
#include <utility>

#include "base/invariant.h"
#include "base/slice.h"

namespace ottla {

class ExclusiveBytes {
 public:
  explicit ExclusiveBytes(Slice bytes) : bytes_(std::move(bytes)) {
    OTTLA_INVARIANT(bytes_.owner() || bytes_.empty(), "bytes without an owner cannot be changed",
                    bytes_.size());
  }
  ExclusiveBytes(ExclusiveBytes&&) noexcept = default;
  ExclusiveBytes& operator=(ExclusiveBytes&&) noexcept = default;

  std::size_t size() const { return bytes_.size(); }
  // All memory with an owner was allocated as writable; only slices call it const.
  std::span<std::byte> span() { return {const_cast<std::byte*>(bytes_.data()), bytes_.size()}; }
  std::span<const std::byte> as_span() const { return bytes_.as_span(); }

  // Keeps the first `length` bytes only.
  void truncate(std::size_t length) { bytes_.truncate(length); }
  // Ends the writing.
  Slice freeze() && { return std::move(bytes_); }

 private:
  Slice bytes_;
};

}  // namespace ottla
