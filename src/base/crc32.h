// CRC-32 (the polynomial of zlib, gzip and message format 0 and 1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ottla {

// The checksum of what had the checksum `crc` with `bytes` behind it; 0 is the checksum of nothing.
std::uint32_t crc32_extend(std::uint32_t crc, std::span<const std::byte> bytes);

inline std::uint32_t crc32(std::span<const std::byte> bytes) {
  return crc32_extend(0, bytes);
}

}  // namespace ottla
