#include "base/base64.h"

#include <gtest/gtest.h>

#include <random>

#include "base/hex.h"

namespace ottla {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

std::string standard(std::string_view text) {
  return base64_encode(bytes_of(text), Base64Alphabet::standard, Base64Padding::equals);
}

TEST(Base64, Rfc4648Vectors) {
  EXPECT_EQ(standard(""), "");
  EXPECT_EQ(standard("f"), "Zg==");
  EXPECT_EQ(standard("fo"), "Zm8=");
  EXPECT_EQ(standard("foo"), "Zm9v");
  EXPECT_EQ(standard("foob"), "Zm9vYg==");
  EXPECT_EQ(standard("fooba"), "Zm9vYmE=");
  EXPECT_EQ(standard("foobar"), "Zm9vYmFy");
}

TEST(Base64, AlphabetsDifferInTwoDigits) {
  EXPECT_EQ(standard("\xfb\xff"), "+/8=");
  EXPECT_EQ(base64_encode(bytes_of("\xfb\xff"), Base64Alphabet::url, Base64Padding::none), "-_8");
  EXPECT_EQ(base64_decode("-_8", Base64Alphabet::url).value(), "\xfb\xff");
  EXPECT_FALSE(base64_decode("-_8", Base64Alphabet::standard).ok());
  EXPECT_FALSE(base64_decode("+/8", Base64Alphabet::url).ok());
}

TEST(Base64, DecodesWhatItEncodes) {
  std::mt19937_64 random(5);
  for (std::size_t size = 0; size < 200; ++size) {
    std::string text(size, '\0');
    for (char& c : text) c = static_cast<char>(random());
    for (const auto alphabet : {Base64Alphabet::standard, Base64Alphabet::url}) {
      for (const auto padding : {Base64Padding::none, Base64Padding::equals}) {
        ASSERT_EQ(base64_decode(base64_encode(bytes_of(text), alphabet, padding), alphabet).value(), text);
      }
    }
  }
}

TEST(Base64, WrongEnds) {
  for (const std::string_view text : {"A", "AA=", "AAA==", "AAAA=", "AAAA====", "=", "AAAAA", "A==="}) {
    EXPECT_EQ(base64_decode(text, Base64Alphabet::standard).ok(), false) << text;
  }
}

TEST(Base64, NamesTheForeignCharacter) {
  EXPECT_EQ(base64_decode("AB C", Base64Alphabet::url).error().text(),
            "base64 text has a foreign character at index 2");
  EXPECT_FALSE(base64_decode("A=AA", Base64Alphabet::url).ok());
  EXPECT_FALSE(base64_decode(std::string_view("AA\0A", 4), Base64Alphabet::url).ok());
}

TEST(Hex, BothWays) {
  EXPECT_EQ(hex_encode(bytes_of(std::string_view("\x00\x7f\xff", 3))), "007fff");
  EXPECT_EQ(hex_decode("007fFF").value(), std::string("\x00\x7f\xff", 3));
  EXPECT_EQ(hex_decode("").value(), "");
}

TEST(Hex, Refused) {
  EXPECT_EQ(hex_decode("abc").error().text(), "hexadecimal text of an odd length");
  EXPECT_EQ(hex_decode("0g").error().text(), "hexadecimal text has a foreign character at index 1");
  EXPECT_FALSE(hex_decode("/0").ok());
  EXPECT_FALSE(hex_decode(":0").ok());
}

}  // namespace
}  // namespace ottla
