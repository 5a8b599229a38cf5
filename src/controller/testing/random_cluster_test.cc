#include "controller/testing/random_cluster.h"

#include <gtest/gtest.h>

#include <string>

namespace ottla::controller::testing {
namespace {

constexpr int kSteps = 400;

struct Kind {
  metadata::MetadataVersion version = metadata::kLatestMetadataVersion;
  bool elr = true;
};

// What did not hold first; empty when all did.
std::string run(std::uint64_t seed, const Kind& kind, Plant plant = Plant::none, int steps = kSteps) {
  TestCluster cluster({.version = kind.version, .elr = kind.elr, .seed = seed});
  std::string broken;
  int taken = 0;
  cluster.on_violation = [&](const std::string& text) {
    if (broken.empty())
      broken = "seed " + std::to_string(seed) + ", step " + std::to_string(taken) + ": " + text;
  };
  RandomCluster random(cluster, {.seed = seed, .plant = plant});
  for (; taken < steps && broken.empty(); ++taken) random.step();
  return broken;
}

TEST(RandomClusterTest, WhateverIsAskedTheInvariantsHold) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    ASSERT_EQ(run(seed, {}), "");
    ASSERT_EQ(run(seed, {.elr = false}), "");
  }
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    ASSERT_EQ(run(seed, {.version = metadata::MetadataVersion::v3_3_iv3, .elr = false}), "");
    ASSERT_EQ(run(seed, {.version = metadata::MetadataVersion::v3_7_iv4, .elr = false}), "");
  }
}

TEST(RandomClusterTest, PlantedBugsAreFound) {
  for (const Plant plant : kPlants) {
    bool found = false;
    for (std::uint64_t seed = 1; seed <= 40 && !found; ++seed) found = !run(seed, {}, plant).empty();
    EXPECT_TRUE(found) << "plant " << static_cast<int>(plant);
  }
}

}  // namespace
}  // namespace ottla::controller::testing
