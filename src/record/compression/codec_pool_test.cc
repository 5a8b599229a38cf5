#include "record/compression/codec_pool.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "record/compression/testing/codec_language.h"

namespace ottla::record {
namespace {

using Pool = CodecTest;

Decompressor opened(CodecPool& pool, Compression compression, const std::string& block) {
  return Decompressor::open(pool, compression, as_bytes(block), {.max_output = 1 << 20}).value();
}

TEST_F(Pool, a_context_serves_again) {
  const std::string block = packed(Compression::zstd, "plain");
  CodecPool pool;
  Decoder* first = pool.take_decoder(Compression::zstd).release();
  pool.give_back(Compression::zstd, std::unique_ptr<Decoder>(first));
  EXPECT_EQ(pool.idle_bytes(), first->memory());
  auto again = pool.take_decoder(Compression::zstd);
  EXPECT_EQ(again.get(), first);
  EXPECT_EQ(pool.idle_bytes(), 0u);
  pool.give_back(Compression::zstd, std::move(again));
}

TEST_F(Pool, blocks_may_be_read_side_by_side) {
  const std::string one = packed(Compression::lz4, records_like(200000, 1));
  const std::string two = packed(Compression::lz4, records_like(200000, 2));
  Decompressor first = opened(pool_, Compression::lz4, one);
  Decompressor second = opened(pool_, Compression::lz4, two);
  for (std::size_t at = 0; at < 200000;) {
    const auto a = first.next();
    const auto b = second.next();
    ASSERT_TRUE(a.ok() && b.ok());
    ASSERT_TRUE(std::string_view(reinterpret_cast<const char*>(a->data()), a->size()) ==
                records_like(200000, 1).substr(at, a->size()));
    at += b->size();
  }
}

TEST_F(Pool, keeps_two_of_a_kind) {
  const std::string block = packed(Compression::zstd, "plain");
  CodecPool pool;
  std::vector<Decompressor> many;
  for (int i = 0; i < 5; ++i) many.push_back(opened(pool, Compression::zstd, block));
  EXPECT_EQ(pool.in_use(), 5u);
  many.pop_back();
  const std::size_t one = pool.idle_bytes();
  EXPECT_GT(one, 0u);
  many.clear();
  EXPECT_EQ(pool.in_use(), 0u);
  EXPECT_EQ(pool.idle_bytes(), 2 * one);
}

TEST_F(Pool, keeps_no_giant) {
  const std::string wide = bytes("28b52ffd 00 80 290000 68656c6c6f");  // a window of 64 MiB
  EXPECT_EQ(unpacked(Compression::zstd, wide), "hello");
  EXPECT_EQ(pool_.idle_bytes(), 0u);
}

TEST_F(Pool, keeps_to_its_bound) {
  CodecPool small(1 << 20);
  const std::string plain = records_like(100000);
  for (const Compression each :
       {Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
    const Slice block = compress(small, CompressionSpec(each), as_bytes(plain)).value();
    EXPECT_TRUE(decompress(small, each, block.as_span(), 1 << 20).ok());
    EXPECT_LE(small.idle_bytes(), std::size_t{1} << 20);
  }
}

TEST(PoolDeathTest, outlives_what_it_serves) {
  const auto too_early = [] {
    auto pool = std::make_unique<CodecPool>();
    auto decoder = pool->take_decoder(Compression::lz4);
    pool.reset();
  };
  EXPECT_DEATH(too_early(), "a codec pool ended before the blocks that it serves");
}

}  // namespace
}  // namespace ottla::record
