// What src/runtime/whole_file.h promises, in both worlds.
#include "runtime/whole_file.h"

#include "test/contract/file_language.h"

namespace ottla {
namespace {

using namespace contract;

CONTRACT_TEST(WholeFile, AreReplacedAndRead) {
  const std::string path = at(place, "f");
  EXPECT_EQ(co_await outcome(read_whole_file(files(), path, 10)), "not_found");
  for (const char* text : {"first", "2", ""}) {
    EXPECT_TRUE((co_await replace_file(files(), path, Slice::copy_of(text))).ok());
    EXPECT_EQ((co_await read_whole_file(files(), path, 10)).value().as_string_view(), text);
  }
  EXPECT_EQ(co_await names_in(place.directory), "f");
}

CONTRACT_TEST(WholeFile, MayHaveItsLimitAndNoMore) {
  co_await write_file(at(place, "f"), "12345");
  EXPECT_EQ((co_await read_whole_file(files(), at(place, "f"), 5)).value().size(), 5U);
  EXPECT_EQ(co_await outcome(read_whole_file(files(), at(place, "f"), 4)), "too_large");
}

CONTRACT_TEST(WholeFile, AreWrittenOverWhatIsThere) {
  co_await write_file(at(place, "f"), "longer than what comes");
  co_await must(write_whole_file(files(), at(place, "f"), text("abc")));
  EXPECT_EQ(co_await content_of(at(place, "f")), "abc");
  EXPECT_EQ(co_await outcome(write_whole_file(files(), at(place, "no/f"), text("abc"))), "not_found");
}

CONTRACT_TEST(WholeFile, WhatAnEarlierAttemptLeftIsInNobodysWay) {
  co_await write_file(at(place, "f"), "old");
  co_await write_file(at(place, "f.tmp"), "half a new one, and longer");
  EXPECT_TRUE((co_await replace_file(files(), at(place, "f"), Slice::copy_of("new"))).ok());
  EXPECT_EQ(co_await content_of(at(place, "f")), "new");
}

CONTRACT_TEST(WholeFile, WhatCannotBeReplacedStays) {
  co_await must(files().make_directories(at(place, "d/inside")));
  EXPECT_NE(co_await outcome(replace_file(files(), at(place, "d"), Slice::copy_of("new"))), "ok");
  EXPECT_EQ(co_await names_in(at(place, "d")), "inside/");
}

}  // namespace
}  // namespace ottla
