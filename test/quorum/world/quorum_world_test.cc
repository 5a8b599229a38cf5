// The simulated quorum: the correct form survives, each planted bug is found, one seed is one story.
#include "test/quorum/world/quorum_world.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "test/quorum/world/broken_doors.h"

namespace ottla::quorum {
namespace {

// The suite runs under sanitizers too; whoever wants more seeds asks `./dev sim --world quorum`.
constexpr std::uint64_t kHealthySeeds = 12;
constexpr std::uint64_t kSeedsToFind = 300;

ottla::testing::Outcome run(std::uint64_t seed, std::string_view bug = {}) {
  const QuorumWorld world;
  ottla::testing::RunRequest request = world.request(seed);
  request.planted_bug = bug;
  return world.run(request);
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

class QuorumPlantTest : public ::testing::TestWithParam<NamedPlant> {
 protected:
  static void search(std::string_view bug) {
    for (std::uint64_t seed = 1; seed <= kSeedsToFind; ++seed) {
      const ottla::testing::Outcome outcome = run(seed, bug);
      if (outcome.clean()) continue;
      (void)std::fprintf(stderr, "found by seed %d: %s\n", static_cast<int>(seed),
                         outcome.violations.front().c_str());
      std::abort();
    }
  }
};

TEST_P(QuorumPlantTest, IsFound) {
  EXPECT_DEATH(search(GetParam().name), "found by seed|invariant broken");
}

INSTANTIATE_TEST_SUITE_P(Planted, QuorumPlantTest, ::testing::ValuesIn(kPlants), [](const auto& plant) {
  std::string name(plant.param.name);
  for (char& letter : name) {
    if (letter == '-') letter = '_';
  }
  return name;
});

}  // namespace
}  // namespace ottla::quorum
