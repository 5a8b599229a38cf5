// Where the parts of an lz4 frame lie, as Kafka's clients write it. Numbers are little-endian.
//
//   0  4  magic
//   4  1  flags: 2 bits version, independent blocks, block checksums, content size, content checksum, 0,
//         dictionary (from the highest on)
//   5  1  block size: 0, 3 bits size (4 to 7), 4 bits 0
//   6  8  content size, if the flags say so
//      1  header checksum: the second byte of xxHash32 over the flags and what follows up to here
//
// Then blocks: 4 bytes of size, whose highest bit says that the block is not compressed; the block; 4 bytes of its
// checksum, if the flags say so. A size of 0 ends the frame, and 4 bytes of the content's checksum may follow.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ottla::record::lz4_frame {

inline constexpr std::uint32_t kFrameMagic = 0x184D2204;
inline constexpr std::size_t kFlagsAt = 4;
inline constexpr std::size_t kBlockSizeAt = 5;
inline constexpr std::size_t kShortest = 7;  // header: nothing of what may be left out

inline constexpr unsigned kVersion = 1;
inline constexpr unsigned kVersionShift = 6;
inline constexpr unsigned kIndependentBlocks = 0x20;
inline constexpr unsigned kBlockChecksums = 0x10;
inline constexpr unsigned kContentSize = 0x08;
inline constexpr unsigned kContentChecksum = 0x04;
inline constexpr unsigned kReserved = 0x02;
inline constexpr unsigned kDictionary = 0x01;

inline constexpr unsigned kBlockSizeShift = 4;
inline constexpr unsigned k64KiB = 4;
inline constexpr unsigned k4MiB = 7;

inline constexpr std::uint32_t kNotCompressed = 0x80000000;
inline constexpr std::size_t kWord = 4;

}  // namespace ottla::record::lz4_frame
