#include "base/json_value.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/arena.h"
#include "base/budget.h"
#include "base/error.h"

namespace ottla {
namespace {

using testing::HasSubstr;

class Json : public testing::Test {
 protected:
  const JsonValue& read(std::string_view text) {
    const auto parsed = parse_json(text, arena_);
    EXPECT_TRUE(parsed.ok()) << text << ": " << parsed.error().to_string();
    static const JsonValue kNull{};
    return parsed.ok() ? **parsed : kNull;
  }
  std::string why_not(std::string_view text) {
    const auto parsed = parse_json(text, arena_);
    return parsed.ok() ? "parsed" : parsed.error().to_string();
  }

  Budget budget_{"test", 1 << 20};
  Arena arena_{budget_};
};

TEST_F(Json, KeepsTheOrderOfMembersAndElements) {
  const JsonValue& root = read(R"({"b":[1,2],"a":{"c":null}})");
  ASSERT_EQ(root.kind(), JsonKind::object);
  EXPECT_EQ(root.size(), 2u);
  EXPECT_EQ(root.begin()->name(), "b");
  std::int64_t sum = 0;
  for (const JsonValue& each : *root.find("b")) sum = sum * 10 + *each.integer();
  EXPECT_EQ(sum, 12);
  EXPECT_TRUE(root.find("a")->find("c")->is_null());
  EXPECT_EQ(root.find("d"), nullptr);
}

TEST_F(Json, EmptyThingsHaveNoChildren) {
  EXPECT_EQ(read("[]").size(), 0u);
  EXPECT_TRUE(read("{}").begin() == read("{}").end());
  EXPECT_EQ(read("7").size(), 0u);
}

TEST_F(Json, IntegersAreExactAtTheirEnds) {
  EXPECT_EQ(read("9223372036854775807").integer(), INT64_MAX);
  EXPECT_EQ(read("-9223372036854775808").integer(), INT64_MIN);
  EXPECT_EQ(read("9007199254740993").integer(), 9007199254740993);
  EXPECT_EQ(read("9223372036854775808").integer(), std::nullopt);
  EXPECT_EQ(read("9223372036854775808").digits(), "9223372036854775808");
}

TEST_F(Json, OtherNumbersAreDoublesAndKeepTheirDigits) {
  EXPECT_EQ(read("1.0").integer(), std::nullopt);
  EXPECT_EQ(read("0.1").real(), 0.1);
  EXPECT_EQ(read("3").real(), 3.0);
  EXPECT_EQ(read("4.9E-324").real(), 4.9E-324);
  EXPECT_EQ(read("1e-999").real(), 0.0);
  EXPECT_EQ(read("1.2300").digits(), "1.2300");
  EXPECT_THAT(why_not("1e999"), HasSubstr("not JSON"));
}

TEST_F(Json, EachKindAnswersForItselfAlone) {
  EXPECT_EQ(read("true").boolean(), true);
  EXPECT_EQ(read("1").boolean(), std::nullopt);
  EXPECT_EQ(read("true").integer(), std::nullopt);
  EXPECT_EQ(read(R"("1")").integer(), std::nullopt);
  EXPECT_EQ(read("null").text(), std::nullopt);
}

TEST_F(Json, TextsAreUnescaped) {
  EXPECT_EQ(read(R"("a\n\"\u20ac\ud83d\ude00\u0000")").text(),
            std::string_view("a\n\"\xE2\x82\xAC\xF0\x9F\x98\x80\0", 11));
}

TEST_F(Json, WhatIsNotJsonIsRefusedWithItsPlace) {
  EXPECT_EQ(why_not(""), "malformed: not JSON at byte 1");
  EXPECT_EQ(why_not("[1,]"), "malformed: not JSON at byte 4");
  for (const std::string_view bad : {"{", "[1", "{\"a\"}", "01", "+1", "NaN", "'a'", "\"\xFF\"",
                                     "\"\\ud800\"", "1 2", "/**/1", "\"\t\"", "tru"}) {
    EXPECT_THAT(why_not(bad), HasSubstr("not JSON at byte")) << bad;
  }
}

TEST_F(Json, ErrorsHoldNoContents) {
  EXPECT_THAT(why_not(R"({"password":"hunter2"x})"), testing::Not(HasSubstr("hunter2")));
}

TEST_F(Json, NestingIsBounded) {
  EXPECT_EQ(read(std::string(64, '[') + std::string(64, ']')).size(), 1u);
  EXPECT_THAT(why_not(std::string(65, '[')), HasSubstr("too_large: JSON nested more than 64 deep"));
  EXPECT_THAT(why_not(std::string(1'000'000, '[')), HasSubstr("too_large"));
}

TEST_F(Json, NamesOfOneObjectDiffer) {
  EXPECT_THAT(why_not(R"({"a":1,"b":2,"a":3})"), HasSubstr("the same name"));
  EXPECT_EQ(read(R"({"a":{"a":1}})").size(), 1u);
}

TEST_F(Json, ASpentBudgetIsAnError) {
  Budget small("small", 400);
  Arena arena(small, {.first_chunk = 64, .kept = 0});
  EXPECT_EQ(parse_json("[1,2,3,4,5,6,7,8,9]", arena).error(), Errc::out_of_budget);
  EXPECT_EQ(parse_json('"' + std::string(500, 'a') + '"', arena).error(), Errc::out_of_budget);
}

}  // namespace
}  // namespace ottla
