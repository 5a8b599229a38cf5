#include "storage/cleaner/offset_map.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <string>
#include <unordered_map>

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
  auto map = OffsetMap::make({.memory = entries * OffsetMap::kEntrySize, .load_factor = load_factor}, keys);
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
  EXPECT_LE(map_for(1 << 10, UINT64_MAX).memory(), std::size_t{1 << 10} * OffsetMap::kEntrySize);
}

TEST(OffsetMap, RefusesToHoldNoKeyAtAll) {
  EXPECT_EQ(OffsetMap::make({.memory = 47}, 10).error(), Errc::invalid_argument);
  EXPECT_EQ(OffsetMap::make({.memory = 1000, .load_factor = 0}, 10).error(), Errc::invalid_argument);
  EXPECT_EQ(map_for(2).capacity(), 1u);
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
