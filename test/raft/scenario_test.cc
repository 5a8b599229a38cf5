// The simulated quorum: the correct form survives, each planted bug is found, one seed is one story.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "test/raft/quorum_simulation.h"

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

// A planted bug may show as a violation or break an invariant of the core: either way the process ends.
class QuorumPlantTest : public ::testing::TestWithParam<NamedPlant> {
 protected:
  static void search(Plant plant) {
    for (std::uint64_t seed = 1; seed <= kSeedsToFind; ++seed) {
      const QuorumOutcome outcome = run(seed, plant);
      if (outcome.ok()) continue;
      (void)std::fprintf(stderr, "found by seed %d: %s\n", static_cast<int>(seed),
                         outcome.violations.front().c_str());
      std::abort();
    }
  }
};

TEST_P(QuorumPlantTest, IsFound) {
  EXPECT_DEATH(search(GetParam().plant), "found by seed|invariant broken");
}

INSTANTIATE_TEST_SUITE_P(Planted, QuorumPlantTest, ::testing::ValuesIn(kPlants), [](const auto& plant) {
  std::string name(plant.param.name);
  for (char& letter : name) {
    if (letter == '-') letter = '_';
  }
  return name;
});

}  // namespace
}  // namespace ottla::raft
