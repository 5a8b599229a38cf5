// One link of a chain: a slice of memory, or a range of bytes that are elsewhere.
//
// Invariants: a moved-from piece is an empty slice or an empty range; a chain holds neither.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <variant>

#include "base/range.h"
#include "base/slice.h"

namespace ottla {

class Piece {
 public:
  Piece() = default;
  Piece(Slice slice) : bytes_(std::move(slice)) {}
  Piece(Range range) : bytes_(std::move(range)) {}

  // Null when the piece is of the other kind.
  const Slice* slice() const { return std::get_if<Slice>(&bytes_); }
  const Range* range() const { return std::get_if<Range>(&bytes_); }

  std::uint64_t size() const {
    if (const Slice* in_memory = slice()) return in_memory->size();
    return range()->size();
  }
  Piece split_front(std::uint64_t length) {
    if (Slice* in_memory = std::get_if<Slice>(&bytes_)) return in_memory->split_front(length);
    return std::get_if<Range>(&bytes_)->split_front(length);
  }
  void remove_front(std::uint64_t length) {
    if (Slice* in_memory = std::get_if<Slice>(&bytes_)) return in_memory->remove_front(length);
    std::get_if<Range>(&bytes_)->remove_front(length);
  }
  // Grows by `next` and returns true if that is the very continuation of this piece.
  bool join(const Piece& next) {
    if (bytes_.index() != next.bytes_.index()) return false;
    if (Slice* in_memory = std::get_if<Slice>(&bytes_)) return in_memory->join(*next.slice());
    return std::get_if<Range>(&bytes_)->join(*next.range());
  }

 private:
  std::variant<Slice, Range> bytes_;
};

}  // namespace ottla
