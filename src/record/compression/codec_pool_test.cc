#include "record/compression/codec_pool.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/slice.h"
#include "record/compression/testing/codec_language.h"

namespace ottla::record {
namespace {

using Pool = CodecTest;

Decompressor opened(CodecPool& pool, Compression compression, const std::string& block) {
  return Decompressor::open(pool, compression, as_bytes(block), {.max_output = 1 << 20}).value();
}

TEST_F(Pool, a_context_serves_again) {
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
  const auto wide = [](std::string_view window) {
    return bytes("28b52ffd 00") + bytes(window) + bytes("290000 68656c6c6f");
  };
  EXPECT_EQ(unpacked(Compression::zstd, wide("58")), "hello");  // 2 MiB
  const std::size_t kept = pool_.idle_bytes();
  EXPECT_GT(kept, std::size_t{2} << 20);
  EXPECT_EQ(unpacked(Compression::zstd, wide("68")), "hello");  // 8 MiB: more than a quarter of the pool
  EXPECT_EQ(pool_.idle_bytes(), 0u);
}

// Contexts of which each is small enough and all together are not.
TEST_F(Pool, keeps_to_its_bound) {
  constexpr std::size_t kBound = 300000;
  CodecPool small(kBound);
  const std::string plain = records_like(1000);
  std::vector<std::pair<Compression, std::unique_ptr<Decoder>>> decoders;
  std::size_t all = 0;
  for (const Compression each :
       {Compression::snappy, Compression::lz4, Compression::snappy, Compression::lz4}) {
    const std::string block = packed(each, plain);
    auto& decoder = decoders.emplace_back(each, small.take_decoder(each)).second;
    ASSERT_TRUE(decoder->begin(as_bytes(block), Lz4HeaderChecksum::checked).ok() && decoder->next(1000).ok());
    all += decoder->memory();
  }
  auto encoder = small.take_encoder(Compression::snappy);
  ASSERT_TRUE(encoder->encode(Chain(Slice::copy_of(plain)), 0).ok());
  auto second = small.take_encoder(Compression::snappy);
  ASSERT_TRUE(second->encode(Chain(Slice::copy_of(plain)), 0).ok());
  ASSERT_GT(all + 2 * encoder->memory(), kBound);
  ASSERT_LT(encoder->memory(), kBound / 4);
  for (auto& [codec, decoder] : decoders) small.give_back(codec, std::move(decoder));
  EXPECT_EQ(small.idle_bytes(), all);
  small.give_back(Compression::snappy, std::move(encoder));
  small.give_back(Compression::snappy, std::move(second));
  EXPECT_LE(small.idle_bytes(), kBound);
  EXPECT_GT(small.idle_bytes(), all);
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
