// The simulated quorum: the correct form survives, each planted bug is found, one seed is one story.
#include "test/quorum/world/quorum_world.h"

#include <gtest/gtest.h>

#include <cstdint>

#include "test/quorum/world/broken_doors.h"
#include "testing/plant_search.h"

namespace ottla::quorum {
namespace {

// The suite runs under sanitizers too; whoever wants more seeds asks `./dev sim --world quorum`.
constexpr std::uint64_t kHealthySeeds = 12;
constexpr std::uint64_t kSeedsToFind = 300;

ottla::testing::Outcome run(std::uint64_t seed) {
  return ottla::testing::run_seed(QuorumWorld(), seed);
}

TEST(QuorumWorld, SurvivesWhatBefallsIt) {
  std::uint64_t promised = 0;
  for (std::uint64_t seed = 1; seed <= kHealthySeeds; ++seed) {
    const ottla::testing::Outcome outcome = run(seed);
    EXPECT_TRUE(outcome.clean()) << "seed " << seed << ": " << outcome.violations.front();
    promised += outcome.acked_operations;
  }
  EXPECT_GE(promised, 100 * kHealthySeeds) << "the troubles leave room for work";
}

TEST(QuorumWorld, OneSeedIsOneStory) {
  EXPECT_EQ(run(5).hash, run(5).hash);
}

class QuorumPlantTest : public ::testing::TestWithParam<NamedPlant> {};

TEST_P(QuorumPlantTest, IsFound) {
  EXPECT_DEATH(ottla::testing::search_planted(QuorumWorld(), GetParam().name, kSeedsToFind),
               ottla::testing::kFoundPlanted);
}

INSTANTIATE_TEST_SUITE_P(Planted, QuorumPlantTest, ::testing::ValuesIn(kPlants),
                         [](const auto& plant) { return ottla::testing::test_name_of(plant.param.name); });

}  // namespace
}  // namespace ottla::quorum
