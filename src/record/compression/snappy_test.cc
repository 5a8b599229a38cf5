#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/endian.h"
#include "record/compression/testing/codec_language.h"

namespace ottla::record {
namespace {

// "hello" and the like as one snappy block: the size, then one literal.
std::string literal(std::string_view plain) {
  return static_cast<char>(plain.size()) + std::string(1, static_cast<char>((plain.size() - 1) << 2)) +
         std::string(plain);
}
std::string number(std::int32_t value) {
  std::string out(4, '\0');
  store_big_endian(std::as_writable_bytes(std::span(out)).data(), value);
  return out;
}
std::string chunk(std::string_view block) {
  return number(static_cast<std::int32_t>(block.size())) + std::string(block);
}
const std::string kHeader = bytes("82534e4150505900 00000001 00000001");

class Snappy : public CodecTest {
 protected:
  std::string read(std::string_view block, std::uint64_t most = 1 << 26) {
    return unpacked(Compression::snappy, block, most);
  }
};

TEST_F(Snappy, framed_as_the_java_client_does) {
  EXPECT_EQ(read(kHeader + chunk(literal("one, ")) + chunk(literal("two"))), "one, two");
  EXPECT_EQ(read(kHeader), "");
  EXPECT_EQ(packed(Compression::snappy, "hello"), kHeader + chunk(literal("hello")));
}

TEST_F(Snappy, raw_as_others_do) {
  EXPECT_EQ(read(literal("hello")), "hello");
  EXPECT_EQ(read(std::string(1, '\0')), "");
  // Too short for a header, whatever it looks like.
  EXPECT_EQ(read(kHeader.substr(0, 15)), "!malformed");
}

TEST_F(Snappy, streams_may_be_joined) {
  const std::string stream = kHeader + chunk(literal("one "));
  EXPECT_EQ(read(stream + stream + kHeader + stream), "one one one ");
}

TEST_F(Snappy, versions_count_in_later_headers_only) {
  const std::string old = bytes("82534e4150505900 00000000 00000000");
  EXPECT_EQ(read(old + chunk(literal("one"))), "one");
  EXPECT_EQ(read(kHeader + chunk(literal("one")) + old), "!unsupported");
}

TEST_F(Snappy, what_follows_and_is_no_chunk_is_nobodys) {
  const std::string stream = kHeader + chunk(literal("plain"));
  EXPECT_EQ(read(stream + "xyz"), "plain");
  EXPECT_EQ(read(stream + bytes("82534e41 ffffffff ffffffff ffffffff") + "and more"), "plain");
  EXPECT_EQ(read(literal("plain") + "x"), "!malformed");
}

TEST_F(Snappy, an_empty_chunk_is_passed_over) {
  const std::string nothing = chunk(std::string(1, '\0'));
  EXPECT_EQ(read(kHeader + nothing + chunk(literal("plain")) + nothing), "plain");
  EXPECT_EQ(read(kHeader + number(0) + chunk(literal("plain"))), "!malformed");
}

TEST_F(Snappy, chunks_that_are_cut_off) {
  EXPECT_EQ(read(kHeader + number(100) + literal("plain")), "!truncated");
  EXPECT_EQ(read(kHeader + number(-5) + literal("plain")), "!malformed");
  EXPECT_EQ(read(kHeader + number(INT32_MAX) + literal("plain")), "!truncated");
  EXPECT_EQ(read(kHeader + chunk(literal("plain")) + kHeader.substr(0, 12)), "!truncated");
  EXPECT_EQ(read(""), "!truncated");
}

TEST_F(Snappy, blocks_that_cannot_be_decoded) {
  EXPECT_EQ(read(bytes("0510 68656c6c")), "!malformed");         // literal cut off
  EXPECT_EQ(read(bytes("0610 68656c6c6f")), "!malformed");       // says one byte more
  EXPECT_EQ(read(bytes("0a10 68656c6c6f 09ff")), "!malformed");  // looks back too far
  EXPECT_EQ(read(bytes("ffffffffff")), "!malformed");            // size without end
  EXPECT_EQ(read("this is no block at all"), "!malformed");
}

TEST_F(Snappy, a_size_that_cannot_be_true_takes_no_memory) {
  EXPECT_EQ(read(bytes("ffffffff0f 10 68656c6c6f")), "!malformed");
  EXPECT_EQ(read(kHeader + chunk(bytes("ffffffff0f 10 68656c6c6f"))), "!malformed");
  EXPECT_LT(pool_.idle_bytes(), 1000u);
}

TEST_F(Snappy, a_size_over_the_limit_takes_no_memory) {
  std::string bomb = bytes("80808001 f03f") + std::string(64, 'x');
  for (int i = 1; i < 32768; ++i) bomb += bytes("fe0100");  // 64 bytes more of the same
  EXPECT_EQ(read(bomb), std::string(2 << 20, 'x'));
  CodecPool pool;
  EXPECT_EQ(decompress(pool, Compression::snappy, as_bytes(bomb), (2 << 20) - 1).error(), Errc::too_large);
  EXPECT_LT(pool.idle_bytes(), 1000u);
}

}  // namespace
}  // namespace ottla::record
