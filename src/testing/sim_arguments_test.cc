#include "testing/sim_arguments.h"

#include <gtest/gtest.h>

namespace ottla::testing {
namespace {

TEST(SimArguments, AskForManySeedsUnlessOneIsNamed) {
  const SimArguments many = SimArguments::parse({"--seeds", "10", "--first", "5", "--jobs", "3"}).value();
  EXPECT_EQ(many.seeds, 10U);
  EXPECT_EQ(many.first, 5U);
  EXPECT_EQ(many.jobs, 3U);
  EXPECT_FALSE(many.seed);
  EXPECT_EQ(SimArguments::parse({"--seed", "7"}).value().seed, 7U);
}

TEST(SimArguments, TakeListsApart) {
  const SimArguments replay = SimArguments::parse({"--without", "0,12", "--calm", "short-reads,x"}).value();
  EXPECT_EQ(replay.left_out, (std::vector<std::size_t>{0, 12}));
  EXPECT_EQ(replay.calmed, (std::vector<std::string>{"short-reads", "x"}));
}

TEST(SimArguments, RefuseWhatTheyDoNotKnow) {
  EXPECT_FALSE(SimArguments::parse({"--sed", "1"}).ok());
  EXPECT_FALSE(SimArguments::parse({"--seed"}).ok());
  EXPECT_FALSE(SimArguments::parse({"--seed", "x"}).ok());
  EXPECT_FALSE(SimArguments::parse({"--without", "1,a"}).ok());
}

}  // namespace
}  // namespace ottla::testing
