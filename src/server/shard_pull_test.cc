#include "server/shard_pull.h"

#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string_view>

namespace ottla::server {
namespace {

using std::chrono::milliseconds;

constexpr ShardId kHere(0);
constexpr ShardId kThere(1);

class PullOfShards : public testing::Test {
 protected:
  // A letter is a request: h is about this shard, t about the other one, 2 about a third, m about several.
  void note(std::string_view requests) {
    for (const char each : requests) pull_.note(shard_of(each), kHere, now_);
  }
  void note(char request, int times) {
    for (int each = 0; each < times; ++each) pull_.note(shard_of(request), kHere, now_);
  }
  static std::optional<ShardId> shard_of(char request) {
    switch (request) {
      case 'h':
        return kHere;
      case 't':
        return kThere;
      case '2':
        return ShardId(2);
      default:
        return std::nullopt;
    }
  }
  // After how many requests about the other shard it wants to go there.
  int patience() {
    for (int count = 0; count < 100'000; ++count) {
      if (pull_.wanted()) return count;
      note('t', 1);
    }
    return -1;
  }
  void pass(milliseconds time) { now_ += time; }

  Instant now_{std::chrono::hours(1)};
  ShardPull pull_{8};
};

TEST_F(PullOfShards, IsFeltWhenEnoughRequestsAreOfAnotherShard) {
  note("ttttttt");
  EXPECT_FALSE(pull_.wanted());
  note("t");
  EXPECT_EQ(pull_.wanted(), kThere);
}

TEST_F(PullOfShards, SevenOfEightAreEnoughAndSixAreNot) {
  note("tttmtttt");
  EXPECT_EQ(pull_.wanted(), kThere);
  pull_ = ShardPull(8);
  note("tthttm");
  note("tt");
  EXPECT_FALSE(pull_.wanted());
}

TEST_F(PullOfShards, IsNotFeltHereNorByWhoIsEverywhere) {
  note('h', 100);
  EXPECT_FALSE(pull_.wanted());
  note('m', 100);
  EXPECT_FALSE(pull_.wanted());
  for (int each = 0; each < 50; ++each) note("t2");
  EXPECT_FALSE(pull_.wanted());
}

TEST_F(PullOfShards, ChangesOnlyWhenItWasAnswered) {
  note('t', 8);
  note('2', 100);
  EXPECT_EQ(pull_.wanted(), kThere);
  pull_.arrived(now_);
  EXPECT_FALSE(pull_.wanted());
}

TEST_F(PullOfShards, TakesTwiceAsLongAfterEachMove) {
  EXPECT_EQ(patience(), 8);
  pull_.arrived(now_);
  pass(milliseconds(300));
  EXPECT_EQ(patience(), 16);
  pull_.refused(now_);
  pass(milliseconds(300));
  EXPECT_EQ(patience(), 32);
}

TEST_F(PullOfShards, IsAsQuickAgainWhereItSettles) {
  for (int each = 0; each < 2; ++each) {
    (void)patience();
    pull_.arrived(now_);
    pass(milliseconds(300));
  }
  note('h', 32 + 16);
  EXPECT_EQ(patience(), 8);
}

TEST_F(PullOfShards, IsNotPutOffForEver) {
  for (int each = 0; each < 20; ++each) {
    (void)patience();
    pull_.refused(now_);
    pass(milliseconds(300));
  }
  EXPECT_EQ(patience(), static_cast<int>(8 * ShardPull::kMostPatience));
}

TEST_F(PullOfShards, IsNotFeltTwiceInAMoment) {
  note('t', 8);
  pull_.refused(now_);
  note('t', 1000);
  EXPECT_FALSE(pull_.wanted());
  pass(milliseconds(249));
  note('t', 1000);
  EXPECT_FALSE(pull_.wanted());
  pass(milliseconds(1));
  note('t', 16);
  EXPECT_EQ(pull_.wanted(), kThere);
}

TEST_F(PullOfShards, CanBeSwitchedOff) {
  pull_ = ShardPull(0);
  note('t', 1000);
  EXPECT_FALSE(pull_.wanted());
}

TEST_F(PullOfShards, IsGivenUpByWhoCannotGo) {
  note('t', 8);
  pull_.give_up();
  pass(milliseconds(1000));
  note('t', 1000);
  EXPECT_FALSE(pull_.wanted());
}

}  // namespace
}  // namespace ottla::server
