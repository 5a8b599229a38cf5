#include "base/log_format.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_checker.h"
#include "base/log_escape.h"
#include "base/log_record.h"

namespace ottla {
namespace {

std::string text_of(std::string_view bytes) {
  std::string out;
  append_escaped_text(out, bytes);
  return out;
}
std::string json_of(std::string_view bytes) {
  std::string out;
  append_escaped_json(out, bytes);
  return out;
}
std::string line_of(LogFormat format, const std::vector<LogField>& fields) {
  std::array<std::byte, kMaxLogRecord> record;
  const std::size_t size =
      encode_log_record(record, {.module = "m", .message = "x", .file = "f.cc", .line = 1}, fields);
  std::string out;
  append_log_line(out, format, LogRecordView(std::span(record).first(size)));
  return out;
}

TEST(LogEscape, KeepsOrdinaryText) {
  for (const std::string_view text : {"", "plain", "grün", "日本", "🎉"}) {
    EXPECT_EQ(text_of(text), text);
    EXPECT_EQ(json_of(text), text);
  }
}

TEST(LogEscape, ShowsWhatIsNotUtf8) {
  // A stray byte, a cut sequence, an over-long form, a surrogate, a number beyond the last character.
  EXPECT_EQ(text_of("\x80|\xE2\x82|\xC0\xAF|\xED\xA0\x80|\xF4\x90\x80\x80"),
            R"(\x80|\xe2\x82|\xc0\xaf|\xed\xa0\x80|\xf4\x90\x80\x80)");
  EXPECT_EQ(json_of("a\xFFz"), "a\uFFFDz");
}

TEST(LogEscape, TamesTerminals) {
  EXPECT_EQ(text_of("\x1B[2J\x7F"), R"(\u001b[2J\u007f)");
  EXPECT_EQ(json_of("\u0085\u202E\u2066\u2029"), R"(\u0085\u202e\u2066\u2029)");
}

TEST(LogFormat, NumbersThatJsonLacksAreWords) {
  const double infinity = std::numeric_limits<double>::infinity();
  const std::string line =
      line_of(LogFormat::json, {{"a", infinity}, {"b", -infinity}, {"c", std::nan("")}, {"d", 1e300}});
  EXPECT_NE(line.find(R"("fields":{"a":"inf","b":"-inf","c":"nan","d":1e+300}})"), std::string::npos) << line;
}

TEST(LogFormat, SecretsAndMarksInJson) {
  const std::string line =
      line_of(LogFormat::json,
              {{"p", Redacted{}}, {"s", std::string_view("x")}, {"b", true}, {"i", std::int64_t{-1}}});
  EXPECT_NE(line.find(R"("fields":{"p":"[redacted]","s":"x","b":true,"i":-1}})"), std::string::npos) << line;
}

TEST(JsonChecker, KnowsJson) {
  for (const std::string_view good : {"{}", "[]", R"({"a":[1,-0.5e+3,true,null,"\u00e9é"]})", "0"}) {
    EXPECT_TRUE(JsonChecker::valid(good)) << good;
  }
  for (const std::string_view bad :
       {"", "{", "{}x", "01", "1.", "\"\n\"", "\"\\x\"", "\"\\u12g4\"", "{\"a\"}", "[1,]", "\"\xFF\"",
        "\"\xED\xA0\x80\"", "\"\xC0\xAF\"", "nan", "\"", "\"\\"}) {
    EXPECT_FALSE(JsonChecker::valid(bad)) << bad;
  }
}

// Bytes that are mostly special: quotes, escapes, starts and ends of UTF-8 sequences.
std::string awkward_bytes(std::mt19937_64& random) {
  constexpr std::string_view kAwkward =
      "a \"\\\n\r\t\x01\x7F\x80\xBF\xC2\xE2\x80\xA8\xED\xA0\xF0\x9F\xF4\xFF=";
  std::string bytes;
  for (std::size_t i = random() % 40; i > 0; --i) {
    bytes += random() % 4 == 0 ? static_cast<char>(random()) : kAwkward[random() % kAwkward.size()];
  }
  return bytes;
}

TEST(LogFormat, EveryLineIsOneValidLine) {
  std::mt19937_64 random(8);
  for (int round = 0; round < 5'000; ++round) {
    const std::string one = awkward_bytes(random);
    const std::string two = awkward_bytes(random);
    const std::vector<LogField> fields = {{"one", std::string_view(one)},
                                          {"n", std::bit_cast<double>(random())},
                                          {"two", std::string_view(two)}};
    const std::string json = line_of(LogFormat::json, fields);
    ASSERT_TRUE(json.ends_with('\n') && JsonChecker::valid(json.substr(0, json.size() - 1))) << json;
    const std::string text = line_of(LogFormat::text, fields);
    ASSERT_EQ(
        std::ranges::find_if(text, [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }),
        text.end() - 1)
        << text;
    // The text's string, in quotes of our own, is JSON too but for \xNN.
    ASSERT_TRUE(JsonChecker::valid('"' + json_of(one) + '"'));
  }
}

}  // namespace
}  // namespace ottla
