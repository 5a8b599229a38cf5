// CRC-32C on the processor's own instruction. One chain of it waits three cycles for each eight bytes, so three
// chains run side by side over neighbouring blocks and are put together by multiplication.

#include <cstring>

#include "base/crc32c_polynomial.h"

#if defined(__x86_64__)
  #include <nmmintrin.h>
  #define OTTLA_CRC_FUNCTION [[gnu::target("sse4.2")]]
#elif defined(__aarch64__)
  #include <arm_acle.h>
  #define OTTLA_CRC_FUNCTION [[gnu::target("crc")]]
#endif

namespace ottla::crc32c_internal {

#ifdef OTTLA_CRC_FUNCTION

namespace {

// The instruction takes the word's lowest byte first, which is the first in memory on both processors.
OTTLA_CRC_FUNCTION inline std::uint64_t step8(std::uint64_t state, const std::byte* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  #if defined(__x86_64__)
  return _mm_crc32_u64(state, word);
  #else
  return __crc32cd(static_cast<std::uint32_t>(state), word);
  #endif
}

OTTLA_CRC_FUNCTION inline std::uint64_t step1(std::uint64_t state, const std::byte* at) {
  #if defined(__x86_64__)
  return _mm_crc32_u8(static_cast<std::uint32_t>(state), static_cast<std::uint8_t>(*at));
  #else
  return __crc32cb(static_cast<std::uint32_t>(state), static_cast<std::uint8_t>(*at));
  #endif
}

// A chain's bytes in one round: long rounds for long inputs, since putting chains together costs about as
// much as 300 bytes; short rounds for the rest.
constexpr std::size_t kLongBlock = 2048;
constexpr std::size_t kShortBlock = 256;
constexpr Multiplier kBehindLong{power_of_bytes(kLongBlock)};
constexpr Multiplier kBehindShort{power_of_bytes(kShortBlock)};

template <std::size_t Block>
OTTLA_CRC_FUNCTION std::uint64_t three_chains(std::uint64_t first, const std::byte* at,
                                              const Multiplier& behind_block) {
  std::uint64_t second = 0;
  std::uint64_t third = 0;
  for (std::size_t i = 0; i < Block; i += 8) {
    first = step8(first, at + i);
    second = step8(second, at + Block + i);
    third = step8(third, at + 2 * Block + i);
  }
  const std::uint32_t two =
      behind_block(static_cast<std::uint32_t>(first)) ^ static_cast<std::uint32_t>(second);
  return behind_block(two) ^ static_cast<std::uint32_t>(third);
}

}  // namespace

OTTLA_CRC_FUNCTION std::uint32_t extend_with_crc_instructions(std::uint32_t start, const std::byte* at,
                                                              std::size_t size) {
  std::uint64_t state = start;
  for (; size >= 3 * kLongBlock; at += 3 * kLongBlock, size -= 3 * kLongBlock) {
    state = three_chains<kLongBlock>(state, at, kBehindLong);
  }
  for (; size >= 3 * kShortBlock; at += 3 * kShortBlock, size -= 3 * kShortBlock) {
    state = three_chains<kShortBlock>(state, at, kBehindShort);
  }
  for (; size >= 8; at += 8, size -= 8) state = step8(state, at);
  for (; size > 0; ++at, --size) state = step1(state, at);
  return static_cast<std::uint32_t>(state);
}

#else

std::uint32_t extend_with_crc_instructions(std::uint32_t state, const std::byte* at, std::size_t size) {
  return extend_portable(state, at, size);
}

#endif

}  // namespace ottla::crc32c_internal
