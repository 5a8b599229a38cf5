#include "storage/directory/directory_set.h"

#include <gtest/gtest.h>

#include "storage/directory/placement.h"

namespace ottla::storage {
namespace {

constexpr NodeId kNode(7);

MetaProperties of(std::string cluster, NodeId node, std::optional<Uuid> id) {
  return {.version = 1, .cluster_id = std::move(cluster), .node_id = node, .directory_id = id};
}
Uuid id(std::uint64_t number) {
  return Uuid(1, number);
}
// Ids that a careless source might give: reserved, taken, then good ones.
struct Ids {
  std::uint64_t next = 0;
  Uuid operator()() {
    ++next;
    return next == 1 ? Uuid(0, 5) : id(next - 2);
  }
};
std::string verdict(const std::vector<DirectoryIdentity>& directories, const std::string& metadata = "/a") {
  const Result<DirectorySet> set = unite_directories(directories, kNode, metadata, Ids{});
  return set.ok() ? "ok" : std::string(set.error().text());
}

TEST(DirectorySet, CompleteDirectoriesStayAsTheyAre) {
  const MetaProperties a = of("c", kNode, id(50));
  const MetaProperties b = of("c", kNode, id(51));
  const auto set = unite_directories({{"/a", a}, {"/b", b}}, kNode, "/a", Ids{}).value();
  EXPECT_EQ(set.cluster_id, "c");
  EXPECT_EQ(set.identities, (std::vector{a, b}));
}

TEST(DirectorySet, ANewDirectoryJoinsAndIdsAreGivenOnce) {
  const auto set = unite_directories({{"/a", of("c", kNode, id(0))}, {"/b", {}}, {"/c", of("c", kNode, {})}},
                                     kNode, "/a", Ids{})
                       .value();
  EXPECT_EQ(set.identities[1], of("c", kNode, id(1)));
  EXPECT_EQ(set.identities[2], of("c", kNode, id(2)));
}

TEST(DirectorySet, WhatDoesNotBelongTogetherIsNamed) {
  EXPECT_EQ(verdict({{"/a", {}}, {"/b", {}}}),
            "no log directory has a readable meta.properties: format them first");
  EXPECT_EQ(verdict({{"/a", of("c", kNode, id(1))}, {"/b", of("d", kNode, id(2))}}),
            "/b/meta.properties: belongs to cluster d, where c is expected");
  EXPECT_EQ(verdict({{"/a", of("c", NodeId(8), id(1))}}),
            "/a/meta.properties: belongs to node 8, where 7 is expected");
  EXPECT_NE(verdict({{"/a", of("c", kNode, Uuid(0, 99))}}).find("is reserved"), std::string::npos);
  EXPECT_EQ(verdict({{"/a", of("c", kNode, Uuid(0, 100))}}), "ok");
  EXPECT_NE(verdict({{"/a", of("c", kNode, id(1))}, {"/b", of("c", kNode, id(1))}}).find("that of /a too"),
            std::string::npos);
  EXPECT_NE(verdict({{"/a", {}}, {"/b", of("c", kNode, id(1))}}).find("format it first"), std::string::npos);
}

TEST(Placement, TheEmptiestThatTakesNewOnes) {
  using Loads = std::vector<DirectoryLoad>;
  EXPECT_EQ(place_partition(Loads{{.partitions = 3}, {.partitions = 2}, {.partitions = 2}}), 1U);
  EXPECT_EQ(place_partition(Loads{{.partitions = 1, .is_cordoned = true}, {.partitions = 2}}), 1U);
  EXPECT_EQ(place_partition(Loads{{.partitions = 1, .is_offline = true}, {.partitions = 2}}), 1U);
  EXPECT_EQ(place_partition(Loads{{.is_offline = true}, {.is_cordoned = true}}), std::nullopt);
}

}  // namespace
}  // namespace ottla::storage
