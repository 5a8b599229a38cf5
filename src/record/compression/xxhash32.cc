#include "record/compression/xxhash32.h"

#include <array>
#include <bit>

#include "record/compression/little_endian.h"

namespace ottla::record {
namespace {

constexpr std::uint32_t kPrimes[] = {2654435761, 2246822519, 3266489917, 668265263, 374761393};
constexpr std::size_t kStripe = 16;

std::uint32_t rounded(std::uint32_t lane, std::uint32_t word) {
  return std::rotl(lane + word * kPrimes[1], 13) * kPrimes[0];
}

// Four lanes take 16 bytes at a time.
std::uint32_t striped(std::span<const std::byte>& bytes, std::uint32_t seed) {
  std::array<std::uint32_t, 4> lanes = {seed + kPrimes[0] + kPrimes[1], seed + kPrimes[1], seed,
                                        seed - kPrimes[0]};
  const std::byte* at = bytes.data();
  for (std::size_t stripes = bytes.size() / kStripe; stripes != 0; --stripes, at += kStripe) {
    for (std::size_t i = 0; i < lanes.size(); ++i)
      lanes[i] = rounded(lanes[i], load_little_endian<std::uint32_t>(at + 4 * i));
  }
  bytes = bytes.last(bytes.size() % kStripe);
  return std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
}

}  // namespace

std::uint32_t xxhash32(std::span<const std::byte> bytes, std::uint32_t seed) {
  const auto size = static_cast<std::uint32_t>(bytes.size());
  std::uint32_t hash = bytes.size() >= kStripe ? striped(bytes, seed) : seed + kPrimes[4];
  hash += size;
  for (; bytes.size() >= 4; bytes = bytes.subspan(4))
    hash = std::rotl(hash + load_little_endian<std::uint32_t>(bytes.data()) * kPrimes[2], 17) * kPrimes[3];
  for (const std::byte byte : bytes)
    hash = std::rotl(hash + std::to_integer<std::uint32_t>(byte) * kPrimes[4], 11) * kPrimes[0];
  hash = (hash ^ (hash >> 15)) * kPrimes[1];
  hash = (hash ^ (hash >> 13)) * kPrimes[2];
  return hash ^ (hash >> 16);
}

}  // namespace ottla::record
