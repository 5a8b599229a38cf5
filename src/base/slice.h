// Immutable bytes with an owner: what frames, batches and keys are made of.
//
// Lifetime:    a slice claims the block under it, so its bytes live as long as it does. Static bytes have
//              no block. Beware: a small slice pins its whole block (pinned_capacity()); what stays long
//              should be copied with Slice::copy_of.
// Concurrency: confined to the block's shard.
// Invariants:  1. the bytes never change
//              2. copy, subslice and split copy no bytes and allocate nothing; a moved-from slice is empty
#pragma once

#include <compare>
#include <cstddef>
#include <cstring>
#include <span>
#include <string_view>
#include <utility>

#include "base/block.h"
#include "base/invariant.h"

namespace ottla {

class Slice {
 public:
  Slice() = default;
  // `bytes` lie in what `owner` keeps alive.
  Slice(Claim<Block> owner, std::span<const std::byte> bytes) noexcept
      : data_(bytes.data()), size_(bytes.size()), owner_(std::move(owner)) {}

  static Slice copy_of(std::span<const std::byte> bytes);
  static Slice copy_of(std::string_view text);
  // Bytes that outlive the process's use of them: literals and tables.
  static Slice from_static(std::span<const std::byte> bytes) { return Slice(nullptr, bytes); }
  static Slice from_static(std::string_view text) { return from_static(std::as_bytes(std::span(text))); }

  Slice(const Slice&) = default;
  Slice& operator=(const Slice&) = default;
  Slice(Slice&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)),
        owner_(std::move(other.owner_)) {}
  Slice& operator=(Slice&& other) noexcept {
    Slice taken(std::move(other));
    swap(taken);
    return *this;
  }
  ~Slice() = default;

  void swap(Slice& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    owner_.swap(other.owner_);
  }

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  const std::byte* data() const { return data_; }
  std::byte operator[](std::size_t index) const {
    OTTLA_INVARIANT(index < size_, "index beyond the slice", index, size_);
    return data_[index];
  }
  std::span<const std::byte> as_span() const { return {data_, size_}; }
  std::string_view as_string_view() const { return {reinterpret_cast<const char*>(data_), size_}; }

  // Null for static bytes.
  const Claim<Block>& owner() const { return owner_; }
  // The bytes that this slice keeps in use; 0 for static ones.
  std::size_t pinned_capacity() const { return owner_ ? owner_->capacity() : 0; }

  Slice subslice(std::size_t offset, std::size_t length) const {
    OTTLA_INVARIANT(offset <= size_ && length <= size_ - offset, "subslice beyond the slice", offset, length,
                    size_);
    return Slice(owner_, {data_ + offset, length});
  }
  // Takes the first `length` bytes out of this slice.
  Slice split_front(std::size_t length) {
    Slice front = subslice(0, length);
    remove_front(length);
    return front;
  }
  void remove_front(std::size_t length) {
    OTTLA_INVARIANT(length <= size_, "remove_front beyond the slice", length, size_);
    data_ += length;
    size_ -= length;
  }
  // Keeps the first `length` bytes only.
  void truncate(std::size_t length) {
    OTTLA_INVARIANT(length <= size_, "truncate beyond the slice", length, size_);
    size_ = length;
  }
  // Grows by `next` and returns true if that is the very continuation of this slice's bytes.
  bool join(const Slice& next) {
    if (!owner_ || owner_ != next.owner_ || data_ + size_ != next.data_) return false;
    size_ += next.size_;
    return true;
  }

  // By content, as memcmp orders.
  friend bool operator==(const Slice& a, const Slice& b) { return a.as_string_view() == b.as_string_view(); }
  friend std::strong_ordering operator<=>(const Slice& a, const Slice& b) {
    return a.as_string_view() <=> b.as_string_view();
  }

 private:
  const std::byte* data_ = nullptr;
  std::size_t size_ = 0;
  Claim<Block> owner_;
};

}  // namespace ottla
