#include "storage/directory/common_end.h"

#include <gtest/gtest.h>

#include <vector>

namespace ottla::storage {
namespace {

struct Copy {
  std::vector<EpochEntry> entries;
  std::int64_t end = 0;
};
EpochEntry at(std::int32_t epoch, std::int64_t start) {
  return {.epoch = LeaderEpoch(epoch), .start = Offset(start)};
}
// -1 when it cannot be told; the same both ways round.
std::int64_t common(const Copy& one, const Copy& other) {
  const LeaderEpochs ones(one.entries);
  const LeaderEpochs others(other.entries);
  const auto there =
      common_end({.epochs = ones, .end = Offset(one.end)}, {.epochs = others, .end = Offset(other.end)});
  const auto back =
      common_end({.epochs = others, .end = Offset(other.end)}, {.epochs = ones, .end = Offset(one.end)});
  EXPECT_EQ(there, back);
  return there ? there->raw() : -1;
}

TEST(CommonEnd, TheShorterOneWhenTheyAgree) {
  EXPECT_EQ(common({{at(0, 0), at(2, 10)}, 20}, {{at(0, 0), at(2, 10)}, 15}), 15);
  EXPECT_EQ(common({{at(0, 0), at(2, 10)}, 20}, {{at(0, 0)}, 8}), 8);
}

TEST(CommonEnd, AnEpochEndsWhereTheNextOneBegins) {
  EXPECT_EQ(common({{at(0, 0), at(2, 10)}, 20}, {{at(0, 0)}, 15}), 10);
  EXPECT_EQ(common({{at(0, 0), at(2, 10)}, 20}, {{at(0, 0), at(1, 12)}, 15}), 10);
}

TEST(CommonEnd, EpochsThatOneNeverHadAreLeftOut) {
  EXPECT_EQ(common({{at(0, 0), at(4, 10)}, 20}, {{at(0, 0), at(1, 6), at(3, 14)}, 18}), 6);
  EXPECT_EQ(common({{at(0, 0), at(1, 5), at(4, 10)}, 20}, {{at(0, 0), at(2, 5)}, 18}), 5);
}

TEST(CommonEnd, AnEpochWithoutRecordsSaysNothing) {
  EXPECT_EQ(common({{at(0, 0), at(7, 10)}, 10}, {{at(0, 0)}, 10}), 10);
}

TEST(CommonEnd, WhatIsDeletedDoesNotMatter) {
  EXPECT_EQ(common({{at(3, 100)}, 120}, {{at(1, 0), at(3, 90)}, 110}), 110);
  EXPECT_EQ(common({{at(3, 100)}, 120}, {{at(1, 0)}, 80}), 80);
}

TEST(CommonEnd, WithoutEpochsItCannotBeTold) {
  EXPECT_EQ(common({{}, 10}, {{at(0, 0)}, 10}), -1);
}

}  // namespace
}  // namespace ottla::storage
