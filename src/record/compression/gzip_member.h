// What stands around the deflated bytes of a gzip member. Numbers are little-endian.
//
//   0  2  magic
//   2  1  method: 8
//   3  1  flags
//   4  4  modification time
//   8  2  hints: extra flags, operating system
//  10     as the flags say: 2 bytes of length and an extra field, a name and a comment that each end with 0, and
//         the lower half of the crc32 of the header so far
//
// Behind them: 4 bytes of crc32 and 4 of size, both of the plain bytes.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ottla::record::gzip_member {

inline constexpr std::uint16_t kMemberMagic = 0x8B1F;
inline constexpr unsigned kDeflated = 8;
inline constexpr std::size_t kMethodAt = 2;
inline constexpr std::size_t kFlagsAt = 3;
inline constexpr std::size_t kHintsAt = 8;
inline constexpr std::size_t kShortestHeader = 10;
inline constexpr std::size_t kTrailer = 8;

inline constexpr unsigned kHeaderCrc = 0x02;
inline constexpr unsigned kExtra = 0x04;
inline constexpr unsigned kName = 0x08;
inline constexpr unsigned kComment = 0x10;

inline constexpr int kWindowBits =
    -15;  // zlib's way of saying: 32 KiB, and nothing around the deflated bytes

}  // namespace ottla::record::gzip_member
