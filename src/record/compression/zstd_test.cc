#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "record/compression/little_endian.h"
#include "record/compression/testing/codec_language.h"

namespace ottla::record {
namespace {

const std::string kMagic = bytes("28b52ffd");

// Blocks of a frame: as they are, or one byte many times.
std::string block_head(std::size_t size, unsigned type, bool last) {
  const auto head = static_cast<std::uint32_t>((size << 3) | (type << 1) | (last ? 1 : 0));
  std::string out(4, '\0');
  store_little_endian(std::as_writable_bytes(std::span(out)).data(), head);
  return out.substr(0, 3);
}
std::string stored(std::string_view plain, bool last = true) {
  return block_head(plain.size(), 0, last) + std::string(plain);
}
std::string repeated(char byte, std::size_t count, bool last = true) {
  return block_head(count, 1, last) + byte;
}
// A frame without size whose window is 1 KiB times a power of two.
std::string open_frame(unsigned doublings) {
  return kMagic + bytes("00") + static_cast<char>(doublings << 3);
}
std::string frame(std::string_view plain) {
  return open_frame(7) + stored(plain);
}

class Zstd : public CodecTest {
 protected:
  std::string read(std::string_view block, std::uint64_t most = 1 << 26) {
    return unpacked(Compression::zstd, block, most);
  }
};

TEST_F(Zstd, reads_what_its_tool_writes) {
  EXPECT_EQ(read(bytes("28b52ffd 0458 290000 68656c6c6f a36d9f88")), "hello");
}

TEST_F(Zstd, nothing_is_a_block_of_nothing) {
  EXPECT_EQ(read(""), "");
}

TEST_F(Zstd, frames_follow_each_other) {
  EXPECT_EQ(read(frame("one, ") + frame("") + frame("three")), "one, three");
}

TEST_F(Zstd, skippable_frames_say_nothing) {
  const std::string skippable = bytes("502a4d18 03000000 616263");
  EXPECT_EQ(read(skippable + frame("one, ") + skippable + skippable + frame("two") + skippable), "one, two");
  EXPECT_EQ(read(skippable), "");
  EXPECT_EQ(read(bytes("5f2a4d18 ffffffff 616263")), "!truncated");
}

TEST_F(Zstd, the_checksum_of_a_frame) {
  EXPECT_EQ(read(bytes("28b52ffd 0458 290000 68656c6c6f a36d9f89")), "!corrupt");
  EXPECT_EQ(read(bytes("28b52ffd 0458 290000 68656c6c6f a36d9f")), "!truncated");
}

TEST_F(Zstd, what_follows_must_be_a_frame) {
  EXPECT_EQ(read(frame("plain") + "garbage"), "!malformed");
  EXPECT_EQ(read(frame("plain") + "x"), "!malformed");
  const std::string second = frame("another");
  for (std::size_t size = 1; size < second.size(); ++size)
    EXPECT_EQ(read(frame("plain") + second.substr(0, size)), "!truncated") << size;
}

TEST_F(Zstd, what_is_no_frame) {
  EXPECT_EQ(read("this is no frame at all"), "!malformed");
  EXPECT_EQ(read(bytes("28b52ffd 08 38")), "!unsupported");        // a reserved bit
  EXPECT_EQ(read(open_frame(7) + bytes("070000")), "!malformed");  // block of the reserved type
}

TEST_F(Zstd, dictionaries_are_unknown) {
  EXPECT_EQ(read(kMagic + bytes("01 38 07") + stored("plain")), "!unsupported");
}

TEST_F(Zstd, windows_as_large_as_the_references) {
  EXPECT_EQ(read(open_frame(17) + stored("plain")), "plain");  // 128 MiB
  EXPECT_EQ(read(open_frame(18) + stored("plain")), "!too_large");
  EXPECT_LT(pool_.idle_bytes(), CodecPool::kIdleBytes);
}

TEST_F(Zstd, a_stated_size_is_not_trusted) {
  EXPECT_EQ(read(kMagic + bytes("a0 05000000") + stored("plain")), "plain");
  EXPECT_EQ(read(kMagic + bytes("a0 06000000") + stored("plain")), "!malformed");
  EXPECT_EQ(read(kMagic + bytes("a0 04000000") + stored("plain")), "!malformed");
  EXPECT_EQ(read(kMagic + bytes("a0 00000004") + stored("plain")), "!malformed");  // 64 MiB
}

TEST_F(Zstd, a_stated_size_over_the_limit_is_believed) {
  CodecPool pool;
  const std::string frame = kMagic + bytes("a0 01000004") + stored("plain");
  EXPECT_EQ(decompress(pool, Compression::zstd, as_bytes(frame), 1 << 26).error(), Errc::too_large);
  EXPECT_LT(pool.idle_bytes(), 500000u);
}

TEST_F(Zstd, a_bomb_stops_at_the_limit) {
  std::string bomb = open_frame(7);
  for (int i = 0; i < 256; ++i) bomb += repeated('x', 128 << 10, i == 255);
  EXPECT_EQ(read(bomb, 32 << 20).size(), 32u << 20);
  EXPECT_EQ(read(bomb, (32 << 20) - 1), "!too_large");
  EXPECT_LT(pool_.idle_bytes(), 1u << 20);
}

TEST_F(Zstd, runs_end_anywhere) {
  std::string text = open_frame(7);
  std::string plain;
  for (int i = 1; i <= 200; ++i) {
    text += repeated(static_cast<char>('a' + i % 26), static_cast<std::size_t>(i * 37), i == 200);
    plain += std::string(static_cast<std::size_t>(i * 37), static_cast<char>('a' + i % 26));
  }
  EXPECT_EQ(read(text), plain);
}

}  // namespace
}  // namespace ottla::record
