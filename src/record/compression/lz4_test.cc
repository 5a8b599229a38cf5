#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "record/compression/little_endian.h"
#include "record/compression/testing/codec_language.h"
#include "record/compression/xxhash32.h"

namespace ottla::record {
namespace {

std::string word(std::uint32_t value) {
  std::string out(4, '\0');
  store_little_endian(std::as_writable_bytes(std::span(out)).data(), value);
  return out;
}

// A frame, part by part.
std::string header(unsigned flags, unsigned size = 0x40, std::string_view fields = "", unsigned add = 0) {
  std::string covered{static_cast<char>(flags), static_cast<char>(size)};
  covered += fields;
  return word(0x184D2204) + covered + static_cast<char>((xxhash32(as_bytes(covered)) >> 8) + add);
}
std::string stored(std::string_view plain) {
  return word(static_cast<std::uint32_t>(plain.size()) | 0x80000000) + std::string(plain);
}
std::string block(std::string_view compressed) {
  return word(static_cast<std::uint32_t>(compressed.size())) + std::string(compressed);
}
std::string checksum(std::string_view of) {
  return word(xxhash32(as_bytes(of)));
}
const std::string kEnd = word(0);
constexpr unsigned kPlain = 0x60;  // version 1, independent blocks

class Lz4 : public CodecTest {
 protected:
  std::string read(std::string_view frame) { return unpacked(Compression::lz4, frame); }
  std::string read_magic_0(std::string_view frame) {
    return unpacked(Compression::lz4, frame, 1 << 20, Lz4HeaderChecksum::ignored);
  }
};

TEST(XxHash32, known_values) {
  EXPECT_EQ(xxhash32({}), 0x02CC5D05u);
  EXPECT_EQ(xxhash32(as_bytes("a")), 0x550D7456u);
  EXPECT_EQ(xxhash32(as_bytes("abc")), 0x32D153FFu);
  EXPECT_EQ(xxhash32(as_bytes("Nobody inspects the spammish repetition")), 0xE2293B2Fu);
}

TEST_F(Lz4, reads_what_its_tool_writes) {
  EXPECT_EQ(read(bytes("04224d18 7440 bd 05000080 68656c6c6f f97700fb 00000000 f97700fb")), "hello");
}

TEST_F(Lz4, blocks_follow_each_other) {
  EXPECT_EQ(read(header(kPlain) + stored("one, ") + block(bytes("3074776f")) + kEnd), "one, two");
  EXPECT_EQ(read(header(kPlain) + kEnd), "");
}

TEST_F(Lz4, every_size_of_block) {
  for (unsigned size = 4; size <= 7; ++size) {
    const std::size_t most = std::size_t{1} << (8 + 2 * size);
    const std::string front = header(kPlain, size << 4);
    EXPECT_TRUE(read(front + stored(noise(most)) + kEnd) == noise(most)) << size;
    EXPECT_EQ(read(front + stored(noise(most + 1)) + kEnd), "!malformed") << size;
  }
  for (const unsigned size : {0x00u, 0x30u, 0xC0u, 0x41u})
    EXPECT_EQ(read(header(kPlain, size) + kEnd), "!malformed");
}

TEST_F(Lz4, the_headers_checksum) {
  EXPECT_EQ(read(header(kPlain, 0x40, "", 1) + stored("plain") + kEnd), "!corrupt");
  EXPECT_EQ(read_magic_0(header(kPlain, 0x40, "", 1) + stored("plain") + kEnd), "plain");
}

TEST_F(Lz4, a_content_size_is_not_trusted) {
  const std::string size = bytes("ffffffffffffff7f");
  EXPECT_EQ(read(header(kPlain | 0x08, 0x40, size) + stored("plain") + kEnd), "plain");
  EXPECT_EQ(read(header(kPlain | 0x08, 0x40, size).substr(0, 14)), "!truncated");
}

TEST_F(Lz4, the_checksum_of_a_block) {
  const std::string front = header(kPlain | 0x10) + stored("plain");
  EXPECT_EQ(read(front + checksum("plain") + kEnd), "plain");
  EXPECT_EQ(read(front + checksum("plane") + kEnd), "!corrupt");
  EXPECT_EQ(read(front + "xyz"), "!truncated");
}

TEST_F(Lz4, the_checksum_of_the_content_is_there_and_not_compared) {
  const std::string front = header(kPlain | 0x04) + stored("plain") + kEnd;
  EXPECT_EQ(read(front + checksum("plain")), "plain");
  EXPECT_EQ(read(front + checksum("plane")), "plain");
  EXPECT_EQ(read(front + "xyz"), "!truncated");
}

TEST_F(Lz4, what_the_reference_does_not_read) {
  EXPECT_EQ(read(header(0x40) + kEnd), "!unsupported");  // linked blocks
  EXPECT_EQ(read(header(kPlain | 0x01, 0x40, word(7)) + kEnd), "!unsupported");
  EXPECT_EQ(read(header(0x20) + kEnd), "!unsupported");  // version 0
  EXPECT_EQ(read(header(0xA0) + kEnd), "!unsupported");  // version 2
  EXPECT_EQ(read(header(kPlain | 0x02) + kEnd), "!malformed");
}

TEST_F(Lz4, what_is_no_frame) {
  EXPECT_EQ(read(""), "!truncated");
  EXPECT_EQ(read("this is no frame at all"), "!malformed");
  EXPECT_EQ(read(bytes("502a4d18 00000000") + header(kPlain) + kEnd), "!malformed");  // skippable
}

TEST_F(Lz4, a_block_that_cannot_be_decoded) {
  EXPECT_EQ(read(header(kPlain) + block(bytes("f0")) + kEnd), "!malformed");
  EXPECT_EQ(read(header(kPlain) + block(bytes("1061ffff")) + kEnd), "!malformed");  // looks back too far
  EXPECT_EQ(read(header(kPlain) + block(bytes("00")) + kEnd), "!malformed");        // holds nothing
}

TEST_F(Lz4, what_follows_is_nobodys) {
  const std::string frame = header(kPlain) + stored("plain") + kEnd;
  EXPECT_EQ(read(frame + "x"), "plain");
  EXPECT_EQ(read(frame + frame), "plain");
}

TEST_F(Lz4, a_frame_without_its_end) {
  EXPECT_EQ(read(header(kPlain) + stored("plain")), "!truncated");
  EXPECT_EQ(read(header(kPlain) + stored("plain") + "abc"), "!truncated");
}

TEST_F(Lz4, a_bomb_stops_at_the_limit) {
  const std::string bomb = packed(Compression::lz4, std::string(32 << 20, '\0'));
  CodecPool pool;
  EXPECT_EQ(decompress(pool, Compression::lz4, as_bytes(bomb), 1 << 20).error(), Errc::too_large);
  EXPECT_LT(pool.idle_bytes(), 70000u);
}

}  // namespace
}  // namespace ottla::record
