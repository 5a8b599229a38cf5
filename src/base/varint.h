// Variable-length integers: seven bits a byte, the lowest first; signed ones are zigzagged before.
//
// Errors: truncated, when the bytes end inside one; malformed, when it is over-long: more than 5 (32 bit) or
//         10 (64 bit) bytes, bits beyond the type, or a last byte of 0 behind others (0x80 0x00 for 0).
//         The reference refuses only the first of these three and cuts the bits of the second off. Nothing
//         that it writes is over-long; why we are strict: docs/decisions/0009-strict-varints.md
// Speed:  one byte is decoded inline; longer ones eight bytes at a time while as many are left.
#pragma once

#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <type_traits>

namespace ottla {

template <typename T>
concept VarintValue = std::same_as<T, std::uint32_t> || std::same_as<T, std::uint64_t>;

template <VarintValue T>
constexpr std::size_t kMaxVarintSize = sizeof(T) == 4 ? 5 : 10;

constexpr std::uint32_t zigzag(std::int32_t value) {
  return (static_cast<std::uint32_t>(value) << 1) ^ static_cast<std::uint32_t>(value >> 31);
}
constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
template <VarintValue T>
constexpr std::make_signed_t<T> unzigzag(T value) {
  return static_cast<std::make_signed_t<T>>((value >> 1) ^ (~(value & 1) + 1));
}

// The bytes that encode_varint writes for `value`.
template <VarintValue T>
constexpr std::size_t varint_size(T value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

// Writes up to kMaxVarintSize<T> bytes and returns the place behind them.
template <VarintValue T>
std::byte* encode_varint(std::byte* out, T value) {
  while (value >= 0x80) {
    *out++ = static_cast<std::byte>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<std::byte>(value);
  return out;
}

enum class VarintFault : std::uint8_t { truncated, overlong };

template <VarintValue T>
struct DecodedVarint {
  T value = 0;
  const std::byte* next = nullptr;  // the place behind it; null when it was refused

  bool ok() const { return next != nullptr; }
};

// Why decode_varint refused what lies at `at`.
template <VarintValue T>
VarintFault varint_fault(const std::byte* at, const std::byte* end);

namespace varint_internal {

template <VarintValue T>
DecodedVarint<T> decode_bytewise(const std::byte* at, const std::byte* end);

// The seven-bit groups of the bytes of `word`, moved together.
constexpr std::uint64_t compact(std::uint64_t word) {
  word = (word & 0x007f007f007f007f) | ((word & 0x7f007f007f007f00) >> 1);
  word = (word & 0x00003fff00003fff) | ((word & 0x3fff00003fff0000) >> 2);
  return (word & 0x000000000fffffff) | ((word & 0x0fffffff00000000) >> 4);
}

}  // namespace varint_internal

template <VarintValue T>
inline DecodedVarint<T> decode_varint(const std::byte* at, const std::byte* end) {
  if (at != end && static_cast<std::uint8_t>(*at) < 0x80) [[likely]] {
    return {static_cast<T>(*at), at + 1};
  }
  if (end - at >= 2) [[likely]] {
    const auto second = static_cast<std::uint8_t>(at[1]);
    if (second < 0x80 && second != 0) {
      return {static_cast<T>(static_cast<std::uint32_t>(*at) & 0x7f) | static_cast<T>(second) << 7, at + 2};
    }
  }
  if constexpr (std::endian::native == std::endian::little) {
    if (end - at >= 8) [[likely]] {
      std::uint64_t word;
      std::memcpy(&word, at, sizeof(word));
      const std::uint64_t stops = ~word & 0x8080808080808080;
      if (stops != 0) [[likely]] {
        // Ones up to the stop bit of the last byte.
        const std::uint64_t used = stops ^ (stops - 1);
        const std::uint64_t value = varint_internal::compact(word & used & 0x7f7f7f7f7f7f7f7f);
        // All bits of the last byte are 0 only in a padded form.
        const bool padded = (word & used & ~(used >> 8)) == 0;
        const bool fits = sizeof(T) == 8 || value <= UINT32_MAX;
        if (padded || !fits) [[unlikely]]
          return {};
        return {static_cast<T>(value), at + (__builtin_ctzll(stops) >> 3) + 1};
      }
    }
  }
  return varint_internal::decode_bytewise<T>(at, end);
}

}  // namespace ottla
