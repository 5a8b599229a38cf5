// The administered node: the correct form survives, each planted bug is found, one seed is one story.
#include "test/node/admin/admin_world.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "test/node/admin/admin_plant.h"
#include "testing/plant_search.h"

namespace ottla::server {
namespace {

// The suite runs under sanitizers too; whoever wants more seeds asks `./dev sim --world node`.
constexpr std::uint64_t kHealthySeeds = 6;
constexpr std::uint64_t kSeedsToFind = 300;

ottla::testing::Outcome run(std::uint64_t seed) {
  return ottla::testing::run_seed(AdminWorld(), seed);
}

TEST(AdminWorld, SurvivesWhatBefallsIt) {
  std::uint64_t acked = 0;
  for (std::uint64_t seed = 1; seed <= kHealthySeeds; ++seed) {
    const testing::Outcome outcome = run(seed);
    EXPECT_TRUE(outcome.clean()) << "seed " << seed << ": " << outcome.violations.front();
    acked += outcome.acked_operations;
  }
  EXPECT_GE(acked, 10 * kHealthySeeds) << "the troubles leave room for work";
}

TEST(AdminWorld, OneSeedIsOneStory) {
  EXPECT_EQ(run(5).hash, run(5).hash);
}

class AdminPlantTest : public ::testing::TestWithParam<NamedAdminPlant> {};

TEST_P(AdminPlantTest, IsFound) {
  EXPECT_DEATH(ottla::testing::search_planted(AdminWorld(), GetParam().name, kSeedsToFind),
               ottla::testing::kFoundPlanted);
}

INSTANTIATE_TEST_SUITE_P(Planted, AdminPlantTest, ::testing::ValuesIn(kAdminPlants),
                         [](const auto& plant) { return ottla::testing::test_name_of(plant.param.name); });

}  // namespace
}  // namespace ottla::server
