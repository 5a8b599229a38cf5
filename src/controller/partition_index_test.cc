#include "controller/partition_index.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

namespace ottla::controller {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Uuid kTopic(1, 1);

metadata::PartitionRef partition(std::vector<std::int32_t> isr, std::int32_t leader,
                                 std::vector<std::int32_t> elr = {}, std::vector<std::int32_t> adding = {}) {
  static const std::vector<std::int32_t> kReplicas = {1, 2, 3};
  static const std::vector<Uuid> kDirectories(3);
  return metadata::Partition::make({.replicas = kReplicas,
                                    .directories = kDirectories,
                                    .isr = isr,
                                    .removing_replicas = {},
                                    .adding_replicas = adding,
                                    .elr = elr,
                                    .last_known_elr = {},
                                    .leader = leader});
}

std::vector<std::int32_t> listed(const PartitionSet& partitions) {
  std::vector<std::int32_t> all;
  partitions.each([&all](const PartitionKey& key) {
    all.push_back(key.partition);
    return true;
  });
  return all;
}

TEST(PartitionIndexTest, KnowsWhoHasToDoWithWhat) {
  PartitionIndex index;
  const auto first = partition({1, 2}, 1);
  const auto second = partition({2}, 2, {3}, {1});
  index.update({kTopic, 0}, nullptr, first.get());
  index.update({kTopic, 7}, nullptr, second.get());
  EXPECT_THAT(listed(index.members(1)), ElementsAre(0));
  EXPECT_THAT(listed(index.members(2)), ElementsAre(0, 7));
  EXPECT_THAT(listed(index.eligible(3)), ElementsAre(7));
  EXPECT_THAT(listed(index.reassigning()), ElementsAre(7));
  EXPECT_THAT(listed(index.imbalanced()), ElementsAre(7));
  EXPECT_TRUE(index.leads(1));
  EXPECT_FALSE(index.leads(3));
  EXPECT_EQ(index.size(), 2U);
}

TEST(PartitionIndexTest, FollowsChangesAndForgets) {
  PartitionIndex index;
  const auto before = partition({1, 2}, 1);
  const auto after = partition({}, -1, {2});
  index.update({kTopic, 0}, nullptr, before.get());
  index.update({kTopic, 0}, before.get(), after.get());
  EXPECT_THAT(listed(index.members(1)), IsEmpty());
  EXPECT_THAT(listed(index.leaderless()), ElementsAre(0));
  EXPECT_THAT(listed(index.eligible(2)), ElementsAre(0));
  EXPECT_FALSE(index.leads(1));
  index.update({kTopic, 0}, after.get(), nullptr);
  EXPECT_EQ(index, PartitionIndex());
}

TEST(PartitionSetTest, StopsWhenItIsTold) {
  PartitionSet set;
  for (std::int32_t i = 0; i < 10; ++i) EXPECT_TRUE(set.insert({kTopic, i}));
  EXPECT_FALSE(set.insert({kTopic, 3}));
  EXPECT_TRUE(set.contains({kTopic, 3}));
  EXPECT_TRUE(set.erase({kTopic, 3}));
  EXPECT_FALSE(set.erase({kTopic, 3}));
  EXPECT_FALSE(set.contains({kTopic, 3}));
  EXPECT_EQ(set.size(), 9U);
  int seen = 0;
  set.each([&seen](const PartitionKey&) { return ++seen < 4; });
  EXPECT_EQ(seen, 4);
}

}  // namespace
}  // namespace ottla::controller
