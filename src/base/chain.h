// Bytes in order that lie in several places: pieces of memory and ranges of files or remote objects.
//
// Use:         writers loop: gather() the memory in front or send front()'s range, then consume(n).
// Lifetime:    claims what its pieces lie in.
// Concurrency: confined to one shard.
// Invariants:  1. no piece is empty, and size() is the sum of their sizes
//              2. no operation but flatten() and copy_front() copies bytes
//              3. up to kInlinePieces pieces, nothing is allocated
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/invariant.h"
#include "base/mutable_buffer.h"
#include "base/piece.h"
#include "base/range.h"
#include "base/slice.h"

namespace ottla {

class Chain {
 public:
  static constexpr std::size_t kInlinePieces = 4;

  Chain() = default;
  Chain(Slice slice) { append(std::move(slice)); }
  Chain(Range range) { append(std::move(range)); }
  Chain(Chain&& other) noexcept { take(other); }
  Chain& operator=(Chain&& other) noexcept {
    if (this == &other) return *this;
    clear();
    take(other);
    return *this;
  }
  ~Chain() = default;
  // A second chain over the same bytes. Never implicit, since it may allocate.
  Chain clone() const;

  // Room for so many pieces without another allocation.
  void reserve(std::size_t count);

  bool empty() const { return count_ == 0; }
  std::uint64_t size() const { return size_; }
  std::size_t piece_count() const { return count_; }
  const Piece& piece(std::size_t index) const {
    OTTLA_INVARIANT(index < count_, "no such piece", index, count_);
    return at(index);
  }
  const Piece& front() const { return piece(0); }
  // True when no piece is a range.
  bool in_memory() const { return ranges_ == 0; }

  void append(Slice slice) { append_piece(Piece(std::move(slice))); }
  void append(Range range) { append_piece(Piece(std::move(range))); }
  void append(Chain&& tail);
  // The pieces of `tail`, which keeps them too.
  void append_shared(const Chain& tail);
  void prepend(Slice slice) { prepend_piece(Piece(std::move(slice))); }
  void prepend(Range range) { prepend_piece(Piece(std::move(range))); }
  void prepend(Chain&& head);

  // Takes the first `length` bytes out of this chain.
  Chain split_front(std::uint64_t length);
  // Forgets the first `length` bytes: they have been written.
  void consume(std::uint64_t length);
  void clear();

  struct Gathered {
    std::size_t count = 0;  // entries of `out` that were set
    std::size_t bytes = 0;  // what they hold together
  };
  // Points `out` at the memory in front, up to the first range. Vector is iovec or has its shape.
  template <typename Vector, std::size_t Extent>
  Gathered gather(std::span<Vector, Extent> out) const {
    Gathered result;
    while (result.count < out.size() && result.count < count_) {
      const Slice* slice = at(result.count).slice();
      if (slice == nullptr) break;
      Vector& vector = out[result.count++];
      vector.iov_base = const_cast<std::byte*>(slice->data());
      vector.iov_len = slice->size();
      result.bytes += slice->size();
    }
    return result;
  }

  // Copies from the front, until `out` is full, the chain ends, or a range begins; returns how much.
  std::size_t copy_front(std::span<std::byte> out) const;
  // All bytes in one slice: no copy for a single piece. The chain must be in memory.
  Slice flatten(BufferSource& source = heap_buffers()) const;

  // Whether the chain is in memory and holds exactly these bytes. Walks them all: for tests.
  bool holds(std::string_view bytes) const;

 private:
  // Pieces lie in a ring of `capacity_` slots, a power of two, from `first_` on.
  Piece& at(std::size_t index) { return slots_[(first_ + index) & (capacity_ - 1)]; }
  const Piece& at(std::size_t index) const { return slots_[(first_ + index) & (capacity_ - 1)]; }
  void append_piece(Piece&& piece);
  // Whether `piece` needs no slot at the end: it is empty, or has joined the last one.
  bool joins_end(const Piece& piece);
  // A new one at the end, for `piece`.
  Piece& slot_for(const Piece& piece);
  void prepend_piece(Piece piece);
  void drop_first_piece();
  void take(Chain& other) noexcept;

  std::array<Piece, kInlinePieces> inline_;
  std::unique_ptr<Piece[]> heap_;  // set when kInlinePieces were too few
  Piece* slots_ = inline_.data();  // inline_ or heap_
  std::size_t capacity_ = kInlinePieces;
  std::size_t first_ = 0;
  std::size_t count_ = 0;
  std::size_t ranges_ = 0;
  std::uint64_t size_ = 0;
};

}  // namespace ottla
