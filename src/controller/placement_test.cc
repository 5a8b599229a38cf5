#include "controller/placement.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

namespace ottla::controller {
namespace {

using ::testing::Each;
using ::testing::HasSubstr;

std::vector<UsableBroker> brokers(int count, int racks = 0) {
  std::vector<UsableBroker> made;
  for (int id = 1; id <= count; ++id) {
    made.push_back({.id = id, .rack = std::nullopt, .fenced = false});
    if (racks > 0) made.back().rack = std::string(1, static_cast<char>('a' + id % racks));
  }
  return made;
}

TEST(PlacerTest, SpreadsLeadersAndReplicasEvenly) {
  Random random(1);
  const auto all = brokers(5);
  Placer placer(all, random);
  std::map<std::int32_t, int> leaders;
  std::map<std::int32_t, int> replicas;
  for (int i = 0; i < 100; ++i) {
    const auto placed = placer.next(3);
    EXPECT_EQ(std::set<std::int32_t>(placed.begin(), placed.end()).size(), 3U);
    ++leaders[placed[0]];
    for (const std::int32_t each : placed) ++replicas[each];
  }
  for (const auto& [broker, count] : leaders) EXPECT_EQ(count, 20) << broker;
  for (const auto& [broker, count] : replicas) EXPECT_EQ(count, 60) << broker;
}

TEST(PlacerTest, NoTwoReplicasInARackBeforeEachHasOne) {
  Random random(2);
  const auto all = brokers(9, 3);
  Placer placer(all, random);
  for (int i = 0; i < 200; ++i) {
    std::set<std::optional<std::string>> racks;
    for (const std::int32_t each : placer.next(3)) racks.insert(all[static_cast<std::size_t>(each) - 1].rack);
    EXPECT_EQ(racks.size(), 3U);
  }
}

TEST(PlacerTest, FencedBrokersFollowButNeverLead) {
  Random random(3);
  auto all = brokers(4, 2);
  all[0].fenced = true;
  all[2].fenced = true;  // all of one rack
  Placer placer(all, random);
  for (int i = 0; i < 50; ++i) {
    const auto placed = placer.next(4);
    EXPECT_FALSE(all[static_cast<std::size_t>(placed[0]) - 1].fenced);
    EXPECT_EQ(std::set<std::int32_t>(placed.begin(), placed.end()).size(), 4U);
  }
}

TEST(PlacerTest, SaysWhyThereIsNoRoom) {
  Random random(4);
  auto all = brokers(2);
  EXPECT_THAT(Placer(all, random).check(0).message, HasSubstr("must be positive"));
  EXPECT_THAT(Placer(all, random).check(3).message, HasSubstr("only 2 broker(s) are registered"));
  EXPECT_TRUE(Placer(all, random).check(2).ok());
  for (UsableBroker& each : all) each.fenced = true;
  EXPECT_THAT(Placer(all, random).check(1).message, HasSubstr("All brokers are currently fenced"));
  EXPECT_THAT(Placer({}, random).check(1).message, HasSubstr("All brokers are currently fenced"));
}

TEST(PlacerTest, OneSeedIsOnePlan) {
  Random one(5);
  Random other(5);
  const auto all = brokers(7, 3);
  Placer first(all, one);
  Placer second(all, other);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(first.next(3), second.next(3));
}

}  // namespace
}  // namespace ottla::controller
