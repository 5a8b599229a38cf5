#include "server/shard_load.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdint>

namespace ottla::server {
namespace {

using std::chrono::milliseconds;

class LoadOfAShard : public testing::Test {
 protected:
  void pass(int ms, int slept_ms) {
    now_ += milliseconds(ms);
    slept_.add(static_cast<std::uint64_t>(slept_ms) * 1'000'000);
    load_.look(now_);
  }
  // How many it takes at once.
  int taken() {
    int count = 0;
    while (count < 1000 && load_.takes_one_more()) ++count;
    return count;
  }

  Instant now_{std::chrono::hours(1)};
  Counter slept_;
  ShardLoad load_{now_, slept_};
};

TEST_F(LoadOfAShard, IsThePartOfTheTimeInWhichItDidNotSleep) {
  pass(100, 100);
  pass(100, 25);
  EXPECT_DOUBLE_EQ(load_.busy(), 0.75);
  pass(200, 150);
  EXPECT_DOUBLE_EQ(load_.busy(), 0.25);
}

TEST_F(LoadOfAShard, IsSaidOfAWholeWindow) {
  pass(100, 100);
  pass(60, 0);
  EXPECT_DOUBLE_EQ(load_.busy(), 0);
  pass(60, 60);
  EXPECT_DOUBLE_EQ(load_.busy(), 0.5);
}

TEST_F(LoadOfAShard, LetsAFewComeInEachWindow) {
  pass(100, 90);
  EXPECT_EQ(taken(), static_cast<int>(ShardLoad::kMostTaken));
  pass(50, 50);
  EXPECT_EQ(taken(), 0);
  pass(50, 40);
  EXPECT_EQ(taken(), static_cast<int>(ShardLoad::kMostTaken));
}

TEST_F(LoadOfAShard, IsComparedWithThatOfOthers) {
  pass(100, 20);
  EXPECT_TRUE(load_.no_busier_than(0.9));
  EXPECT_TRUE(load_.no_busier_than(0.75));
  EXPECT_FALSE(load_.no_busier_than(0.5));
}

TEST_F(LoadOfAShard, LetsNobodyComeWhenItHasEnoughToDo) {
  pass(100, 100);
  pass(100, 49);
  EXPECT_EQ(taken(), 0);
  pass(100, 51);
  EXPECT_GT(taken(), 0);
}

}  // namespace
}  // namespace ottla::server
