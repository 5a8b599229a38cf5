#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/slice.h"
#include "record/compression/testing/codec_language.h"

namespace ottla::record {
namespace {

class RoundTrip : public CodecTest, public testing::WithParamInterface<Compression> {
 protected:
  std::string there_and_back(std::string_view plain) {
    return unpacked(GetParam(), packed(GetParam(), plain));
  }
};

TEST_P(RoundTrip, keeps_what_records_hold) {
  for (const std::size_t size :
       {0u, 1u, 2u, 100u, 32767u, 32768u, 32769u, 65535u, 65536u, 65537u, 131072u, 200000u, 1000000u}) {
    const std::string plain = records_like(size);
    EXPECT_EQ(there_and_back(plain), plain) << size;
  }
}

TEST_P(RoundTrip, keeps_what_does_not_compress) {
  for (const std::size_t size : {1u, 1000u, 65536u, 300000u}) {
    const std::string plain = noise(size);
    EXPECT_EQ(there_and_back(plain), plain) << size;
  }
}

TEST_P(RoundTrip, keeps_what_compresses_to_nearly_nothing) {
  const std::string plain(3 << 20, 'x');
  EXPECT_EQ(there_and_back(plain), plain);
}

TEST_P(RoundTrip, every_level) {
  const auto levels = levels_of(GetParam());
  const std::string plain = records_like(150000);
  std::vector<int> chosen = {default_level(GetParam())};
  for (int level = levels ? std::max(levels->least, -3) : 1; levels && level <= levels->most; ++level) {
    if (levels->contains(level)) chosen.push_back(level);
  }
  for (const int level : chosen)
    EXPECT_EQ(unpacked(GetParam(), packed({GetParam(), level}, plain)), plain) << level;
}

TEST_P(RoundTrip, the_pieces_of_a_chain_are_one_text) {
  const std::string plain = records_like(200000);
  Chain chain;
  for (std::size_t at = 0; at < plain.size();) {
    const std::size_t size = std::min<std::size_t>(1 + at % 50000, plain.size() - at);
    chain.append(Slice::copy_of(std::string_view(plain).substr(at, size)));
    at += size;
  }
  const auto block = compress(pool_, CompressionSpec(GetParam()), chain);
  ASSERT_TRUE(block.ok());
  EXPECT_EQ(unpacked(GetParam(), block->as_string_view()), plain);
}

TEST_P(RoundTrip, in_one_piece) {
  const std::string plain = records_like(500000);
  const std::string block = packed(GetParam(), plain);
  const auto whole = decompress(pool_, GetParam(), as_bytes(block), plain.size());
  ASSERT_TRUE(whole.ok());
  EXPECT_EQ(whole->as_string_view(), plain);
}

TEST_P(RoundTrip, the_limit_is_the_last_that_passes) {
  const std::string plain = records_like(100000);
  const std::string block = packed(GetParam(), plain);
  EXPECT_EQ(unpacked(GetParam(), block, 100000), plain);
  EXPECT_EQ(unpacked(GetParam(), block, 99999), "!too_large");
  EXPECT_EQ(decompress(pool_, GetParam(), as_bytes(block), 99999).error(), Errc::too_large);
}

TEST_P(RoundTrip, what_was_made_before_does_not_show) {
  const std::string plain = records_like(70000);
  const std::string first = packed(GetParam(), plain);
  packed(GetParam(), noise(90000));
  if (levels_of(GetParam())) packed({GetParam(), levels_of(GetParam())->least}, plain);
  EXPECT_EQ(packed(GetParam(), plain), first);
}

TEST_P(RoundTrip, stands_behind_a_header) {
  const std::string plain = records_like(5000);
  const auto batch =
      compress_behind(pool_, CompressionSpec(GetParam()), as_bytes("header"), Chain(Slice::copy_of(plain)));
  ASSERT_TRUE(batch.ok());
  const std::string text(reinterpret_cast<const char*>(batch->filled().data()), batch->size());
  EXPECT_EQ(text, "header" + packed(GetParam(), plain));
}

TEST_P(RoundTrip, a_broken_block_leaves_no_trace) {
  const std::string plain = records_like(100000);
  const std::string block = packed(GetParam(), plain);
  unpacked(GetParam(), block.substr(0, block.size() / 2));
  unpacked(GetParam(), "garbage that is no block at all");
  EXPECT_EQ(unpacked(GetParam(), block), plain);
}

TEST_P(RoundTrip, a_block_may_be_left_half_read) {
  const std::string plain = records_like(300000);
  const std::string block = packed(GetParam(), plain);
  {
    auto half = Decompressor::open(pool_, GetParam(), as_bytes(block), {.max_output = 1 << 20});
    ASSERT_TRUE(half.ok() && half->next().ok());
    EXPECT_EQ(pool_.in_use(), 1u);
    Decompressor moved = std::move(*half);
    EXPECT_TRUE(moved.next().ok());
    EXPECT_EQ(pool_.in_use(), 1u);
  }
  EXPECT_EQ(pool_.in_use(), 0u);
  EXPECT_EQ(unpacked(GetParam(), block), plain);
}

// However a block is cut off: an error, or a part of the text where the format has no mark for its end.
TEST_P(RoundTrip, cut_off_anywhere) {
  const std::string plain = records_like(3000);
  const std::string block = packed(GetParam(), plain);
  for (std::size_t size = 0; size < block.size(); ++size) {
    const std::string text = unpacked(GetParam(), std::string_view(block).substr(0, size));
    const bool marked = GetParam() == Compression::gzip || GetParam() == Compression::lz4;
    if (marked || !text.empty()) EXPECT_TRUE(text == "!truncated" || text == "!malformed") << size << text;
  }
}

TEST_P(RoundTrip, every_bit_turned) {
  const std::string plain = records_like(300);
  const std::string block = packed(GetParam(), plain);
  for (std::size_t bit = 0; bit < 8 * block.size(); ++bit) {
    std::string broken = block;
    broken[bit / 8] = static_cast<char>(broken[bit / 8] ^ (1 << bit % 8));
    EXPECT_LE(unpacked(GetParam(), broken, 100000).size(), 100000u);
  }
  EXPECT_EQ(unpacked(GetParam(), block), plain);
}

INSTANTIATE_TEST_SUITE_P(Codecs, RoundTrip,
                         testing::Values(Compression::gzip, Compression::snappy, Compression::lz4,
                                         Compression::zstd));

using Uncompressed = CodecTest;

TEST_F(Uncompressed, is_one_run_where_it_lies) {
  const std::string plain = records_like(100000);
  auto run = Decompressor::open(pool_, Compression::none, as_bytes(plain), {.max_output = 100000});
  ASSERT_TRUE(run.ok());
  EXPECT_EQ(run->next()->data(), as_bytes(plain).data());
  EXPECT_TRUE(run->next()->empty());
  EXPECT_EQ(packed(Compression::none, plain), plain);
}

using Levels = CodecTest;

TEST_F(Levels, are_the_references) {
  EXPECT_EQ(packed({Compression::gzip, 0}, "x"), "!invalid_argument");
  EXPECT_EQ(packed({Compression::gzip, 10}, "x"), "!invalid_argument");
  EXPECT_EQ(packed({Compression::lz4, 0}, "x"), "!invalid_argument");
  EXPECT_EQ(packed({Compression::lz4, 18}, "x"), "!invalid_argument");
  EXPECT_EQ(packed({Compression::zstd, 23}, "x"), "!invalid_argument");
  EXPECT_EQ(packed({Compression::zstd, -131073}, "x"), "!invalid_argument");
  EXPECT_EQ(default_level(Compression::gzip), -1);
  EXPECT_EQ(default_level(Compression::lz4), 9);
  EXPECT_EQ(default_level(Compression::zstd), 3);
  EXPECT_EQ(levels_of(Compression::snappy), std::nullopt);
}

TEST_F(Levels, the_higher_one_packs_closer) {
  const std::string plain = records_like(200000);
  EXPECT_LT(packed({Compression::gzip, 9}, plain).size(), packed({Compression::gzip, 1}, plain).size());
  EXPECT_LT(packed({Compression::zstd, 19}, plain).size(), packed({Compression::zstd, 1}, plain).size());
  EXPECT_LT(packed({Compression::zstd, 1}, plain).size(), packed({Compression::zstd, -5}, plain).size());
  // The default is the fast compressor, not level 9 of the high one.
  EXPECT_LT(packed({Compression::lz4, 8}, plain).size(), packed({Compression::lz4, 9}, plain).size());
}

}  // namespace
}  // namespace ottla::record
