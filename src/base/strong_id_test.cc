#include "base/strong_id.h"

#include <gtest/gtest.h>

#include <concepts>
#include <cstdint>
#include <type_traits>
#include <unordered_set>

#include "base/leader_epoch.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "base/partition_id.h"

namespace ottla {
namespace {

template <typename A, typename B>
concept Comparable = requires(A a, B b) { a == b; };
template <typename A, typename B>
concept Addable = requires(A a, B b) { a + b; };
template <typename A, typename B>
concept Subtractable = requires(A a, B b) { a - b; };

static_assert(!std::convertible_to<int, NodeId> && !std::convertible_to<NodeId, int>);
static_assert(!std::constructible_from<NodeId, PartitionId> && !std::assignable_from<NodeId&, PartitionId>);
static_assert(!Comparable<NodeId, PartitionId> && !Comparable<NodeId, int>);
static_assert(!std::constructible_from<NodeId, std::int64_t> &&
              !std::constructible_from<NodeId, std::uint32_t>);
static_assert(!Addable<NodeId, int>);
static_assert(sizeof(NodeId) == sizeof(std::int32_t) && std::is_trivially_copyable_v<NodeId>);

static_assert(!std::convertible_to<std::int64_t, Offset> && !std::convertible_to<Offset, std::int64_t>);
static_assert(!Addable<Offset, Offset> && !std::constructible_from<Offset, std::uint64_t>);
static_assert(std::same_as<decltype(Offset() - Offset()), std::int64_t>);
static_assert(std::same_as<decltype(Offset() - 1), Offset>);
static_assert(!Subtractable<std::int64_t, Offset>);
static_assert(Offset(40) + 2 == Offset(42) && Offset(42) - Offset(40) == 2 && kUnknownOffset < Offset());

TEST(StrongId, ComparesByItsNumber) {
  EXPECT_EQ(NodeId(3), NodeId(3));
  EXPECT_LT(NodeId(3), NodeId(4));
  EXPECT_EQ(NodeId(3).raw(), 3);
  EXPECT_EQ(kNoNode.to_string(), "-1");
}

TEST(StrongId, Hashes) {
  const std::unordered_set<PartitionId> ids = {PartitionId(1), PartitionId(2), PartitionId(1)};
  EXPECT_EQ(ids.size(), 2U);
  EXPECT_TRUE((std::unordered_set<Offset>{Offset(5)}).contains(Offset(5)));
}

TEST(Offset, CountsUpAndDown) {
  Offset offset(5);
  EXPECT_EQ(++offset, Offset(6));
  EXPECT_EQ(offset += 10, Offset(16));
  EXPECT_EQ(offset -= 20, Offset(-4));
  EXPECT_EQ(offset.to_string(), "-4");
}

TEST(Offset, ChecksWhatComesFromOutside) {
  EXPECT_EQ(Offset(1).checked_add(2).value(), Offset(3));
  EXPECT_EQ(Offset::max().checked_add(1).error(), Errc::too_large);
  EXPECT_EQ(Offset(-2).checked_add(INT64_MIN).error(), Errc::too_large);
}

TEST(OffsetDeathTest, OverflowBreaksAnInvariant) {
  EXPECT_DEATH(static_cast<void>(Offset::max() + 1), "offset overflows");
  EXPECT_DEATH(static_cast<void>(Offset(INT64_MIN) - 1), "offset overflows");
  EXPECT_DEATH(static_cast<void>(Offset::max() - kUnknownOffset), "difference overflows");
}

TEST(LeaderEpoch, GoesUp) {
  EXPECT_EQ(next(kUnknownLeaderEpoch), LeaderEpoch(0));
  EXPECT_DEATH(next(LeaderEpoch(INT32_MAX)), "leader epoch overflows");
}

}  // namespace
}  // namespace ottla
