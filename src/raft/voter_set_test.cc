#include "raft/voter_set.h"

#include <gtest/gtest.h>

namespace ottla::raft {
namespace {

Uuid directory(int number) {
  return {1, static_cast<std::uint64_t>(number)};
}
VoterNode voter(int node, int dir) {
  return {{NodeId(node), dir == 0 ? kZeroUuid : directory(dir)},
          Endpoints({{"CONTROLLER", "n" + std::to_string(node), 9093}}),
          {0, 1}};
}
VoterSet voters(std::initializer_list<int> nodes) {
  std::vector<VoterNode> list;
  for (const int node : nodes) list.push_back(voter(node, node));
  return VoterSet(list);
}

TEST(VoterSet, AVoterIsANodeWithItsDirectory) {
  const VoterSet set = voters({3, 1, 2});
  EXPECT_EQ(set.begin()->key.id, NodeId(1));
  EXPECT_TRUE(set.is_voter({NodeId(2), directory(2)}));
  EXPECT_FALSE(set.is_voter({NodeId(2), directory(9)}));
  EXPECT_FALSE(set.is_voter({NodeId(2), kZeroUuid}));
  EXPECT_FALSE(set.is_voter({NodeId(4), directory(4)}));
  EXPECT_TRUE(VoterSet({voter(2, 0)}).is_voter({NodeId(2), directory(9)}))
      << "a static voter has no directory";
}

TEST(VoterSet, ANodeVotesOnce) {
  EXPECT_EQ(voters({1}).with(voter(1, 9)), std::nullopt);
  EXPECT_EQ(voters({1}).with(voter(2, 2)), voters({1, 2}));
}

TEST(VoterSet, OnlyThatVeryReplicaIsRemovedAndNeverTheLast) {
  EXPECT_EQ(voters({1, 2}).without({NodeId(2), directory(2)}), voters({1}));
  EXPECT_EQ(voters({1, 2}).without({NodeId(2), directory(9)}), std::nullopt);
  EXPECT_EQ(voters({1, 2}).without({NodeId(3), directory(3)}), std::nullopt);
  EXPECT_EQ(voters({1}).without({NodeId(1), directory(1)}), std::nullopt);
}

TEST(VoterSet, UpdatesKeepTheVoter) {
  VoterNode moved = voter(2, 2);
  moved.endpoints = Endpoints({{"CONTROLLER", "elsewhere", 1}});
  EXPECT_TRUE(voters({1, 2}).needs_update(moved));
  const std::optional<VoterSet> updated = voters({1, 2}).updated(moved);
  ASSERT_TRUE(updated);
  EXPECT_FALSE(updated->needs_update(moved));
  EXPECT_EQ(updated->endpoints(NodeId(2)).find("CONTROLLER")->host, "elsewhere");
  EXPECT_EQ(voters({1, 2}).updated(voter(2, 9)), std::nullopt);
  EXPECT_EQ(voters({1, 2}).updated_by_node(voter(2, 9))->find(NodeId(2))->key.directory, directory(9));
}

TEST(VoterSet, ChangesByMoreThanOneVoterDoNotOverlap) {
  EXPECT_TRUE(voters({1, 2, 3}).overlaps(voters({1, 2, 3, 4})));
  EXPECT_TRUE(voters({1, 2, 3}).overlaps(voters({1, 2})));
  EXPECT_TRUE(voters({1, 2, 3}).overlaps(voters({1, 2, 4})));
  EXPECT_FALSE(voters({1, 2, 3}).overlaps(voters({1})));
  EXPECT_FALSE(voters({1, 2, 3}).overlaps(voters({1, 2, 3, 4, 5})));
  EXPECT_FALSE(voters({1, 2, 3}).overlaps(voters({1, 4, 5})));
}

TEST(VoterSet, KnowsWhatAllSupport) {
  EXPECT_TRUE(voters({1, 2}).supports(1));
  EXPECT_FALSE(voters({1, 2}).supports(2));
  EXPECT_TRUE(voters({1}).knows_all_directories());
  EXPECT_FALSE(VoterSet({voter(1, 1), voter(2, 0)}).knows_all_directories());
}

TEST(Endpoints, AreFoundByListener) {
  const Endpoints two({{"B", "b", 2}, {"A", "a", 1}, {"A", "other", 3}});
  EXPECT_EQ(two.size(), 2U);
  EXPECT_EQ(two.find("A")->host, "a");
  EXPECT_EQ(two.find("C"), nullptr);
  EXPECT_EQ(Endpoints(), Endpoints(std::vector<Endpoint>()));
}

}  // namespace
}  // namespace ottla::raft
