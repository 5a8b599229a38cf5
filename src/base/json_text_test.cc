#include "base/json_text.h"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <limits>
#include <string>

#include "base/json_checker.h"

namespace ottla {
namespace {

// A small document of each form.
std::string written(bool pretty) {
  std::string out;
  JsonText json(out, pretty);
  json.begin_object();
  json.key("a");
  json.begin_array();
  json.integer(-1);
  json.begin_object();
  json.key("b");
  json.boolean(true);
  json.key("c");
  json.null();
  json.end_object();
  json.end_array();
  json.key("d");
  json.begin_array();
  json.end_array();
  json.key("e");
  json.begin_object();
  json.end_object();
  json.end_object();
  return out;
}

std::string real(double value) {
  std::string out;
  JsonText(out).real(value);
  return out;
}

std::string text(std::string_view value) {
  std::string out;
  JsonText(out).text(value);
  return out;
}

TEST(JsonText, CompactHasNoBlanks) {
  EXPECT_EQ(written(false), R"({"a":[-1,{"b":true,"c":null}],"d":[],"e":{}})");
}

TEST(JsonText, PrettyIsIndentedByObjects) {
  EXPECT_EQ(written(true), R"({
  "a" : [ -1, {
    "b" : true,
    "c" : null
  } ],
  "d" : [ ],
  "e" : { }
})");
}

TEST(JsonText, DoublesAreShortestInJavasForm) {
  EXPECT_EQ(real(0.1), "0.1");
  EXPECT_EQ(real(1), "1.0");
  EXPECT_EQ(real(-0.0), "-0.0");
  EXPECT_EQ(real(1e21), "1.0E21");
  EXPECT_EQ(real(-12345678.9), "-1.23456789E7");
  EXPECT_EQ(real(1e7), "1.0E7");
  EXPECT_EQ(real(9999999), "9999999.0");
  EXPECT_EQ(real(0.001), "0.001");
  EXPECT_EQ(real(0.00012), "1.2E-4");
  EXPECT_EQ(real(std::numeric_limits<double>::denorm_min()), "5.0E-324");
  EXPECT_EQ(real(std::numeric_limits<double>::quiet_NaN()), "\"NaN\"");
  EXPECT_EQ(real(-std::numeric_limits<double>::infinity()), "\"-Infinity\"");
}

TEST(JsonText, TakesWhatIsJsonAlready) {
  std::string out;
  JsonText json(out);
  json.begin_array();
  json.raw("{\"a\":1}");
  json.raw("[]");
  json.end_array();
  EXPECT_EQ(out, R"([{"a":1},[]])");
}

TEST(JsonText, TextsAreValidWhateverTheyHold) {
  EXPECT_EQ(text("a\"\\\n\x01€"), R"("a\"\\\n\u0001€")");
  EXPECT_EQ(text("\xFF"), "\"\xEF\xBF\xBD\"");
  for (int byte = 0; byte < 256; ++byte)
    EXPECT_TRUE(JsonChecker::valid(text(std::string(2, static_cast<char>(byte))))) << byte;
}

}  // namespace
}  // namespace ottla
