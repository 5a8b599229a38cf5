// Little-endian integers at an address: all but Kafka's own formats have them so.
//
// Invariants: the caller has checked that sizeof(T) bytes lie there; no alignment is needed.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstring>

namespace ottla::record {

template <std::integral T>
T load_little_endian(const std::byte* from) {
  T value;
  std::memcpy(&value, from, sizeof(T));
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  return value;
}

template <std::integral T>
void store_little_endian(std::byte* to, T value) {
  if constexpr (std::endian::native == std::endian::big) value = std::byteswap(value);
  std::memcpy(to, &value, sizeof(T));
}

}  // namespace ottla::record
