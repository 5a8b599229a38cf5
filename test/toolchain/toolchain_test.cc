// What the presets promise is so: a sanitizer that does not bite would make its whole suite decoration.

#include <gtest/gtest.h>

#include <cstdlib>
#include <limits>
#include <memory>
#include <source_location>
#include <string_view>
#include <thread>

#include "test/toolchain/here.h"

namespace ottla::toolchain {
namespace {

TEST(NamesInObjects, AreRelativeToTheRepository) {
  EXPECT_STREQ(__FILE__, "test/toolchain/toolchain_test.cc");
  EXPECT_STREQ(std::source_location::current().file_name(), "test/toolchain/toolchain_test.cc");
  EXPECT_STREQ(place_of_header(), "test/toolchain/here.h");
}

#if defined(__x86_64__)
TEST(Code, RunsOnX86V2) {
  #if defined(__AVX__) || defined(__BMI2__) || !defined(__SSE4_2__) || !defined(__POPCNT__)
  FAIL() << "compiled for another processor than x86-64-v2";
  #endif
}
#endif

#if __has_feature(address_sanitizer)
TEST(AddressSanitizer, SeesAReadBehindTheEnd) {
  EXPECT_DEATH(
      {
        const auto bytes = std::make_unique<volatile char[]>(8);
        std::exit(bytes[std::strtoul("8", nullptr, 10)]);
      },
      "AddressSanitizer: heap-buffer-overflow");
}

TEST(AddressSanitizer, SeesALeak) {
  EXPECT_DEATH(
      {
        char* volatile held = nullptr;  // the last one may still be seen on the stack, the others are lost
        for (int i = 0; i < 10; ++i) held = new char[100];
        std::exit(held == nullptr ? 1 : 0);
      },
      "LeakSanitizer: detected memory leaks");
}

TEST(UndefinedBehaviourSanitizer, SeesAnOverflow) {
  EXPECT_DEATH(
      {
        volatile int big = std::numeric_limits<int>::max();
        big = big + 1;
      },
      "signed integer overflow");
}

TEST(LibraryAssertions, SeeAnIndexThatIsTooLarge) {
  EXPECT_DEATH(
      {
        const std::string_view text = "abc";
        std::exit(text[std::strtoul("3", nullptr, 10)]);
      },
      "Assertion .* failed");
}
#endif

#if __has_feature(thread_sanitizer)
TEST(ThreadSanitizer, SeesARace) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  EXPECT_DEATH(
      {
        int shared = 0;
        std::thread other([&shared] { ++shared; });
        ++shared;
        other.join();
        std::exit(0);
      },
      "ThreadSanitizer: data race");
}
#endif

}  // namespace
}  // namespace ottla::toolchain
