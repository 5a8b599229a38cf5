#include "base/varint.h"

namespace ottla::varint_internal {

template <VarintValue T>
DecodedVarint<T> decode_bytewise(const std::byte* at, const std::byte* end) {
  constexpr unsigned kLastBits = sizeof(T) * 8 - 7 * (kMaxVarintSize<T> - 1);
  T value = 0;
  for (std::size_t i = 0; i < kMaxVarintSize<T>; ++i, ++at) {
    if (at == end) return {0, 0, VarintFault::truncated};
    const auto byte = static_cast<std::uint8_t>(*at);
    if (i == kMaxVarintSize<T> - 1 && byte >> kLastBits != 0) break;
    value |= static_cast<T>(byte & 0x7f) << (7 * i);
    if (byte >= 0x80) continue;
    if (byte == 0 && i > 0) break;
    return {value, static_cast<std::uint8_t>(i + 1), VarintFault::none};
  }
  return {0, 0, VarintFault::overlong};
}

template DecodedVarint<std::uint32_t> decode_bytewise(const std::byte*, const std::byte*);
template DecodedVarint<std::uint64_t> decode_bytewise(const std::byte*, const std::byte*);

}  // namespace ottla::varint_internal
