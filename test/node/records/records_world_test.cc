// The node that keeps records: the correct form survives, each planted bug is found, one seed is one story.
#include "test/node/records/records_world.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "test/node/records/records_plant.h"

namespace ottla::server {
namespace {

// The suite runs under sanitizers too; whoever wants more seeds asks `./dev sim --world data`.
constexpr std::uint64_t kHealthySeeds = 6;
constexpr std::uint64_t kSeedsToFind = 300;

testing::Outcome run(std::uint64_t seed, std::string_view bug = {}) {
  const RecordsWorld world;
  testing::RunRequest request = world.request(seed);
  request.planted_bug = bug;
  return world.run(request);
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

class RecordsPlantTest : public ::testing::TestWithParam<NamedRecordsPlant> {
 protected:
  static void search(std::string_view bug) {
    for (std::uint64_t seed = 1; seed <= kSeedsToFind; ++seed) {
      const testing::Outcome outcome = run(seed, bug);
      if (outcome.clean()) continue;
      (void)std::fprintf(stderr, "found by seed %d: %s\n", static_cast<int>(seed),
                         outcome.violations.front().c_str());
      std::abort();
    }
  }
};

TEST_P(RecordsPlantTest, IsFound) {
  EXPECT_DEATH(search(GetParam().name), "found by seed|invariant broken");
}

INSTANTIATE_TEST_SUITE_P(Planted, RecordsPlantTest, ::testing::ValuesIn(kRecordsPlants),
                         [](const auto& plant) {
                           std::string name(plant.param.name);
                           for (char& letter : name) {
                             if (letter == '-') letter = '_';
                           }
                           return name;
                         });

}  // namespace
}  // namespace ottla::server
