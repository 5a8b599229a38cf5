// Seeds of the storage world, and whether bugs that are planted in it are found.
#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <string_view>

#include "test/storage/log/storage_world.h"

namespace ottla::storage {
namespace {

TEST(LogModel, WhatComesBackIsAPrefixWithAllThatWasDurable) {
  const StorageWorld world;
  std::uint64_t acked = 0;
  constexpr std::uint64_t kSeeds = 100;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    const testing::Outcome outcome = world.run(world.request(seed));
    ASSERT_TRUE(outcome.clean()) << "seed " << seed << ": " << outcome.violations.front();
    acked += outcome.acked_operations;
  }
  EXPECT_GT(acked, 100 * kSeeds);
}

TEST(LogModel, TheSameSeedIsTheSameRun) {
  const StorageWorld world;
  EXPECT_EQ(world.run(world.request(5)).hash, world.run(world.request(5)).hash);
}

// Words of letters and digits, as the names of tests have to be.
std::string name_of_test(std::string_view bug) {
  std::string name(bug);
  std::ranges::replace(name, '-', '_');
  return name;
}

class Planted : public ::testing::TestWithParam<std::string_view> {};

TEST_P(Planted, IsFound) {
  const StorageWorld world;
  constexpr std::uint64_t kSeeds = 5000;
  for (std::uint64_t seed = 1; seed <= kSeeds; ++seed) {
    testing::RunRequest request = world.request(seed);
    request.planted_bug = GetParam();
    if (!world.run(request).clean()) return;
  }
  FAIL() << "not found in " << kSeeds << " seeds";
}

INSTANTIATE_TEST_SUITE_P(Bugs, Planted, ::testing::ValuesIn(StorageWorld().bugs()),
                         [](const auto& bug) { return name_of_test(bug.param); });

}  // namespace
}  // namespace ottla::storage
