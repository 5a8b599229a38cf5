#include "base/varint.h"

namespace ottla {
namespace varint_internal {

template <VarintValue T>
DecodedVarint<T> decode_bytewise(const std::byte* at, const std::byte* end) {
  constexpr unsigned kLastBits = sizeof(T) * 8 - 7 * (kMaxVarintSize<T> - 1);
  T value = 0;
  for (std::size_t i = 0; i < kMaxVarintSize<T> && at != end; ++i, ++at) {
    const auto byte = static_cast<std::uint8_t>(*at);
    if (i == kMaxVarintSize<T> - 1 && byte >> kLastBits != 0) return {};
    value |= static_cast<T>(byte & 0x7f) << (7 * i);
    if (byte >= 0x80) continue;
    if (byte == 0 && i > 0) return {};
    return {value, at + 1};
  }
  return {};
}

template DecodedVarint<std::uint32_t> decode_bytewise(const std::byte*, const std::byte*);
template DecodedVarint<std::uint64_t> decode_bytewise(const std::byte*, const std::byte*);

}  // namespace varint_internal

template <VarintValue T>
VarintFault varint_fault(const std::byte* at, const std::byte* end) {
  // Only bytes that all go on can be the start of a good one.
  if (static_cast<std::size_t>(end - at) >= kMaxVarintSize<T>) return VarintFault::overlong;
  for (; at != end; ++at) {
    if (static_cast<std::uint8_t>(*at) < 0x80) return VarintFault::overlong;
  }
  return VarintFault::truncated;
}

template VarintFault varint_fault<std::uint32_t>(const std::byte*, const std::byte*);
template VarintFault varint_fault<std::uint64_t>(const std::byte*, const std::byte*);

}  // namespace ottla
