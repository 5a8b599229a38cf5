// The store in the simulated world: the correct form survives, each planted bug is found, one seed is one story.
#include "test/kv/scenario.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>

#include "testing/plant_search.h"

namespace ottla::kv {
namespace {

// The suite runs under sanitizers too; whoever wants more seeds runs kv_run.
constexpr std::uint64_t kHealthySeeds = 40;
constexpr std::uint64_t kSeedsToFind = 1000;

TEST(Scenario, TheCorrectFormSurvives) {
  for (std::uint64_t seed = 1; seed <= kHealthySeeds; ++seed) {
    const Outcome outcome = run_scenario(scenario_of(seed));
    EXPECT_TRUE(outcome.ok()) << "seed " << seed << ": " << outcome.violations.front();
    EXPECT_GE(outcome.answered, 1000U) << "seed " << seed;
    EXPECT_GE(outcome.strikes.total() - outcome.strikes[sim::Strike::read_shortened], 5U) << "seed " << seed;
  }
}

TEST(Scenario, OneSeedIsOneStory) {
  const Outcome first = run_scenario(scenario_of(11));
  const Outcome second = run_scenario(scenario_of(11));
  EXPECT_EQ(first.hash, second.hash);
  EXPECT_EQ(first.steps, second.steps);
  EXPECT_EQ(first.strikes, second.strikes);
}

TEST(Scenario, SeedsAreDifferentStories) {
  const Outcome first = run_scenario(scenario_of(11));
  const Outcome second = run_scenario(scenario_of(12));
  EXPECT_NE(first.hash, second.hash);
}

// A release build computed the number; every build on every machine must find it again. A change of the store, its
// faults or the runtime may bring a new one: then it is written here.
TEST(Scenario, HasTheSameHashInEveryBuild) {
  EXPECT_EQ(run_scenario(scenario_of(11)).hash, 0x5afd6194d6bacc16U);
}

TEST(Scenario, WithoutFaultsNothingStrikes) {
  Scenario calm = scenario_of(3);
  calm.plan.faults.clear();
  const Outcome outcome = run_scenario(calm);
  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(outcome.elections, 1U);
}

class PlantTest : public ::testing::TestWithParam<NamedPlant> {};

TEST_P(PlantTest, IsFound) {
  const auto finding = [plant = GetParam().plant](std::uint64_t seed) -> std::optional<std::string> {
    const Outcome outcome = run_scenario(scenario_of(seed, plant));
    return outcome.ok() ? std::nullopt : std::optional(outcome.violations.front());
  };
  EXPECT_DEATH(ottla::testing::search_seeds(kSeedsToFind, finding), ottla::testing::kFoundPlanted);
}

INSTANTIATE_TEST_SUITE_P(Planted, PlantTest, ::testing::ValuesIn(kPlants),
                         [](const auto& plant) { return ottla::testing::test_name_of(plant.param.name); });

}  // namespace
}  // namespace ottla::kv
