// A writable window into a block: filled from the front, frozen into slices piece by piece.
//
// Use:         read into spare(), commit(n), then take_front(frame_size) for each whole frame in filled():
//              frames that came with one read share one block.
// Lifetime:    claims its block; the slices taken from it do too.
// Concurrency: confined to the block's shard.
// Invariants:  1. no slice sees the bytes of the window, so that writing them breaks no slice's promise
//              2. filled and spare bytes are adjacent, and together they are the window
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <span>
#include <utility>

#include "base/block.h"
#include "base/invariant.h"
#include "base/slice.h"

namespace ottla {

class MutableBuffer {
 public:
  MutableBuffer() = default;
  // The caller vouches that nobody else uses `window`, which lies in what `owner` keeps alive.
  MutableBuffer(Claim<Block> owner, std::span<std::byte> window)
      : data_(window.data()), capacity_(window.size()), owner_(std::move(owner)) {}
  static MutableBuffer on_heap(std::size_t capacity);

  MutableBuffer(MutableBuffer&& other) noexcept { swap(other); }
  MutableBuffer& operator=(MutableBuffer&& other) noexcept {
    MutableBuffer taken(std::move(other));
    swap(taken);
    return *this;
  }

  void swap(MutableBuffer& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    owner_.swap(other.owner_);
  }

  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  const Claim<Block>& owner() const { return owner_; }

  std::span<const std::byte> filled() const { return {data_, size_}; }
  std::span<std::byte> filled() { return {data_, size_}; }
  std::span<std::byte> spare() { return {data_ + size_, capacity_ - size_}; }

  // The first `count` spare bytes have been written.
  void commit(std::size_t count) {
    OTTLA_INVARIANT(count <= capacity_ - size_, "commit beyond the buffer", count, size_, capacity_);
    size_ += count;
  }
  // Copies as much of `bytes` as fits and returns how much that was.
  std::size_t append(std::span<const std::byte> bytes) {
    const std::size_t count = std::min(bytes.size(), capacity_ - size_);
    if (count != 0) std::memcpy(data_ + size_, bytes.data(), count);
    size_ += count;
    return count;
  }

  // Freezes the first `length` filled bytes; the window goes on behind them.
  Slice take_front(std::size_t length) {
    OTTLA_INVARIANT(length <= size_, "take_front beyond the filled bytes", length, size_);
    Slice front(owner_, {data_, length});
    drop_front(length);
    return front;
  }
  // Forgets the first `length` filled bytes.
  void drop_front(std::size_t length) {
    OTTLA_INVARIANT(length <= size_, "drop_front beyond the filled bytes", length, size_);
    data_ += length;
    size_ -= length;
    capacity_ -= length;
  }
  // Freezes the filled bytes and gives up the spare ones.
  Slice freeze() && {
    MutableBuffer last(std::move(*this));
    return Slice(std::move(last.owner_), {last.data_, last.size_});
  }
  // The same when the first `length` bytes were written without commit().
  Slice freeze(std::size_t length) && {
    OTTLA_INVARIANT(length <= capacity_, "freeze beyond the buffer", length, capacity_);
    size_ = length;
    return std::move(*this).freeze();
  }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
  Claim<Block> owner_;
};

// Where writable memory comes from: the heap, or a shard's pool.
class BufferSource {
 public:
  virtual ~BufferSource() = default;
  // An empty buffer with room for at least `capacity` bytes.
  virtual MutableBuffer allocate(std::size_t capacity) = 0;
};

// The source without a pool. It has no state, so that every shard may use it.
BufferSource& heap_buffers();

}  // namespace ottla
