// The simulated quorum: the correct form survives, each planted bug is found, one seed is one story.
#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

#include "test/raft/quorum_simulation.h"
#include "testing/plant_search.h"

namespace ottla::raft {
namespace {

// The suite runs under sanitizers too; whoever wants more seeds asks `./dev sim --world raft`.
constexpr std::uint64_t kHealthySeeds = 60;
constexpr std::uint64_t kSeedsToFind = 1000;

QuorumOutcome run(std::uint64_t seed, Plant plant = Plant::none) {
  const QuorumScenario scenario = quorum_scenario(seed, plant);
  return QuorumSimulation(scenario).run();
}

TEST(Quorum, SurvivesWhatBefallsIt) {
  std::uint64_t elections = 0;
  std::uint64_t changes = 0;
  std::uint64_t snapshots = 0;
  for (std::uint64_t seed = 1; seed <= kHealthySeeds; ++seed) {
    const QuorumOutcome outcome = run(seed);
    EXPECT_TRUE(outcome.ok()) << "seed " << seed << ": " << outcome.violations.front();
    EXPECT_GE(outcome.acknowledged, 5U) << "seed " << seed;
    elections += outcome.elections;
    changes += outcome.voter_changes;
    snapshots += outcome.snapshots_loaded;
  }
  // The troubles are real, and reach what they are for.
  EXPECT_GE(elections, 3 * kHealthySeeds);
  EXPECT_GE(changes, kHealthySeeds);
  EXPECT_GE(snapshots, kHealthySeeds / 2);
}

TEST(Quorum, OneSeedIsOneStory) {
  EXPECT_EQ(run(11).hash, run(11).hash);
  EXPECT_NE(run(11).hash, run(12).hash);
}

class QuorumPlantTest : public ::testing::TestWithParam<NamedPlant> {};

TEST_P(QuorumPlantTest, IsFound) {
  const auto finding = [plant = GetParam().plant](std::uint64_t seed) -> std::optional<std::string> {
    const QuorumOutcome outcome = run(seed, plant);
    return outcome.ok() ? std::nullopt : std::optional(outcome.violations.front());
  };
  EXPECT_DEATH(ottla::testing::search_seeds(kSeedsToFind, finding), ottla::testing::kFoundPlanted);
}

INSTANTIATE_TEST_SUITE_P(Planted, QuorumPlantTest, ::testing::ValuesIn(kPlants),
                         [](const auto& plant) { return ottla::testing::test_name_of(plant.param.name); });

}  // namespace
}  // namespace ottla::raft
