// A queue of bounded length: one allocation when it is made, none afterwards.
//
// Concurrency: confined to one thread.
// Overflow:    try_push_back() says false and leaves the value alone; the caller decides who waits.
// Invariants:  size() <= capacity(), which never changes; operator[] counts from the oldest element
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "base/invariant.h"

namespace ottla {

template <typename T>
class RingBuffer {
 public:
  explicit RingBuffer(std::size_t capacity)
      : capacity_(capacity), elements_(std::allocator<T>().allocate(capacity)) {
    OTTLA_INVARIANT(capacity > 0, "a ring of no elements");
  }
  RingBuffer(const RingBuffer&) = delete;
  RingBuffer& operator=(const RingBuffer&) = delete;
  ~RingBuffer() {
    clear();
    std::allocator<T>().deallocate(elements_, capacity_);
  }

  std::size_t capacity() const { return capacity_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == capacity_; }

  template <typename U>
  [[nodiscard]] bool try_push_back(U&& value) {
    if (full()) return false;
    std::construct_at(place(size_), std::forward<U>(value));
    ++size_;
    return true;
  }
  template <typename U>
  void push_back(U&& value) {
    const bool pushed = try_push_back(std::forward<U>(value));
    OTTLA_INVARIANT(pushed, "ring overflows", capacity_);
  }
  T pop_front() {
    T first = std::move(front());
    std::destroy_at(place(0));
    first_ = first_ + 1 == capacity_ ? 0 : first_ + 1;
    --size_;
    return first;
  }
  void clear() {
    while (!empty()) static_cast<void>(pop_front());
  }

  T& operator[](std::size_t index) {
    OTTLA_INVARIANT(index < size_, "index past the end", index, size_);
    return *place(index);
  }
  const T& operator[](std::size_t index) const {
    OTTLA_INVARIANT(index < size_, "index past the end", index, size_);
    return *place(index);
  }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }

 private:
  T* place(std::size_t index) const {
    const std::size_t to_end = capacity_ - first_;
    return elements_ + (index < to_end ? first_ + index : index - to_end);
  }

  const std::size_t capacity_;
  T* const elements_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace ottla
