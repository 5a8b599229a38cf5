#include "cli/storage/scram_argument.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/base64.h"
#include "base/result.h"

namespace ottla::cli {
namespace {

std::uint64_t counted() {
  return 0x0123456789abcdef;
}

std::string error(std::string_view argument) {
  const auto parsed = parse_scram(argument, counted);
  return parsed.ok() ? "none" : std::string(parsed.error().text());
}

TEST(ScramArgument, BecomesTheCredentialOfAUser) {
  const auto user = parse_scram(
      " SCRAM-SHA-256=[name=\"al ice\",iterations=8192,salt=\"MWx2NHBkbnc0ZndxN25vdGN4bTB5eTFrN3E=\","
      "saltedpassword=\"mT0yyUUxnlJaC99HXgRTSYlbuqa4FSGtJCJfTMvjYCE=\",] ",
      counted);
  ASSERT_TRUE(user.ok());
  EXPECT_EQ(user->name, "al ice");
  EXPECT_EQ(user->mechanism, 1);
  EXPECT_EQ(user->iterations, 8192);
  EXPECT_EQ(base64_encode(user->stored_key, Base64Alphabet::standard, Base64Padding::equals),
            "XTIqoHHo3sscdYxycL07uh8utmHn9fXtjqyDF67CjSU=");
}

TEST(ScramArgument, DrawsASaltThatIsNotGiven) {
  const auto user = parse_scram("SCRAM-SHA-512=[name=a,password=b]", counted);
  ASSERT_TRUE(user.ok());
  EXPECT_EQ(user->salt.size(), 26U);
  EXPECT_EQ(user->stored_key.size(), 64U);
  EXPECT_EQ(user->iterations, 4096);
}

TEST(ScramArgument, SaysWhatIsWrong) {
  EXPECT_EQ(error("x"), "Failed to find equals sign in SCRAM argument 'x'");
  EXPECT_EQ(error("SCRAM-SHA-256=["), "Expected configuration string to end with ]");
  EXPECT_EQ(error("SCRAM-SHA-256=[,]"), "You must supply 'name' to add-scram");
  EXPECT_EQ(error("SCRAM-SHA-256=[name=a,password=]"), "Empty key");
  EXPECT_EQ(error("SCRAM-SHA-256=[name=a,password=b,iterations=4095]"),
            "The 'iterations' value must be >= 4096 for add-scram using SCRAM_SHA_256");
}

}  // namespace
}  // namespace ottla::cli
