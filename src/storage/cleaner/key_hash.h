// What stands for a record's key in the cleaner's map: 128 bits of SipHash, so that a key costs 16 bytes however long
// it is.
//
// Two keys with one hash would be taken for one, and the older record of the two be lost, as with the reference's MD5.
// By chance that is one in 2^128 for a pair of keys. It cannot be brought about on purpose, as it can with MD5: the
// hash depends on a secret that each cleaner draws for itself and forgets. Nothing on disk knows it.
//
// Concurrency: pure.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

namespace ottla::storage {

struct KeyHash {
  std::uint64_t first = 0;
  std::uint64_t second = 0;

  friend bool operator==(const KeyHash&, const KeyHash&) = default;
};

// Rounds for each word and at the end: 2 and 4 are the cautious choice of its inventors; 1 and 3 serve tables whose
// hashes nobody sees.
template <int WordRounds, int LastRounds>
class SipHash128 {
 public:
  constexpr SipHash128(std::uint64_t first_secret, std::uint64_t second_secret)
      : first_secret_(first_secret), second_secret_(second_secret) {}

  KeyHash operator()(std::span<const std::byte> key) const {
    State state{first_secret_ ^ 0x736f6d6570736575, second_secret_ ^ 0x646f72616e646f6d ^ 0xee,
                first_secret_ ^ 0x6c7967656e657261, second_secret_ ^ 0x7465646279746573};
    const std::byte* at = key.data();
    std::size_t left = key.size();
    for (; left >= 8; at += 8, left -= 8) state.take(load(at, 8));
    state.take(load(at, left) | static_cast<std::uint64_t>(key.size()) << 56);
    state.v2 ^= 0xee;
    state.template turn<LastRounds>();
    const std::uint64_t first = state.folded();
    state.v1 ^= 0xdd;
    state.template turn<LastRounds>();
    return {first, state.folded()};
  }

 private:
  struct State {
    std::uint64_t v0, v1, v2, v3;

    void take(std::uint64_t word) {
      v3 ^= word;
      turn<WordRounds>();
      v0 ^= word;
    }
    template <int Rounds>
    void turn() {
      for (int round = 0; round < Rounds; ++round) {
        v0 += v1;
        v2 += v3;
        v1 = std::rotl(v1, 13) ^ v0;
        v3 = std::rotl(v3, 16) ^ v2;
        v0 = std::rotl(v0, 32) + v3;
        v2 += v1;
        v3 = std::rotl(v3, 21) ^ v0;
        v1 = std::rotl(v1, 17) ^ v2;
        v2 = std::rotl(v2, 32);
      }
    }
    std::uint64_t folded() const { return v0 ^ v1 ^ v2 ^ v3; }
  };

  static std::uint64_t load(const std::byte* from, std::size_t size) {
    std::uint64_t word = 0;
    if (size != 0) std::memcpy(&word, from, size);
    if constexpr (std::endian::native == std::endian::big) word = std::byteswap(word);
    return word;
  }

  std::uint64_t first_secret_;
  std::uint64_t second_secret_;
};

using KeyHasher = SipHash128<1, 3>;

}  // namespace ottla::storage
