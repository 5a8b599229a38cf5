// The 32-bit xxHash, with which lz4 frames guard their headers and blocks.
//
// Concurrency: pure.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ottla::record {

std::uint32_t xxhash32(std::span<const std::byte> bytes, std::uint32_t seed = 0);

}  // namespace ottla::record
