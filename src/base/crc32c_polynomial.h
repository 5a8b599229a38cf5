// Arithmetic of polynomials modulo the Castagnoli polynomial, as CRC-32C needs it.
//
// Invariants: bit 31 stands for x^0 and bit 0 for x^31 (the reflected order that the checksum uses).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace ottla::crc32c_internal {

constexpr std::uint32_t kPolynomial = 0x82f63b78;
constexpr std::uint32_t kOne = 0x80000000;

constexpr std::uint32_t times_x(std::uint32_t a) {
  return (a >> 1) ^ ((a & 1) != 0 ? kPolynomial : 0);
}

constexpr std::uint32_t multiply(std::uint32_t a, std::uint32_t b) {
  std::uint32_t product = 0;
  for (; a != 0; a <<= 1, b = times_x(b)) {
    if ((a & kOne) != 0) product ^= b;
  }
  return product;
}

// What a state is multiplied with when `count` bytes of zeros follow: x^(8 * count).
constexpr std::uint32_t power_of_bytes(std::uint64_t count) {
  std::uint32_t result = kOne;
  std::uint32_t square = kOne >> 8;  // x^8
  for (; count != 0; count >>= 1, square = multiply(square, square)) {
    if ((count & 1) != 0) result = multiply(result, square);
  }
  return result;
}

// Multiplication by one constant, a byte of the state at a time.
class Multiplier {
 public:
  explicit constexpr Multiplier(std::uint32_t factor) {
    // The highest bit of a byte's value is the lowest power, so a table fills from single bits upwards.
    for (std::size_t byte = 0; byte < 4; ++byte) {
      for (std::size_t bit = 0; bit < 8; ++bit) {
        const std::size_t value = std::size_t{1} << bit;
        const std::uint32_t product = multiply(static_cast<std::uint32_t>(value << (8 * byte)), factor);
        for (std::size_t lower = 0; lower < value; ++lower) {
          tables_[byte][value | lower] = tables_[byte][lower] ^ product;
        }
      }
    }
  }
  constexpr std::uint32_t operator()(std::uint32_t state) const {
    return tables_[0][state & 0xff] ^ tables_[1][state >> 8 & 0xff] ^ tables_[2][state >> 16 & 0xff] ^
           tables_[3][state >> 24];
  }

 private:
  std::array<std::array<std::uint32_t, 256>, 4> tables_{};
};

// The ways to extend a raw state (not inverted). The second one needs CpuLevel::crc.
std::uint32_t extend_portable(std::uint32_t state, const std::byte* at, std::size_t size);
std::uint32_t extend_with_crc_instructions(std::uint32_t state, const std::byte* at, std::size_t size);

}  // namespace ottla::crc32c_internal
