#include "storage/cleaner/offset_map.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/hex.h"
#include "base/offset.h"
#include "storage/cleaner/key_hash.h"

namespace ottla::storage {
namespace {

KeyHash hash_of(const std::string& key) {
  return KeyHasher(1, 2)(std::as_bytes(std::span(key)));
}

OffsetMap map_for(std::size_t entries, std::uint64_t keys = 1'000'000, double load_factor = 1) {
  auto map = OffsetMap::make({.memory = entries * OffsetMap::kEntrySize, .load_factor = load_factor},
                             Offset(0), keys);
  EXPECT_TRUE(map.ok());
  return std::move(map).value();
}

TEST(KeyHash, IsSipHash) {
  // The first two vectors that its inventors published for 128 bits, 2 and 4 rounds and this key.
  const SipHash128<2, 4> hash(0x0706050403020100, 0x0f0e0d0c0b0a0908);
  EXPECT_EQ(hash({}), (KeyHash{0xe6a825ba047f81a3, 0x930255c71472f66d}));
  const std::byte zero[] = {std::byte{0}};
  EXPECT_EQ(hash(zero), (KeyHash{0x44af996bd8c187da, 0x45fc229b11597634}));
}

TEST(KeyHash, DependsOnEveryByteAndOnTheSecret) {
  const std::string key(100, 'k');
  for (std::size_t i = 0; i < key.size(); ++i) {
    std::string other = key;
    other[i] = 'l';
    EXPECT_NE(hash_of(key), hash_of(other)) << i;
    EXPECT_NE(hash_of(key), hash_of(key.substr(0, i))) << i;
  }
  EXPECT_NE(KeyHasher(1, 2)({}), KeyHasher(1, 3)({}));
  EXPECT_NE(KeyHasher(1, 2)({}), KeyHasher(2, 2)({}));
}

TEST(OffsetMap, KeepsTheLatestOffset) {
  OffsetMap map = map_for(100);
  EXPECT_TRUE(map.put(hash_of("a"), Offset(0)));
  EXPECT_TRUE(map.put(hash_of("b"), Offset(1)));
  EXPECT_TRUE(map.put(hash_of("a"), Offset(7)));
  EXPECT_EQ(map.find(hash_of("a")), Offset(7));
  EXPECT_EQ(map.find(hash_of("b")), Offset(1));
  EXPECT_EQ(map.find(hash_of("c")), std::nullopt);
  EXPECT_EQ(map.size(), 2u);
}

TEST(OffsetMap, IsFullAtItsLoadFactor) {
  OffsetMap map = map_for(10, 100, 0.5);
  EXPECT_EQ(map.capacity(), 5u);
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(map.put(hash_of(std::to_string(i)), Offset(i)));
  EXPECT_FALSE(map.put(hash_of("new"), Offset(5)));
  EXPECT_TRUE(map.put(hash_of("0"), Offset(6))) << "a key that is there takes no room";
  EXPECT_EQ(map.find(hash_of("new")), std::nullopt);
  EXPECT_EQ(map.find(hash_of("0")), Offset(6));
  EXPECT_DOUBLE_EQ(map.utilization(), 0.5);
}

TEST(OffsetMap, TakesNoMoreMemoryThanItsKeysNeed) {
  EXPECT_LT(map_for(1 << 20, 100).memory(), 10'000u);
  EXPECT_LE(map_for(1 << 10, UINT64_MAX).memory(),
            std::size_t{1 << 10} * OffsetMap::kEntrySize * 17 / 16 + 8);
}

TEST(OffsetMap, RefusesToHoldNoKeyAtAll) {
  EXPECT_EQ(OffsetMap::make({.memory = 47}, Offset(0), 10).error(), Errc::invalid_argument);
  EXPECT_EQ(OffsetMap::make({.memory = 1000, .load_factor = 0}, Offset(0), 10).error(),
            Errc::invalid_argument);
  EXPECT_EQ(map_for(2).capacity(), 1u);
}

TEST(OffsetMap, HasABitForEachOffsetWithinASixteenthOfItsMemory) {
  auto map =
      OffsetMap::make({.memory = 100 * OffsetMap::kEntrySize, .load_factor = 1}, Offset(1000), 200).value();
  EXPECT_TRUE(map.has_bits(Offset(1000), Offset(1199)));
  EXPECT_FALSE(map.has_bits(Offset(999), Offset(1000)));
  EXPECT_FALSE(map.has_bits(Offset(1199), Offset(1200)));
  EXPECT_FALSE(map.has_bits(Offset(1010), Offset(1009)));
  auto wide =
      OffsetMap::make({.memory = 100 * OffsetMap::kEntrySize, .load_factor = 1}, Offset(0), UINT64_MAX)
          .value();
  EXPECT_TRUE(wide.has_bits(Offset(0), Offset(1199)));
  EXPECT_FALSE(wide.has_bits(Offset(0), Offset(1200)));
  for (int i = 0; i < 3; ++i)
    EXPECT_TRUE(wide.put(hash_of("a"), Offset(1199 + i))) << "beyond them it is a map";
  EXPECT_EQ(wide.find(hash_of("a")), Offset(1201));
  EXPECT_TRUE(wide.is_superseded(Offset(1199)));
}

TEST(OffsetMap, RangesOfBitsAreThoseOfTheirOffsets) {
  constexpr std::int64_t kOffsets = 300;
  auto map = OffsetMap::make({.memory = 10'000, .load_factor = 1}, Offset(5), kOffsets).value();
  std::mt19937_64 random(7);
  std::vector<bool> plain(kOffsets, false);
  const auto put = [&](std::int64_t at, const char* key) { return map.put(hash_of(key), Offset(5 + at)); };
  EXPECT_TRUE(put(kOffsets - 1, "last"));
  for (std::int64_t i = 0; i < kOffsets - 1; ++i) {
    if (random() % 20 == 0) continue;
    EXPECT_TRUE(put(i, "last"));
    plain[static_cast<std::size_t>(i)] = true;
  }
  for (std::int64_t first = 0; first < kOffsets; ++first) {
    bool all = true;
    for (std::int64_t last = first; last < kOffsets; ++last) {
      all = all && plain[static_cast<std::size_t>(last)];
      ASSERT_EQ(map.all_superseded(Offset(5 + first), Offset(5 + last)), all) << first << " " << last;
    }
    ASSERT_EQ(map.is_superseded(Offset(5 + first)), plain[static_cast<std::size_t>(first)]);
  }
}

// Against a plain map, up to the last slot but one and with hashes that crowd in one place and around the end.
TEST(OffsetMap, FindsWhatAPlainMapFinds) {
  std::mt19937_64 random(7);
  for (int round = 0; round < 60; ++round) {
    const std::size_t slots = 2 + random() % 60;
    OffsetMap map = map_for(slots);
    std::unordered_map<std::uint64_t, Offset> plain;
    const bool crowded = round % 2 == 0;
    for (int i = 0; i < 300; ++i) {
      const std::uint64_t key = random() % (2 * slots);
      const KeyHash hash{crowded ? UINT64_MAX - key % 3 : key * (UINT64_MAX / (2 * slots)), key};
      const bool is_new = !plain.contains(key);
      ASSERT_EQ(map.put(hash, Offset(i)), !is_new || plain.size() < map.capacity());
      if (!is_new || plain.size() < map.capacity()) plain[key] = Offset(i);
      for (std::uint64_t other = 0; other < 2 * slots; ++other) {
        const KeyHash sought{crowded ? UINT64_MAX - other % 3 : other * (UINT64_MAX / (2 * slots)), other};
        const auto expected = plain.find(other);
        ASSERT_EQ(map.find(sought).value_or(Offset(-1)),
                  expected == plain.end() ? Offset(-1) : expected->second);
      }
    }
    ASSERT_EQ(map.size(), plain.size());
  }
}

}  // namespace
}  // namespace ottla::storage
