// A vector of at most N elements that lives where it is declared and never allocates.
//
// Overflow:   try_push_back() says false; push_back() is for callers who know, and breaks an invariant.
// Invariants: size() <= N; elements stay where they are until they, or one before them, are removed
#pragma once

#include <algorithm>
#include <cstddef>
#include <initializer_list>
#include <memory>
#include <utility>

#include "base/invariant.h"

namespace ottla {

template <typename T, std::size_t N>
class FixedVector {
 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  FixedVector() {}  // the elements' places stay raw
  FixedVector(std::initializer_list<T> values) {
    for (const T& value : values) push_back(value);
  }
  FixedVector(const FixedVector& other) {
    for (const T& value : other) push_back(value);
  }
  FixedVector(FixedVector&& other) noexcept {
    for (T& value : other) push_back(std::move(value));
    other.clear();
  }
  FixedVector& operator=(FixedVector other) noexcept {
    clear();
    for (T& value : other) push_back(std::move(value));
    return *this;
  }
  ~FixedVector() { clear(); }

  static constexpr std::size_t capacity() { return N; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == N; }

  template <typename... Arguments>
  T& emplace_back(Arguments&&... arguments) {
    OTTLA_INVARIANT(!full(), "fixed vector overflows", N);
    T* element = std::construct_at(data() + size_, std::forward<Arguments>(arguments)...);
    ++size_;
    return *element;
  }
  void push_back(T value) { emplace_back(std::move(value)); }
  [[nodiscard]] bool try_push_back(T value) {
    if (full()) return false;
    emplace_back(std::move(value));
    return true;
  }
  T pop_back() {
    T last = std::move(back());
    std::destroy_at(data() + --size_);
    return last;
  }
  // Removes in place, keeping the order of the others: O(n).
  void erase(iterator position) {
    OTTLA_INVARIANT(position >= begin() && position < end(), "erase() outside of the vector");
    std::move(position + 1, end(), position);
    std::destroy_at(data() + --size_);
  }
  void clear() {
    std::destroy(begin(), end());
    size_ = 0;
  }

  T& operator[](std::size_t index) {
    OTTLA_INVARIANT(index < size_, "index past the end", index, size_);
    return data()[index];
  }
  const T& operator[](std::size_t index) const {
    OTTLA_INVARIANT(index < size_, "index past the end", index, size_);
    return data()[index];
  }
  T& front() { return (*this)[0]; }
  T& back() { return (*this)[size_ - 1]; }
  const T& front() const { return (*this)[0]; }
  const T& back() const { return (*this)[size_ - 1]; }

  T* data() { return std::launder(static_cast<T*>(elements_)); }
  const T* data() const { return std::launder(static_cast<const T*>(elements_)); }
  iterator begin() { return data(); }
  iterator end() { return data() + size_; }
  const_iterator begin() const { return data(); }
  const_iterator end() const { return data() + size_; }

  friend bool operator==(const FixedVector& a, const FixedVector& b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end());
  }

 private:
  // A union's member is built when we say so.
  union {
    T elements_[N];
  };
  std::size_t size_ = 0;
};

}  // namespace ottla
