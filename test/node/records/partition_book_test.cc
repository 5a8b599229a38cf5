#include "test/node/records/partition_book.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace ottla::server {
namespace {

class Books : public ::testing::Test {
 protected:
  std::string found_;

  PartitionBook make(PartitionTraits traits = {}) {
    PartitionBook book("t-0", traits, [this](std::string what) { found_ += what + '\n'; });
    for (const char* id : {"a", "b", "c"}) book.sent({.id = id, .key = "k", .once = true});
    return book;
  }
  static std::vector<ScannedRecord> scan(const std::vector<std::string>& ids, std::int64_t from = 0) {
    std::vector<ScannedRecord> records;
    for (const std::string& id : ids) records.push_back({.offset = from++, .id = id, .key = "k"});
    return records;
  }
  bool accused(const char* what) const { return found_.find(what) != std::string::npos; }
};

TEST_F(Books, WhatIsAcknowledgedIsFound) {
  PartitionBook book = make();
  book.acked(0, "a", 0);
  book.acked(1, "b", 0);
  book.scanned(0, 2, scan({"a", "b"}));
  EXPECT_EQ(found_, "");
  book.scanned(0, 1, scan({"a"}));
  EXPECT_TRUE(accused("D1"));
}

TEST_F(Books, OneOffsetOneRecord) {
  PartitionBook book = make();
  book.acked(0, "a", 0);
  book.read(0, "b", "k", 0);
  EXPECT_TRUE(accused("D2"));
}

TEST_F(Books, NobodyReadsWhatNobodyWrote) {
  PartitionBook book = make();
  book.read(0, "x", "k", 0);
  EXPECT_TRUE(accused("D3"));
}

TEST_F(Books, WhatIsSentAgainStandsThereOnce) {
  PartitionBook book = make();
  book.acked(0, "a", 0);
  book.read(1, "a", "k", 0);
  EXPECT_TRUE(accused("D4"));
}

TEST_F(Books, APowerCutTakesAnEndWhereNothingIsFlushed) {
  PartitionBook book = make({.flushed = false});
  book.acked(0, "a", 0);
  book.acked(1, "b", 0);
  book.power_lost();
  book.scanned(0, 1, scan({"a"}));
  EXPECT_EQ(found_, "");
  book.sent({.id = "d", .key = "k"});
  book.acked(1, "d", 1);
  EXPECT_EQ(found_, "");
  book.read(1, "b", "k", 1);
  EXPECT_TRUE(accused("D2"));
}

TEST_F(Books, APowerCutTakesNothingInBetween) {
  PartitionBook book = make({.flushed = false});
  book.acked(0, "a", 0);
  book.acked(1, "b", 0);
  book.power_lost();
  book.read(1, "b", "k", 1);  // so that all before it must be there
  book.sent({.id = "d", .key = "k"});
  book.read(0, "d", "k", 1);
  EXPECT_TRUE(accused("D2"));
}

TEST_F(Books, APowerCutTakesNothingThatWasFlushed) {
  PartitionBook book = make();
  book.acked(0, "a", 0);
  book.power_lost();
  book.scanned(0, 0, {});
  EXPECT_TRUE(accused("D1"));
}

TEST_F(Books, CompactionLeavesTheLastOfEachKey) {
  PartitionBook book = make({.compacted = true});
  book.acked(0, "a", 0);
  book.acked(1, "b", 0);
  book.scanned(0, 2, scan({"b"}, 1));
  EXPECT_EQ(found_, "");
  book.scanned(0, 2, scan({"a"}));
  EXPECT_TRUE(accused("D1"));
}

TEST_F(Books, LogsBeginWhereTheyBeginUnlessTheyAreTrimmed) {
  PartitionBook book = make();
  book.starts_at(1);
  EXPECT_TRUE(accused("D1"));
  found_.clear();
  PartitionBook trimmed = make({.trimmed = true});
  trimmed.acked(0, "a", 0);
  trimmed.starts_at(1);
  trimmed.scanned(1, 1, {});
  EXPECT_EQ(found_, "");
}

}  // namespace
}  // namespace ottla::server
