#include "base/arena.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <string>
#include <vector>

namespace ottla {
namespace {

TEST(Arena, TakesNothingBeforeItIsUsed) {
  Budget budget("test", 1 << 20);
  const Arena arena(budget);
  EXPECT_EQ(budget.used(), 0U);
}

TEST(Arena, HandsOutAlignedMemory) {
  Budget budget("test", 1 << 20);
  Arena arena(budget);
  for (const std::size_t alignment : {1U, 8U, 2U, 16U, 4U}) {
    const void* place = arena.allocate(3, alignment);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(place) % alignment, 0U);
  }
}

TEST(Arena, MakesAndCopies) {
  struct Point {
    int x;
    int y;
  };
  Budget budget("test", 1 << 20);
  Arena arena(budget);
  EXPECT_EQ(arena.make<Point>(1, 2)->y, 2);
  EXPECT_EQ(arena.copy("hello").value(), "hello");
  EXPECT_EQ(arena.copy("").value(), "");
  EXPECT_TRUE(std::ranges::all_of(arena.make_span<int>(1'000).value(), [](int i) { return i == 0; }));
  EXPECT_EQ(arena.make_span<int>(0).value().size(), 0U);
}

TEST(Arena, EmptyThingsFitIntoAFreshArena) {
  Budget budget("test", 1 << 20);
  Arena arena(budget);
  EXPECT_TRUE(arena.make_span<int>(0).ok());
  EXPECT_NE(arena.allocate(0), nullptr);
}

TEST(Arena, ASpentBudgetShows) {
  Budget budget("test", 10'000);
  Arena arena(budget);
  EXPECT_EQ(arena.allocate(10'000), nullptr);
  EXPECT_EQ(budget.used(), 0U);
  EXPECT_NE(arena.allocate(2'000), nullptr);
  EXPECT_EQ(arena.make_span<int>(2'000).error(), Errc::out_of_budget);
  EXPECT_EQ(arena.copy(std::string(9'000, 'x')).error(), Errc::out_of_budget);
  EXPECT_EQ(arena.make<int>(7) != nullptr, true);
}

TEST(Arena, CountsThatOverflowAreRefused) {
  Budget budget("test", SIZE_MAX);
  Arena arena(budget);
  EXPECT_EQ(arena.make_span<std::uint64_t>(SIZE_MAX / 8 + 2).error(), Errc::out_of_budget);
  EXPECT_EQ(arena.allocate(SIZE_MAX), nullptr);
  EXPECT_EQ(arena.allocate(SIZE_MAX - 4), nullptr);
}

TEST(Arena, ResetKeepsWhatItMay) {
  Budget budget("test", 1 << 20);
  Arena arena(budget, {.first_chunk = 1024, .largest_chunk = 8192, .kept = 3072});
  const auto fill = [&] {
    for (int i = 0; i < 100; ++i) static_cast<void>(arena.allocate(100));
  };
  fill();
  EXPECT_GT(arena.held(), 10'000U);
  arena.reset();
  EXPECT_EQ(arena.held(), 3'072U);
  EXPECT_EQ(budget.used(), 3'072U);
  fill();
  arena.reset();
  EXPECT_EQ(budget.used(), 3'072U);
}

TEST(Arena, SteadyUseAllocatesNoNewChunk) {
  Budget budget("test", 4096);
  Arena arena(budget);
  for (int request = 0; request < 100; ++request) {
    EXPECT_NE(arena.allocate(1'000), nullptr);
    arena.reset();
    EXPECT_EQ(budget.used(), 4096U);
  }
}

TEST(Arena, WasteIsBounded) {
  std::mt19937 random(9);
  for (int round = 0; round < 200; ++round) {
    Budget budget("test", 1 << 30);
    Arena arena(budget);
    std::size_t asked = 0;
    const std::size_t largest = std::size_t{1} << (4 + random() % 14);
    for (int i = 0; i < 200; ++i) {
      const std::size_t size = 1 + random() % largest;
      ASSERT_NE(arena.allocate(size), nullptr);
      asked += size + 16;
    }
    ASSERT_LE(arena.held(), 3 * asked + 8192) << "largest " << largest;
  }
}

// Whatever is asked for, pieces do not overlap and keep what was written, and the budget gets all back.
TEST(Arena, PiecesAreApart) {
  std::mt19937 random(10);
  Budget budget("test", 1 << 18);
  Arena arena(budget, {.first_chunk = 256, .largest_chunk = 4096, .kept = 1024});
  for (int round = 0; round < 100; ++round) {
    std::vector<std::span<std::uint8_t>> pieces;
    for (std::size_t i = 0; i < random() % 300; ++i) {
      const std::size_t size = random() % 8 == 0 ? random() % 10'000 : random() % 64;
      auto* place = static_cast<std::uint8_t*>(arena.allocate(size, std::size_t{1} << (random() % 5)));
      if (place == nullptr) continue;
      pieces.emplace_back(place, size);
      std::ranges::fill(pieces.back(), static_cast<std::uint8_t>(pieces.size()));
    }
    for (std::size_t i = 0; i < pieces.size(); ++i) {
      ASSERT_TRUE(std::ranges::all_of(pieces[i],
                                      [&](auto byte) { return byte == static_cast<std::uint8_t>(i + 1); }));
    }
    ASSERT_EQ(arena.held(), budget.used());
    arena.reset();
    ASSERT_LE(budget.used(), 1024U);
  }
}

TEST(ArenaDeathTest, AlignmentIsAPowerOfTwo) {
  Budget budget("test", 1 << 20);
  EXPECT_DEATH(static_cast<void>(Arena(budget).allocate(8, 64)), "alignment");
}

#if __has_feature(address_sanitizer)
TEST(ArenaDeathTest, UseAfterResetIsSeen) {
  Budget budget("test", 1 << 20);
  Arena arena(budget);
  volatile int* number = arena.make<int>(1);
  arena.reset();
  EXPECT_DEATH(*number = 2, "AddressSanitizer");
}

TEST(ArenaDeathTest, ReadingPastTheEndIsSeen) {
  Budget budget("test", 1 << 20);
  Arena arena(budget);
  const volatile char* text = arena.copy("123").value().data();
  static_cast<void>(arena.copy("456"));
  EXPECT_DEATH(static_cast<void>(text[3]), "AddressSanitizer");
  const volatile char* large = arena.copy(std::string(100'000, 'x')).value().data();
  EXPECT_DEATH(static_cast<void>(large[100'000]), "AddressSanitizer");
}
#endif

}  // namespace
}  // namespace ottla
