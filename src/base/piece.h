// One link of a chain: a slice of memory, or a range of bytes that are elsewhere.
//
// Invariants: a moved-from piece is an empty slice or an empty range; a chain holds neither.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "base/range.h"
#include "base/slice.h"

namespace ottla {

class Piece {
 public:
  Piece() : Piece(Slice()) {}
  Piece(Slice slice) noexcept : in_memory_(true), slice_(std::move(slice)) {}
  Piece(Range range) noexcept : in_memory_(false), range_(std::move(range)) {}

  Piece(const Piece& other) noexcept : in_memory_(other.in_memory_) {
    if (in_memory_) {
      std::construct_at(&slice_, other.slice_);
    } else {
      std::construct_at(&range_, other.range_);
    }
  }
  Piece(Piece&& other) noexcept : in_memory_(other.in_memory_) {
    if (in_memory_) {
      std::construct_at(&slice_, std::move(other.slice_));
    } else {
      std::construct_at(&range_, std::move(other.range_));
    }
  }
  Piece& operator=(const Piece& other) noexcept {
    if (this == &other) return *this;
    std::destroy_at(this);
    return *std::construct_at(this, other);
  }
  Piece& operator=(Piece&& other) noexcept {
    if (this == &other) return *this;
    std::destroy_at(this);
    return *std::construct_at(this, std::move(other));
  }
  ~Piece() {
    if (in_memory_) {
      std::destroy_at(&slice_);
    } else {
      std::destroy_at(&range_);
    }
  }

  // Null when the piece is of the other kind.
  const Slice* slice() const { return in_memory_ ? &slice_ : nullptr; }
  const Range* range() const { return in_memory_ ? nullptr : &range_; }

  std::uint64_t size() const { return in_memory_ ? slice_.size() : range_.size(); }
  Piece split_front(std::uint64_t length) {
    if (in_memory_) return slice_.split_front(length);
    return range_.split_front(length);
  }
  void remove_front(std::uint64_t length) {
    if (in_memory_) return slice_.remove_front(length);
    range_.remove_front(length);
  }
  // Grows by `next` and returns true if that is the very continuation of this piece.
  bool join(const Piece& next) {
    if (in_memory_ != next.in_memory_) return false;
    return in_memory_ ? slice_.join(next.slice_) : range_.join(next.range_);
  }

 private:
  bool in_memory_;
  union {
    Slice slice_;
    Range range_;
  };
};

}  // namespace ottla
