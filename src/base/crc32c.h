// CRC-32C (Castagnoli), which guards record batches.
//
// Use:   crc32c(bytes), or crc32c_extend(crc32c(head), tail) == crc32c(head + tail).
// Speed: three interleaved chains of the processor's CRC instruction where it has one (cpu.h): 8 bytes a cycle.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ottla {

// The checksum of what had the checksum `crc` with `bytes` behind it; 0 is the checksum of nothing.
std::uint32_t crc32c_extend(std::uint32_t crc, std::span<const std::byte> bytes);

inline std::uint32_t crc32c(std::span<const std::byte> bytes) {
  return crc32c_extend(0, bytes);
}

// The checksum of two runs of bytes together, out of the checksums of each and the size of the second.
std::uint32_t crc32c_combine(std::uint32_t head, std::uint32_t tail, std::uint64_t tail_size);

}  // namespace ottla
