#include "config/properties.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

namespace ottla::config {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;

auto Is(std::string_view key, std::string_view value) {
  return AllOf(Field(&Property::key, key), Field(&Property::value, value));
}

TEST(PropertiesFiles, AreReadAsJavaReadsThem) {
  const auto read = parse_properties(
      "# comment\n  ! another\n\n a = 1\nb:2\nc 3\nd\\ e\\=f==g\nlong=a\\\n   b\\\\\nu=\\u00e4\\u0041\n"
      "t=\\t\\x\nempty\nodd=\\",
      "f");
  ASSERT_TRUE(read.ok());
  EXPECT_THAT(*read,
              ElementsAre(Is("a", "1"), Is("b", "2"), Is("c", "3"), Is("d e=f", "=g"), Is("long", "ab\\"),
                          Is("u",
                             "\xc3\xa4"
                             "A"),
                          Is("t", "\tx"), Is("empty", ""), Is("odd", "")));
}

TEST(PropertiesFiles, MayEscapeAnyCharacter) {
  const auto read = parse_properties("a=\\u20ac\\ud83d\\ude00\\ud83dx\\ude00", "f");
  ASSERT_TRUE(read.ok());
  EXPECT_THAT(*read, ElementsAre(Is("a", "\xe2\x82\xac\xf0\x9f\x98\x80?x?")));
}

TEST(PropertiesFiles, WantWholeEscapes) {
  for (const std::string_view text : {"a=\\u12", "a=\\u12g4", "a=\\u", "\\u=1", "a=\\u12:4"}) {
    EXPECT_FALSE(parse_properties(text, "f").ok()) << text;
  }
}

TEST(PropertiesFiles, SayWhereEachPropertyBegins) {
  const auto read = parse_properties("# c\r\na=1\r\n\r\nb=\\\r\n  2\r\nc=3", "f");
  ASSERT_TRUE(read.ok());
  const auto at = [](std::size_t line) { return Field(&Property::line, line); };
  EXPECT_THAT(*read, ElementsAre(at(2), at(4), at(6)));
}

TEST(PropertiesFiles, NameTheLineOfABadEscape) {
  EXPECT_THAT(std::string(parse_properties("a=1\nb=\\\n \\u00", "the.file").error().text()),
              HasSubstr("the.file line 2"));
}

TEST(PropertiesFiles, AreWrittenSoThatTheyReadTheSame) {
  const std::vector<Property> all = {{.key = "a b", .value = " c:d=e#f!g\\h"},
                                     {.key = "t", .value = "\t\r\n\f"}};
  const auto again = parse_properties(encode_properties(all, 0), "f");
  ASSERT_TRUE(again.ok());
  EXPECT_THAT(*again, ElementsAre(Is("a b", " c:d=e#f!g\\h"), Is("t", "\t\r\n\f")));
}

}  // namespace
}  // namespace ottla::config
