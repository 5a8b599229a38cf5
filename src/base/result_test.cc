#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace ottla {
namespace {

Result<int> half(int value) {
  if (value % 2 != 0) return Error(Errc::invalid_argument, "odd");
  return value / 2;
}

Result<int> quarter(int value) {
  OTTLA_TRY(const int once, half(value));
  OTTLA_TRY(const int twice, half(once));
  return twice;
}

Result<> check_even(int value) {
  OTTLA_CHECK(half(value));
  return {};
}

TEST(Result, HoldsAValue) {
  const Result<int> result = half(8);
  EXPECT_TRUE(result.ok());
  EXPECT_TRUE(static_cast<bool>(result));
  EXPECT_EQ(result.value(), 4);
  EXPECT_EQ(*result, 4);
}

TEST(Result, HoldsAnError) {
  const Result<int> result = half(7);
  EXPECT_FALSE(result.ok());
  EXPECT_EQ(result.error(), Errc::invalid_argument);
  EXPECT_EQ(half(7).value_or(3), 3);
  EXPECT_EQ(half(6).value_or(0), 3);
}

TEST(Result, TryLeavesWithTheError) {
  EXPECT_EQ(quarter(12).value(), 3);
  EXPECT_EQ(quarter(6).error().text(), "odd");
  EXPECT_EQ(quarter(5).error().text(), "odd");
}

TEST(Result, CheckLeavesWithTheError) {
  EXPECT_TRUE(check_even(2).ok());
  EXPECT_EQ(check_even(3).error(), Errc::invalid_argument);
}

TEST(Result, TakesWhatConvertsToItsValue) {
  const Result<std::string> text = "literal";
  EXPECT_EQ(text->size(), 7U);
  const Result<std::unique_ptr<int>> nothing = nullptr;
  EXPECT_EQ(*nothing, nullptr);
}

TEST(Result, MovesAValueThatCannotBeCopied) {
  Result<std::unique_ptr<int>> result = std::make_unique<int>(5);
  const std::unique_ptr<int> value = std::move(result).value();
  EXPECT_EQ(*value, 5);
}

TEST(Result, VoidSucceedsByDefault) {
  const Result<> success;
  EXPECT_TRUE(success.ok());
  success.value();
  const Result<> failure = Errc::closed;
  EXPECT_EQ(failure.error(), Errc::closed);
}

TEST(ResultDeathTest, TheWrongSide) {
  EXPECT_DEATH(static_cast<void>(half(7).value()), "value\\(\\) of a failure(.|\n)*invalid_argument: odd");
  EXPECT_DEATH(static_cast<void>(half(8).error()), "error\\(\\) of a success");
  const Result<> failure = Errc::closed;
  EXPECT_DEATH(failure.value(), "value\\(\\) of a failure(.|\n)*closed");
  EXPECT_DEATH(static_cast<void>(Result<>().error()), "error\\(\\) of a success");
}

}  // namespace
}  // namespace ottla
