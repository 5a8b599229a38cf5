#include "base/crc32c.h"

#include <bit>
#include <cstring>

#include "base/cpu.h"
#include "base/crc32c_polynomial.h"

namespace ottla {
namespace crc32c_internal {
namespace {

using Table = std::array<std::uint32_t, 256>;

// Entry [k][b]: the state that byte b leaves when k bytes of zeros follow it.
constexpr std::array<Table, 8> make_tables() {
  std::array<Table, 8> tables{};
  for (std::size_t byte = 0; byte < 256; ++byte) {
    std::uint32_t state = static_cast<std::uint32_t>(byte);
    for (int bit = 0; bit < 8; ++bit) state = times_x(state);
    tables[0][byte] = state;
  }
  for (std::size_t k = 1; k < 8; ++k) {
    for (std::size_t byte = 0; byte < 256; ++byte) {
      const std::uint32_t state = tables[k - 1][byte];
      tables[k][byte] = (state >> 8) ^ tables[0][state & 0xff];
    }
  }
  return tables;
}

constexpr std::array<Table, 8> kTables = make_tables();

std::uint64_t load_little_endian(const std::byte* at) {
  std::uint64_t word;
  std::memcpy(&word, at, sizeof(word));
  return std::endian::native == std::endian::little ? word : std::byteswap(word);
}

}  // namespace

std::uint32_t extend_portable(std::uint32_t state, const std::byte* at, std::size_t size) {
  for (; size >= 8; at += 8, size -= 8) {
    const std::uint64_t word = load_little_endian(at) ^ state;
    state = 0;
    for (std::size_t k = 0; k < 8; ++k) state ^= kTables[7 - k][word >> (8 * k) & 0xff];
  }
  for (; size > 0; ++at, --size) {
    state = (state >> 8) ^ kTables[0][(state ^ static_cast<std::uint32_t>(*at)) & 0xff];
  }
  return state;
}

}  // namespace crc32c_internal

std::uint32_t crc32c_extend(std::uint32_t crc, std::span<const std::byte> bytes) {
  const auto extend = cpu_level() >= CpuLevel::crc ? &crc32c_internal::extend_with_crc_instructions
                                                   : &crc32c_internal::extend_portable;
  return ~extend(~crc, bytes.data(), bytes.size());
}

std::uint32_t crc32c_combine(std::uint32_t head, std::uint32_t tail, std::uint64_t tail_size) {
  return crc32c_internal::multiply(crc32c_internal::power_of_bytes(tail_size), head) ^ tail;
}

}  // namespace ottla
