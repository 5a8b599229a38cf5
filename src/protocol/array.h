// A run of elements that lie elsewhere, or null where the protocol allows it.
//
// Lifetime:    points into an arena, a frame or memory of the caller; owns nothing.
// Concurrency: as what it points into.
// Invariants:  null implies empty; a null array and an empty one are different values.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <span>

#include "base/invariant.h"

namespace ottla::protocol {

// An array whose element type is known from a table; what codecs see.
class ErasedArray {
 public:
  constexpr ErasedArray() = default;
  constexpr ErasedArray(const void* data, std::uint32_t size, bool null)
      : data_(data), size_(size), null_(null) {}

  constexpr bool is_null() const { return null_; }
  constexpr bool empty() const { return size_ == 0; }
  constexpr std::uint32_t size() const { return size_; }
  constexpr const void* erased() const { return data_; }

 private:
  const void* data_ = nullptr;
  std::uint32_t size_ = 0;
  bool null_ = false;
};

template <typename T>
class Array : public ErasedArray {
 public:
  using value_type = T;

  constexpr Array() = default;
  constexpr Array(const T* data, std::size_t size) : ErasedArray(data, checked(size), false) {}
  // Over a vector, a span, an array: whatever has its elements in a row.
  template <typename Elements>
    requires requires(const Elements& elements) {
      { elements.data() } -> std::convertible_to<const T*>;
      { elements.size() } -> std::convertible_to<std::size_t>;
    } && (!std::derived_from<Elements, ErasedArray>)
  constexpr Array(const Elements& elements) : Array(elements.data(), elements.size()) {}
  template <std::size_t Size>
  constexpr Array(const T (&elements)[Size]) : Array(elements, Size) {}
  static constexpr Array null() { return Array(Null{}); }

  constexpr const T* data() const { return static_cast<const T*>(erased()); }
  constexpr const T* begin() const { return data(); }
  constexpr const T* end() const { return data() + size(); }
  constexpr const T& operator[](std::size_t index) const {
    OTTLA_INVARIANT(index < size(), "index beyond the array", index, size());
    return data()[index];
  }
  constexpr const T& front() const { return (*this)[0]; }
  constexpr std::span<const T> as_span() const { return {data(), size()}; }

  friend constexpr bool operator==(const Array& a, const Array& b) {
    if (a.is_null() != b.is_null() || a.size() != b.size()) return false;
    for (std::uint32_t i = 0; i < a.size(); ++i) {
      if (!(a.data()[i] == b.data()[i])) return false;
    }
    return true;
  }

 private:
  struct Null {};
  explicit constexpr Array(Null) : ErasedArray(nullptr, 0, true) {}

  static constexpr std::uint32_t checked(std::size_t size) {
    OTTLA_INVARIANT(size <= INT32_MAX, "an array has more elements than the wire can say", size);
    return static_cast<std::uint32_t>(size);
  }
};

using Bytes = Array<std::byte>;

}  // namespace ottla::protocol
