// The node that keeps records: the correct form survives, each planted bug is found, one seed is one story.
#include "test/node/records/records_world.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "test/node/records/records_plant.h"
#include "testing/plant_search.h"

namespace ottla::server {
namespace {

// The suite runs under sanitizers too; whoever wants more seeds asks `./dev sim --world data`.
constexpr std::uint64_t kHealthySeeds = 6;
constexpr std::uint64_t kSeedsToFind = 300;

ottla::testing::Outcome run(std::uint64_t seed) {
  return ottla::testing::run_seed(RecordsWorld(), seed);
}

TEST(RecordsWorld, SurvivesWhatBefallsIt) {
  std::uint64_t acked = 0;
  for (std::uint64_t seed = 1; seed <= kHealthySeeds; ++seed) {
    const testing::Outcome outcome = run(seed);
    EXPECT_TRUE(outcome.clean()) << "seed " << seed << ": " << outcome.violations.front();
    acked += outcome.acked_operations;
  }
  EXPECT_GE(acked, 30 * kHealthySeeds) << "the troubles leave room for work";
}

TEST(RecordsWorld, OneSeedIsOneStory) {
  EXPECT_EQ(run(5).hash, run(5).hash);
}

class RecordsPlantTest : public ::testing::TestWithParam<NamedRecordsPlant> {};

TEST_P(RecordsPlantTest, IsFound) {
  EXPECT_DEATH(ottla::testing::search_planted(RecordsWorld(), GetParam().name, kSeedsToFind),
               ottla::testing::kFoundPlanted);
}

INSTANTIATE_TEST_SUITE_P(Planted, RecordsPlantTest, ::testing::ValuesIn(kRecordsPlants),
                         [](const auto& plant) { return ottla::testing::test_name_of(plant.param.name); });

}  // namespace
}  // namespace ottla::server
