#include "base/block_pool.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/slice.h"

namespace ottla {
namespace {

constexpr std::size_t kBlock = 16 << 10;

Slice text_in(BlockPool& pool, std::string_view text) {
  MutableBuffer buffer = pool.allocate(kBlock);
  buffer.append(std::as_bytes(std::span(text)));
  return std::move(buffer).freeze();
}

TEST(BlockPool, GivesWholeBlocksAndTheHeapTheRest) {
  BlockPool pool(kBlock, 4);
  EXPECT_EQ(pool.allocate(kBlock).capacity(), kBlock);
  EXPECT_EQ(pool.allocate(kBlock / 2 + 1).capacity(), kBlock);
  EXPECT_EQ(pool.allocate(kBlock / 2).capacity(), kBlock / 2);
  EXPECT_EQ(pool.allocate(kBlock + 1).capacity(), kBlock + 1);
}

TEST(BlockPool, BytesStayAsLongAsASliceShowsThem) {
  BlockPool pool(kBlock, 4);
  const Slice first = text_in(pool, "first");
  {
    const Slice gone = text_in(pool, "gone");
  }
  const Slice second = text_in(pool, "second");
  EXPECT_EQ(first.as_string_view(), "first");
  EXPECT_EQ(second.as_string_view(), "second");
}

TEST(BlockPool, BlocksThatOutliveItAreFreedWithTheirLastSlice) {
  auto pool = std::make_unique<BlockPool>(kBlock, 4);
  Slice kept = text_in(*pool, "kept");
  const Slice same = kept;
  {
    const Slice idle = text_in(*pool, "idle");
  }
  pool.reset();
  kept = {};
  EXPECT_EQ(same.as_string_view(), "kept");
}

#if !__has_feature(address_sanitizer)
TEST(BlockPool, ABlockThatWasGivenBackIsUsedAgain) {
  BlockPool pool(kBlock, 4);
  const std::byte* place = nullptr;
  {
    const Slice slice = text_in(pool, "a");
    place = slice.data();
    EXPECT_EQ(pool.idle(), 0u);
  }
  EXPECT_EQ(pool.idle(), 1u);
  EXPECT_EQ(text_in(pool, "b").data(), place);
}

TEST(BlockPool, KeepsNoMoreThanItMay) {
  BlockPool pool(kBlock, 2);
  std::vector<Slice> used;
  for (int each = 0; each < 5; ++each) used.push_back(text_in(pool, "x"));
  EXPECT_EQ(pool.idle(), 0u);
  used.clear();
  EXPECT_EQ(pool.idle(), 2u);
}
#endif

}  // namespace
}  // namespace ottla
