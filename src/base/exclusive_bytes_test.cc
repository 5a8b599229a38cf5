#include "base/exclusive_bytes.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <utility>

#include "base/slice.h"

namespace ottla {
namespace {

TEST(ExclusiveBytes, ChangeBytesWhereTheyLie) {
  Slice frame = Slice::copy_of("ab batch of another");
  const std::byte* place = frame.data();
  ExclusiveBytes mine(frame.split_front(8));
  mine.span()[0] = std::byte{'A'};
  mine.truncate(2);
  const Slice patched = std::move(mine).freeze();
  EXPECT_EQ(patched.as_string_view(), "Ab");
  EXPECT_EQ(patched.data(), place);
  EXPECT_EQ(frame.as_string_view(), " of another");
}

TEST(ExclusiveBytes, KeepTheirBlock) {
  ExclusiveBytes mine(Slice::copy_of("batch"));
  mine.span()[4] = std::byte{'k'};
  const Slice patched = std::move(mine).freeze();
  EXPECT_EQ(patched.owner()->claims(), 1U);
  EXPECT_EQ(patched.as_string_view(), "batck");
}

TEST(ExclusiveBytesDeathTest, StaticBytesAreRefused) {
  EXPECT_DEATH(ExclusiveBytes(Slice::from_static("a table")), "without an owner");
  EXPECT_EQ(ExclusiveBytes(Slice()).size(), 0U);
}

}  // namespace
}  // namespace ottla
