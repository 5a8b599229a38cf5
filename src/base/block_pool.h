// Blocks of one size that are used again: where small frames of connections are read into.
//
// A block of many KiB is what the heap is slowest at, and a connection takes one for each request and gives it back.
//
// Use:         BlockPool pool(16 << 10, 64);  FrameSplitter splitter(largest, pool);
// Lifetime:    blocks may outlive the pool: they are freed then when their last slice goes.
// Concurrency: confined to one shard, as its blocks are.
// Invariants:  1. at most `most_idle` blocks are kept that nobody uses
//              2. a block that is kept has no claim
// ASan builds keep none, so that a use of bytes that were given back shows.
#pragma once

#include <cstddef>

#include "base/mutable_buffer.h"

namespace ottla {

class BlockPool final : public BufferSource {
 public:
  BlockPool(std::size_t block_size, std::size_t most_idle);
  BlockPool(const BlockPool&) = delete;
  BlockPool& operator=(const BlockPool&) = delete;
  ~BlockPool() override;

  // From the heap when it is larger than a block, or much smaller, so that nothing small pins a whole one.
  MutableBuffer allocate(std::size_t capacity) override;

  // Blocks that nobody uses.
  std::size_t idle() const;

 private:
  class Shelf;
  class PooledBlock;

  Shelf* shelf_;  // lives until the pool and all of its blocks are gone
};

}  // namespace ottla
