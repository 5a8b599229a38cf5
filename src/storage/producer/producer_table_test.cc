#include "storage/producer/producer_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <set>
#include <vector>

#include "base/offset.h"
#include "storage/producer/producer_state.h"
#include "storage/producer/snapshot_offsets.h"

namespace ottla::storage {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::set<std::int64_t> ids_of(const ProducerTable& table) {
  std::set<std::int64_t> ids;
  table.for_each([&](const ProducerState& each) { ids.insert(each.facts().id); });
  return ids;
}

TEST(ProducerTables, HoldWhatASetHolds) {
  std::mt19937_64 random(7);
  for (const std::int64_t range : {12, 400, 100'000}) {
    ProducerTable table(99);
    std::set<std::int64_t> model;
    for (int step = 0; step < 20'000; ++step) {
      const std::int64_t id = static_cast<std::int64_t>(random()) % range;
      if (random() % 3 != 0) {
        table.put(ProducerState(id));
        model.insert(id);
      } else {
        table.remove(id);
        model.erase(id);
      }
      const std::int64_t asked = static_cast<std::int64_t>(random()) % range;
      ASSERT_EQ(table.find(asked) != nullptr, model.contains(asked)) << step;
      ASSERT_EQ(table.size(), model.size());
    }
    EXPECT_EQ(ids_of(table), model);
    for (const std::int64_t id : model) ASSERT_EQ(table.find(id)->facts().id, id);
  }
}

TEST(ProducerTables, RemoveAllThatMatch) {
  ProducerTable table;
  for (std::int64_t id = 0; id < 1000; ++id) table.put(ProducerState(id));
  table.remove_if([](const ProducerState& each) { return each.facts().id % 10 != 3; });
  EXPECT_EQ(table.size(), 100u);
  for (std::int64_t id = 0; id < 1000; ++id) ASSERT_EQ(table.find(id) != nullptr, id % 10 == 3);
  table.remove_if([](const ProducerState&) { return true; });
  EXPECT_TRUE(table.empty());
  EXPECT_EQ(table.find(3), nullptr);
}

TEST(ProducerTables, MayBeToldHowManyWillCome) {
  ProducerTable table;
  table.put(ProducerState(-1));
  table.reserve(1000);
  EXPECT_NE(table.find(-1), nullptr);
  const std::size_t before = table.memory_bytes();
  for (std::int64_t id = 0; id < 999; ++id) table.put(ProducerState(id));
  EXPECT_LE(table.memory_bytes(), before + 70 * 1000);
  for (std::int64_t id = -1; id < 999; ++id) ASSERT_NE(table.find(id), nullptr);
  table.remove(500);
  EXPECT_EQ(table.find(500), nullptr);
  EXPECT_NE(table.find(998), nullptr);
}

TEST(ProducerTables, AreSmall) {
  constexpr std::size_t kMany = 100'000;
  ProducerTable table;
  EXPECT_EQ(table.memory_bytes(), 0u);
  table.put(ProducerState(1));
  EXPECT_LE(table.memory_bytes(), 100u);
  for (std::size_t id = 0; id < kMany; ++id) table.put(ProducerState(static_cast<std::int64_t>(id)));
  EXPECT_LE(table.memory_bytes(), kMany * 80);
  table.remove_if([](const ProducerState& each) { return each.facts().id > 20; });
  EXPECT_LE(table.memory_bytes(), 64u * 1024);
}

SnapshotOffsets snapshots(std::initializer_list<std::int64_t> offsets) {
  SnapshotOffsets all;
  for (const std::int64_t each : offsets) all.add(Offset(each));
  return all;
}

TEST(SnapshotOffsets, AreKeptInOrderAndOnce) {
  SnapshotOffsets all = snapshots({5, 1, 5, 3});
  EXPECT_THAT(std::vector(all.all().begin(), all.all().end()), ElementsAre(Offset(1), Offset(3), Offset(5)));
  EXPECT_EQ(all.earliest(), Offset(1));
  EXPECT_EQ(all.latest(), Offset(5));
  EXPECT_TRUE(all.remove(Offset(3)));
  EXPECT_FALSE(all.remove(Offset(3)));
  EXPECT_FALSE(all.contains(Offset(3)));
}

TEST(SnapshotOffsets, OutsideOfTheLogGo) {
  SnapshotOffsets all = snapshots({1, 3, 5, 7});
  EXPECT_THAT(all.take_outside(Offset(3), Offset(5)), ElementsAre(Offset(1), Offset(3), Offset(7)));
  EXPECT_THAT(all.take_before(Offset(5)), IsEmpty());
  EXPECT_THAT(all.take_all(), ElementsAre(Offset(5)));
  EXPECT_TRUE(all.empty());
}

TEST(SnapshotOffsets, WithoutASegmentGoButForTheLatestBehindThem) {
  const Offset segments[] = {Offset(0), Offset(10), Offset(20)};
  SnapshotOffsets all = snapshots({5, 10, 15, 25, 30});
  EXPECT_THAT(all.take_stray(segments), ElementsAre(Offset(5), Offset(15), Offset(25)));
  EXPECT_EQ(all.latest(), Offset(30));
  SnapshotOffsets inside = snapshots({5, 10, 15});
  EXPECT_THAT(inside.take_stray(segments), ElementsAre(Offset(5), Offset(15)));
  SnapshotOffsets none = snapshots({5, 10});
  EXPECT_THAT(none.take_stray({}), ElementsAre(Offset(5)));
}

}  // namespace
}  // namespace ottla::storage
