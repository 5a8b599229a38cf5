#include "base/chain.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace ottla {

Chain Chain::clone() const {
  Chain twin;
  twin.reserve(count_);
  twin.append_shared(*this);
  return twin;
}

void Chain::append(Chain&& tail) {
  OTTLA_INVARIANT(&tail != this, "a chain was appended to itself");
  if (empty()) {
    *this = std::move(tail);
    return;
  }
  // No reserve for both: pieces that join may leave room to spare.
  for (std::size_t i = 0; i < tail.count_; ++i) append_piece(std::move(tail.at(i)));
  tail.clear();
}

void Chain::append_shared(const Chain& tail) {
  OTTLA_INVARIANT(&tail != this, "a chain was appended to itself");
  for (std::size_t i = 0; i < tail.count_; ++i) {
    const Piece& piece = tail.at(i);
    if (!joins_end(piece)) slot_for(piece) = piece;
  }
}

void Chain::prepend(Chain&& head) {
  OTTLA_INVARIANT(&head != this, "a chain was prepended to itself");
  if (empty()) {
    *this = std::move(head);
    return;
  }
  for (std::size_t i = head.count_; i > 0; --i) prepend_piece(std::move(head.at(i - 1)));
  head.clear();
}

Chain Chain::split_front(std::uint64_t length) {
  OTTLA_INVARIANT(length <= size_, "split_front beyond the chain", length, size_);
  if (length == size_) return std::move(*this);
  Chain front;
  while (length > 0) {
    Piece& first = at(0);
    const std::uint64_t size = first.size();
    if (size > length) {
      front.append_piece(first.split_front(length));
      size_ -= length;
      break;
    }
    length -= size;
    // The piece's bytes leave with `front`, so its size is taken off before the slot is emptied.
    Piece whole = first;
    drop_first_piece();
    front.append_piece(std::move(whole));
  }
  return front;
}

void Chain::consume(std::uint64_t length) {
  OTTLA_INVARIANT(length <= size_, "consume beyond the chain", length, size_);
  while (length > 0) {
    Piece& first = at(0);
    const std::uint64_t size = first.size();
    if (size > length) {
      first.remove_front(length);
      size_ -= length;
      return;
    }
    length -= size;
    drop_first_piece();
  }
}

void Chain::clear() {
  for (std::size_t i = 0; i < count_; ++i) at(i) = Piece();
  first_ = count_ = ranges_ = 0;
  size_ = 0;
}

std::size_t Chain::copy_front(std::span<std::byte> out) const {
  std::size_t copied = 0;
  for (std::size_t i = 0; i < count_ && copied < out.size(); ++i) {
    const Slice* slice = at(i).slice();
    if (slice == nullptr) break;
    const std::size_t part = std::min(slice->size(), out.size() - copied);
    std::memcpy(out.data() + copied, slice->data(), part);
    copied += part;
  }
  return copied;
}

Slice Chain::flatten(BufferSource& source) const {
  OTTLA_INVARIANT(in_memory(), "flatten of a chain with ranges", ranges_, count_);
  if (empty()) return {};
  if (count_ == 1) return *at(0).slice();
  MutableBuffer buffer = source.allocate(size_);
  buffer.commit(copy_front(buffer.spare().first(size_)));
  return std::move(buffer).freeze();
}

bool Chain::holds(std::string_view bytes) const {
  if (!in_memory() || size_ != bytes.size()) return false;
  for (std::size_t i = 0; i < count_; ++i) {
    const std::string_view part = at(i).slice()->as_string_view();
    if (!bytes.starts_with(part)) return false;
    bytes.remove_prefix(part.size());
  }
  return true;
}

void Chain::append_piece(Piece&& piece) {
  if (!joins_end(piece)) slot_for(piece) = std::move(piece);
}

inline bool Chain::joins_end(const Piece& piece) {
  const std::uint64_t added = piece.size();
  if (added == 0) return true;
  OTTLA_INVARIANT(added <= UINT64_MAX - size_, "a chain beyond 64 bits", added, size_);
  size_ += added;
  return count_ > 0 && at(count_ - 1).join(piece);
}

inline Piece& Chain::slot_for(const Piece& piece) {
  reserve(count_ + 1);
  if (piece.range() != nullptr) ++ranges_;
  return at(count_++);
}

void Chain::prepend_piece(Piece piece) {
  const std::uint64_t added = piece.size();
  if (added == 0) return;
  OTTLA_INVARIANT(added <= UINT64_MAX - size_, "a chain beyond 64 bits", added, size_);
  size_ += added;
  if (count_ > 0 && piece.join(at(0))) {
    at(0) = std::move(piece);
    return;
  }
  reserve(count_ + 1);
  if (piece.range() != nullptr) ++ranges_;
  first_ = (first_ + capacity_ - 1) & (capacity_ - 1);
  ++count_;
  at(0) = std::move(piece);
}

void Chain::drop_first_piece() {
  Piece& first = at(0);
  size_ -= first.size();
  if (first.range() != nullptr) --ranges_;
  first = Piece();
  first_ = (first_ + 1) & (capacity_ - 1);
  --count_;
}

void Chain::reserve(std::size_t count) {
  if (count <= capacity_) return;
  const std::size_t grown = std::bit_ceil(count);
  std::unique_ptr<Piece[]> slots = std::make_unique<Piece[]>(grown);
  for (std::size_t i = 0; i < count_; ++i) slots[i] = std::exchange(at(i), Piece());
  heap_ = std::move(slots);
  slots_ = heap_.get();
  capacity_ = grown;
  first_ = 0;
}

void Chain::take(Chain& other) noexcept {
  if (other.heap_) {
    heap_ = std::move(other.heap_);
    slots_ = heap_.get();
    capacity_ = std::exchange(other.capacity_, kInlinePieces);
    first_ = std::exchange(other.first_, 0);
    count_ = std::exchange(other.count_, 0);
    ranges_ = std::exchange(other.ranges_, 0);
    size_ = std::exchange(other.size_, 0);
    other.slots_ = other.inline_.data();
    return;
  }
  // A heap that this chain has kept from earlier is large enough as well.
  count_ = other.count_;
  ranges_ = other.ranges_;
  size_ = other.size_;
  for (std::size_t i = 0; i < count_; ++i) at(i) = std::move(other.at(i));
  other.clear();
}

}  // namespace ottla
