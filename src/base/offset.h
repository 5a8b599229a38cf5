// The place of a record in its partition's log: offsets differ by counts, and a count moves an offset.
//
// Arithmetic: offset - offset is a count; offset + count is an offset. Overflow breaks an invariant, so for
//             numbers from outside (a peer may send 2^63-1) use checked_add().
// Negative:   -1 is the reference's "unknown"; list-offsets also gives meaning to -2 … -6.
#pragma once

#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <string>

#include "base/error.h"
#include "base/invariant.h"
#include "base/result.h"

namespace ottla {

class Offset {
 public:
  constexpr Offset() = default;
  constexpr explicit Offset(std::int64_t raw) : raw_(raw) {}
  // Unsigned numbers and floats would change silently.
  template <typename Other>
    requires(std::floating_point<Other> || std::unsigned_integral<Other>)
  explicit Offset(Other raw) = delete;

  static constexpr Offset max() { return Offset(std::numeric_limits<std::int64_t>::max()); }

  constexpr std::int64_t raw() const { return raw_; }
  std::string to_string() const { return std::to_string(raw_); }

  // The same as +, for a count or an offset that nobody has checked yet.
  Result<Offset> checked_add(std::int64_t count) const {
    std::int64_t sum = 0;
    if (__builtin_add_overflow(raw_, count, &sum)) return Errc::too_large;
    return Offset(sum);
  }

  friend constexpr std::int64_t operator-(Offset a, Offset b) {
    std::int64_t count = 0;
    const bool overflow = __builtin_sub_overflow(a.raw_, b.raw_, &count);
    OTTLA_INVARIANT(!overflow, "offset difference overflows", a.raw_, b.raw_);
    return count;
  }
  friend constexpr Offset operator+(Offset offset, std::int64_t count) { return offset += count; }
  friend constexpr Offset operator-(Offset offset, std::int64_t count) { return offset -= count; }

  constexpr Offset& operator+=(std::int64_t count) {
    const bool overflow = __builtin_add_overflow(raw_, count, &raw_);
    OTTLA_INVARIANT(!overflow, "offset overflows", count);
    return *this;
  }
  constexpr Offset& operator-=(std::int64_t count) {
    const bool overflow = __builtin_sub_overflow(raw_, count, &raw_);
    OTTLA_INVARIANT(!overflow, "offset overflows", count);
    return *this;
  }
  constexpr Offset& operator++() { return *this += 1; }
  constexpr Offset& operator--() { return *this -= 1; }

  friend constexpr bool operator==(Offset, Offset) = default;
  friend constexpr std::strong_ordering operator<=>(Offset, Offset) = default;

 private:
  std::int64_t raw_ = 0;
};

inline constexpr Offset kUnknownOffset(-1);

}  // namespace ottla

template <>
struct std::hash<ottla::Offset> {
  std::size_t operator()(ottla::Offset offset) const noexcept {
    return std::hash<std::int64_t>()(offset.raw());
  }
};
