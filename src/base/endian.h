// Big-endian integers at an address, as the wire and the log files have them.
//
// Invariants: the caller has checked that sizeof(T) bytes lie there; no alignment is needed.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>

namespace ottla {

template <std::integral T>
constexpr T swapped_on_little_endian(T value) {
  if constexpr (sizeof(T) > 1 && std::endian::native == std::endian::little) {
    return std::byteswap(value);
  } else {
    return value;
  }
}

template <std::integral T>
T load_big_endian(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  return swapped_on_little_endian(value);
}

template <std::integral T>
void store_big_endian(std::byte* to, T value) {
  value = swapped_on_little_endian(value);
  std::memcpy(to, &value, sizeof(T));
}

}  // namespace ottla
