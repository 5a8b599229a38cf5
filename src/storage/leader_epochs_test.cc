#include "storage/leader_epochs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/leader_epoch.h"
#include "base/offset.h"
#include "storage/format/leader_epoch_checkpoint.h"

namespace ottla::storage {
namespace {

// Epochs and their first offsets: {{0, 0}, {2, 10}} shows as "0@0 2@10".
class Epochs {
 public:
  Epochs(std::initializer_list<std::pair<int, int>> entries) {
    for (const auto& [epoch, start] : entries) assign(epoch, start);
  }

  bool assign(int epoch, int start) { return epochs_.assign(LeaderEpoch(epoch), Offset(start)); }
  bool cut_end(int end) { return epochs_.truncate_from_end(Offset(end)); }
  bool cut_start(int start) { return epochs_.truncate_from_start(Offset(start)); }

  std::string end_of(int epoch, int log_end = 100) const {
    const auto end = epochs_.end_offset_for(LeaderEpoch(epoch), Offset(log_end));
    return end.epoch.to_string() + "@" + end.end.to_string();
  }
  std::string at(int offset) const {
    const auto epoch = epochs_.epoch_for(Offset(offset));
    return epoch ? epoch->to_string() : "none";
  }
  std::string between(int start, int end) const {
    return shown(epochs_.entries_between(Offset(start), Offset(end)));
  }
  std::string all() const { return shown(epochs_.entries()); }
  const LeaderEpochs& operator*() const { return epochs_; }

 private:
  static std::string shown(std::span<const EpochEntry> entries) {
    std::string text;
    for (const EpochEntry& each : entries) {
      text += (text.empty() ? "" : " ") + each.epoch.to_string() + "@" + each.start.to_string();
    }
    return text;
  }

  LeaderEpochs epochs_;
};

TEST(LeaderEpochs, RiseWithTheirOffsets) {
  Epochs epochs{{0, 0}, {2, 10}};
  EXPECT_TRUE(epochs.assign(3, 10));
  EXPECT_EQ(epochs.all(), "0@0 3@10");
  EXPECT_TRUE(epochs.assign(1, 20));
  EXPECT_EQ(epochs.all(), "0@0 1@20");
  EXPECT_TRUE(epochs.assign(5, 0));
  EXPECT_EQ(epochs.all(), "5@0");
}

TEST(LeaderEpochs, AreAssignedOnce) {
  Epochs epochs{{1, 10}};
  EXPECT_FALSE(epochs.assign(1, 10));
  EXPECT_FALSE(epochs.assign(1, 15));
  EXPECT_TRUE(epochs.assign(1, 5));
  EXPECT_EQ(epochs.all(), "1@5");
}

TEST(LeaderEpochs, EndWhereTheNextBegins) {
  const Epochs epochs{{2, 10}, {4, 20}, {7, 30}};
  EXPECT_EQ(epochs.end_of(2), "2@20");
  EXPECT_EQ(epochs.end_of(3), "2@20");
  EXPECT_EQ(epochs.end_of(4), "4@30");
  EXPECT_EQ(epochs.end_of(6), "4@30");
  EXPECT_EQ(epochs.end_of(7, 55), "7@55");
}

TEST(LeaderEpochs, BeforeTheLogEndWhereItBegins) {
  EXPECT_EQ((Epochs{{2, 10}, {4, 20}}).end_of(1), "1@10");
}

TEST(LeaderEpochs, ThatAreNotKnownHaveNoEnd) {
  EXPECT_EQ((Epochs{{2, 10}}).end_of(3), "-1@-1");
  EXPECT_EQ((Epochs{{2, 10}}).end_of(-1), "-1@-1");
  EXPECT_EQ(Epochs{}.end_of(0), "-1@-1");
}

TEST(LeaderEpochs, AreFoundByOffset) {
  const Epochs epochs{{2, 10}, {4, 20}};
  EXPECT_EQ(epochs.at(9), "none");
  EXPECT_EQ(epochs.at(10), "2");
  EXPECT_EQ(epochs.at(19), "2");
  EXPECT_EQ(epochs.at(20), "4");
  EXPECT_EQ(epochs.at(1000), "4");
}

TEST(LeaderEpochs, HaveNeighbours) {
  const Epochs epochs{{2, 10}, {4, 20}};
  EXPECT_EQ((*epochs).previous(LeaderEpoch(4))->epoch, LeaderEpoch(2));
  EXPECT_EQ((*epochs).previous(LeaderEpoch(9))->epoch, LeaderEpoch(4));
  EXPECT_EQ((*epochs).previous(LeaderEpoch(2)), std::nullopt);
  EXPECT_EQ((*epochs).next(LeaderEpoch(2))->epoch, LeaderEpoch(4));
  EXPECT_EQ((*epochs).next(LeaderEpoch(4)), std::nullopt);
  EXPECT_EQ((*epochs).find(LeaderEpoch(3)), std::nullopt);
  EXPECT_EQ((*epochs).find(LeaderEpoch(4))->start, Offset(20));
}

TEST(LeaderEpochs, BeyondTheEndGo) {
  Epochs epochs{{2, 10}, {4, 20}, {6, 30}};
  EXPECT_FALSE(epochs.cut_end(31));
  EXPECT_TRUE(epochs.cut_end(20));
  EXPECT_EQ(epochs.all(), "2@10");
  EXPECT_FALSE(epochs.cut_end(-1));
  EXPECT_TRUE(epochs.cut_end(0));
  EXPECT_EQ(epochs.all(), "");
}

TEST(LeaderEpochs, BeforeTheStartGoButTheOneThatCoversItStays) {
  Epochs epochs{{2, 10}, {4, 20}, {6, 30}};
  EXPECT_FALSE(epochs.cut_start(9));
  EXPECT_FALSE(epochs.cut_start(10));
  EXPECT_TRUE(epochs.cut_start(25));
  EXPECT_EQ(epochs.all(), "4@25 6@30");
  EXPECT_TRUE(epochs.cut_start(30));
  EXPECT_EQ(epochs.all(), "6@30");
  EXPECT_TRUE(epochs.cut_start(99));
  EXPECT_EQ(epochs.all(), "6@99");
}

TEST(LeaderEpochs, CanBeTakenForARangeOfOffsets) {
  const Epochs epochs{{2, 10}, {4, 20}, {6, 30}};
  EXPECT_EQ(epochs.between(15, 30), "2@15 4@20");
  EXPECT_EQ(epochs.between(-1, 20), "2@10");
  EXPECT_EQ(epochs.between(0, 99), "2@10 4@20 6@30");
}

TEST(LeaderEpochs, OfAFileThatContradictsItselfAreItsLast) {
  const EpochEntry entries[] = {{LeaderEpoch(5), Offset(9)}, {LeaderEpoch(3), Offset(4)}};
  EXPECT_EQ(LeaderEpochs(entries).entries().size(), 1u);
  EXPECT_EQ(LeaderEpochs(entries).latest()->epoch, LeaderEpoch(3));
}

}  // namespace
}  // namespace ottla::storage
