#include <gtest/gtest.h>

#include <string>
#include <string_view>

#include "record/compression/testing/codec_language.h"

namespace ottla::record {
namespace {

class Gzip : public CodecTest {
 protected:
  std::string read(std::string_view block) { return unpacked(Compression::gzip, block); }
  std::string member(std::string_view plain) { return packed(Compression::gzip, plain); }
};

// A member that says "hello", with `flags` and what they announce.
std::string hello(unsigned flags, std::string_view fields) {
  return bytes("1f8b08") + static_cast<char>(flags) + bytes("000000000003") + std::string(fields) +
         bytes("cb48cdc9c907008 6a61036 05000000");
}

TEST_F(Gzip, reads_what_its_tool_writes) {
  EXPECT_EQ(read(hello(0, "")), "hello");
}

TEST_F(Gzip, passes_over_what_a_header_may_hold) {
  EXPECT_EQ(read(hello(0x08, bytes("682e74787400"))), "hello");
  EXPECT_EQ(read(hello(0x1C, bytes("0300 616263 6e00 6300"))), "hello");
  EXPECT_EQ(read(hello(0x01, "")), "hello");  // "text": nobody heeds it
}

TEST_F(Gzip, heeds_the_headers_checksum) {
  EXPECT_EQ(read(hello(0x02, bytes("a777"))), "hello");
  EXPECT_EQ(read(hello(0x02, bytes("a877"))), "!corrupt");
}

TEST_F(Gzip, a_header_cut_off_in_a_field) {
  const std::string whole = hello(0x1E, bytes("0300 616263 6e00 6300 0000"));
  for (std::size_t size = 0; size < 21; ++size) EXPECT_EQ(read(whole.substr(0, size)), "!truncated") << size;
}

TEST_F(Gzip, what_is_no_member) {
  EXPECT_EQ(read(""), "!truncated");
  EXPECT_EQ(read("this is no member at all"), "!malformed");
  EXPECT_EQ(read(bytes("1f8b 07 00 000000000003 cb48")), "!unsupported");
  EXPECT_EQ(read(bytes("1f8b 08 00 000000000003 ffff")), "!malformed");
}

TEST_F(Gzip, trailer_that_lies) {
  std::string wrong_crc = member("plain");
  wrong_crc[wrong_crc.size() - 8] ^= 1;
  EXPECT_EQ(read(wrong_crc), "!corrupt");
  std::string wrong_size = member("plain");
  wrong_size[wrong_size.size() - 4] ^= 1;
  EXPECT_EQ(read(wrong_size), "!corrupt");
}

TEST_F(Gzip, members_follow_each_other) {
  EXPECT_EQ(read(member("one, ") + member("") + member("three")), "one, three");
  const std::string large = records_like(200000);
  EXPECT_EQ(read(member(large) + member(large)), large + large);
}

TEST_F(Gzip, what_follows_and_is_no_member_is_nobodys) {
  EXPECT_EQ(read(member("plain") + "x"), "plain");
  EXPECT_EQ(read(member("plain") + std::string(100, '\0')), "plain");
  EXPECT_EQ(read(member("plain") + "garbage that is long enough to be looked at"), "plain");
  EXPECT_EQ(read(member("plain") + bytes("1f8b07") + std::string(50, 'x')), "plain");
}

TEST_F(Gzip, a_later_member_must_be_whole) {
  const std::string second = member("another");
  EXPECT_EQ(read(member("plain") + second.substr(0, second.size() - 1)), "!truncated");
  EXPECT_EQ(read(member("plain") + second.substr(0, 10)), "!truncated");
  EXPECT_EQ(read(member("plain") + second.substr(0, 9)), "plain");
  std::string wrong = second;
  wrong[wrong.size() - 8] ^= 1;
  EXPECT_EQ(read(member("plain") + wrong), "!corrupt");
}

TEST_F(Gzip, a_bomb_stops_at_the_limit) {
  const std::string bomb = member(std::string(32 << 20, '\0'));
  ASSERT_LT(bomb.size(), 40000u);
  EXPECT_EQ(unpacked(Compression::gzip, bomb, 1 << 20), "!too_large");
  EXPECT_LT(pool_.idle_bytes(), std::size_t{1} << 20);  // the decoder's; the encoder was too large to be kept
}

}  // namespace
}  // namespace ottla::record
