#include "cli/dump_log/java_text.h"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace ottla::cli {
namespace {

// With '?' for each replacement.
std::string shown(std::string_view bytes) {
  std::string text;
  append_java_text(text, bytes);
  for (std::size_t at = 0; (at = text.find("\xEF\xBF\xBD")) != std::string::npos;) text.replace(at, 3, "?");
  return text;
}

TEST(JavaText, LeavesTextAlone) {
  EXPECT_EQ(shown("plain, grüße ☃ 𝄞\n"), "plain, grüße ☃ 𝄞\n");
  EXPECT_EQ(shown(std::string_view("\0", 1)), std::string_view("\0", 1));
  EXPECT_EQ(shown("\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF"), "\xED\x9F\xBF\xEE\x80\x80\xF4\x8F\xBF\xBF");
}

TEST(JavaText, ReplacesWhatCouldNotGoOnByOneEach) {
  EXPECT_EQ(shown("a\xE2\x82"
                  "b"),
            "a?b");
  EXPECT_EQ(shown("a\xF0\x9D\x84"
                  "b"),
            "a?b");
  EXPECT_EQ(shown("a\xC3"
                  "b\xE2"),
            "a?b?");
  EXPECT_EQ(shown("\xED\xA0\x80 \xED\xA0"), "? ?");  // halves of pairs
}

TEST(JavaText, ReplacesBytesThatBeginNothing) {
  EXPECT_EQ(shown("\x80\xBF"
                  "a"),
            "??a");
  EXPECT_EQ(shown("\xC0\xAF"), "??");            // overlong
  EXPECT_EQ(shown("\xE0\x80\xAF"), "???");       // overlong
  EXPECT_EQ(shown("\xF4\x90\x80\x80"), "????");  // beyond Unicode
  EXPECT_EQ(shown("\xF8\x88"), "??");
}

TEST(JavaText, KnowsWhatIsUtf8) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("☃"));
  for (const char* bad : {"\x80", "\xE2\x98", "\xED\xA0\x80", "\xC0\x80", "a\xFF"})
    EXPECT_FALSE(is_utf8(bad)) << bad;
}

}  // namespace
}  // namespace ottla::cli
