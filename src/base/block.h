// The owner of a run of bytes: slices claim it, and the last one to let go releases it.
//
// Lifetime:    born with one claim; when the last is given back, `release` decides: free, back to the pool,
//              unmap, send home. A block may live again after that through revive().
// Concurrency: confined to the shard that allocated it; the count is a plain integer. A slice that crosses
//              shards is owned there by a proxy block, which holds one claim of this one.
// Invariants:  1. the bytes do not move while a claim exists
//              2. capacity() never changes: it is what one small slice keeps from being reused
#pragma once

#include <cstddef>

#include "base/claim.h"
#include "base/invariant.h"

namespace ottla {

class Block {
 public:
  using Release = void (*)(Block*) noexcept;

  Block(const Block&) = delete;
  Block& operator=(const Block&) = delete;

  void claim() noexcept { ++claims_; }
  void give_back() noexcept {
    OTTLA_INVARIANT(claims_ != 0, "a block was given back more often than it was claimed", capacity_);
    if (--claims_ == 0) release_(this);
  }

  // The bytes that stay in use while any claim exists.
  std::size_t capacity() const { return capacity_; }
  std::size_t claims() const { return claims_; }

 protected:
  Block(std::size_t capacity, Release release) : release_(release), capacity_(capacity) {}
  ~Block() = default;

  // For pools: a released block starts over with one claim.
  void revive() {
    OTTLA_INVARIANT(claims_ == 0, "a pooled block is still claimed", claims_, capacity_);
    claims_ = 1;
  }

 private:
  Release release_;
  std::size_t capacity_;
  std::size_t claims_ = 1;
};

// Header and bytes in one allocation.
class HeapBlock final : public Block {
 public:
  static Claim<HeapBlock> allocate(std::size_t capacity);

  std::byte* data() { return reinterpret_cast<std::byte*>(this) + kHeader; }

 private:
  static constexpr std::size_t kHeader = 32;  // keeps the bytes aligned like malloc's own

  explicit HeapBlock(std::size_t capacity) : Block(capacity, &free_block) {}
  static void free_block(Block* block) noexcept;
};

}  // namespace ottla
