// The Java client's framing of snappy blocks. Numbers are big-endian.
//
//   0  8  magic
//   8  4  version of the writer
//  12  4  version that a reader needs at least
//  16     chunks: 4 bytes of size, one snappy block
//
// Behind a chunk another such header may stand: streams may be joined. What does not begin with the magic is one
// snappy block, which begins with its plain size as a varint.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ottla::record::snappy_framing {

inline constexpr std::array<std::byte, 8> kFramingMagic = {std::byte{0x82}, std::byte{'S'}, std::byte{'N'},
                                                           std::byte{'A'},  std::byte{'P'}, std::byte{'P'},
                                                           std::byte{'Y'},  std::byte{0}};
inline constexpr std::size_t kVersionAt = 8;
inline constexpr std::size_t kNeedsAt = 12;
inline constexpr std::size_t kHeader = 16;
inline constexpr std::size_t kSize = 4;  // before each chunk
inline constexpr std::int32_t kVersion = 1;
inline constexpr std::size_t kChunk = std::size_t{32} << 10;  // plain bytes, as the client cuts them

}  // namespace ottla::record::snappy_framing
