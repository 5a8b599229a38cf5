#include "metadata/loader.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "metadata/testing/story.h"

namespace ottla::metadata {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

// Writes down what it is told: "log 5 +foo -bar".
class Scribe : public Publisher {
 public:
  void publish(const Publication& publication) override {
    std::string line = fmt::format(
        "{} {}{}", publication.source == PublicationSource::log ? "log" : "snapshot",
        publication.provenance().offset.raw(), publication.provenance().ends_batch ? "" : " within a batch");
    for (const TopicChange& each : publication.delta.topics) {
      line += fmt::format(" {}{}", each.created() ? '+' : each.gone() ? '-' : '=', each.name());
    }
    told.push_back(line);
  }
  void on_leader_change(NodeId leader, LeaderEpoch) override {
    told.push_back(fmt::format("leader {}", leader.raw()));
  }

  std::vector<std::string> told;
};

class LoaderTest : public testing::Test {
 protected:
  // One batch, at the end of the log.
  void load(const std::vector<std::string_view>& lines) {
    const std::vector<std::string> records = encoded(lines);
    const std::vector<RecordBytes> bytes = views(records);
    loader_.load({.base_offset = end_, .epoch = LeaderEpoch(3), .append_time_ms = 1000, .records = bytes});
    end_ += static_cast<std::int64_t>(records.size());
  }
  void commit(const std::vector<std::string_view>& lines) {
    load(lines);
    loader_.flush();
  }
  void catch_up() { loader_.on_high_watermark(end_); }
  void snapshot(const std::vector<std::string_view>& lines, Offset offset) {
    const std::vector<std::string> records = encoded(lines);
    const std::vector<RecordBytes> bytes = views(records);
    loader_.begin_snapshot();
    loader_.load_snapshot(bytes);
    loader_.finish_snapshot(
        {.offset = offset, .epoch = LeaderEpoch(2), .append_time_ms = 5, .ends_batch = true});
    end_ = offset + 1;
  }

  static std::vector<std::string> encoded(const std::vector<std::string_view>& lines) {
    std::vector<std::string> records;
    for (const std::string_view each : lines) records.push_back(record_of(each));
    return records;
  }
  static std::vector<RecordBytes> views(const std::vector<std::string>& records) {
    std::vector<RecordBytes> bytes;
    for (const std::string& each : records) bytes.push_back(std::as_bytes(std::span(each)));
    return bytes;
  }

  std::vector<std::string> faults_;
  Loader loader_{{.on_fault = [this](Offset offset, const Error& error) {
    faults_.push_back(fmt::format("{}: {}", offset.raw(), error.to_string()));
  }}};
  Scribe scribe_;
  Offset end_{0};
};

TEST_F(LoaderTest, TellsAfterEachRound) {
  loader_.add(scribe_);
  catch_up();
  commit({"topic foo 1"});
  load({"topic bar 2"});
  load({"remove-topic 1", "no-op"});
  loader_.flush();
  loader_.flush();
  EXPECT_THAT(scribe_.told, ElementsAre("snapshot 0 +foo", "log 3 -foo +bar"));
  EXPECT_EQ(
      loader_.image()->provenance,
      (Provenance{.offset = Offset(3), .epoch = LeaderEpoch(3), .append_time_ms = 1000, .ends_batch = true}));
}

TEST_F(LoaderTest, ABatchOfTheQuorumMovesTheImageOn) {
  commit({"topic foo 1"});
  loader_.load({.base_offset = end_, .epoch = LeaderEpoch(4), .append_time_ms = 7, .last = end_ + 2});
  loader_.flush();
  EXPECT_EQ(
      loader_.image()->provenance,
      (Provenance{.offset = end_ + 2, .epoch = LeaderEpoch(4), .append_time_ms = 7, .ends_batch = true}));
  EXPECT_EQ(loader_.last_loaded(), end_ + 2);
}

TEST_F(LoaderTest, TellsNothingBeforeItHasCaughtUp) {
  loader_.add(scribe_);
  commit({"topic foo 1"});
  loader_.on_high_watermark(Offset(3));
  commit({"topic bar 2"});
  EXPECT_THAT(scribe_.told, IsEmpty());
  commit({"topic baz 3"});
  EXPECT_THAT(scribe_.told, ElementsAre("snapshot 2 +foo +bar +baz"));
}

TEST_F(LoaderTest, AnEmptyLogHasNothingToTell) {
  loader_.add(scribe_);
  loader_.on_high_watermark(Offset(0));
  EXPECT_FALSE(loader_.caught_up());
}

TEST_F(LoaderTest, WhoComesLateIsToldAll) {
  commit({"topic foo 1", "topic bar 2"});
  catch_up();
  Scribe late;
  loader_.add(scribe_);
  commit({"no-op"});
  loader_.add(late);
  commit({"remove-topic 1"});
  loader_.remove(late);
  commit({"remove-topic 2"});
  EXPECT_THAT(scribe_.told, ElementsAre("snapshot 1 +foo +bar", "log 2", "log 3 -foo", "log 4 -bar"));
  EXPECT_THAT(late.told, ElementsAre("snapshot 2 +foo +bar", "log 3 -foo"));
}

TEST_F(LoaderTest, ATransactionShowsAsAWhole) {
  loader_.add(scribe_);
  commit({"no-op"});
  catch_up();
  commit({"topic before 1", "begin", "topic foo 2"});
  EXPECT_TRUE(loader_.in_transaction());
  commit({"topic bar 3"});
  commit({"end", "topic after 4"});
  EXPECT_THAT(scribe_.told,
              ElementsAre("snapshot 0", "log 1 within a batch +before", "log 6 +foo +bar +after"));
}

TEST_F(LoaderTest, WhatIsAbortedHasNeverBeen) {
  loader_.add(scribe_);
  commit({"topic before 1"});
  catch_up();
  commit({"begin"});
  commit({"topic foo 2", "remove-topic 1"});
  commit({"abort"});
  // The reference would let it show when more follows in the same round.
  commit({"begin", "topic bar 3", "abort", "topic after 4"});
  EXPECT_THAT(scribe_.told, ElementsAre("snapshot 0 +before", "log 4", "log 8 +after"));
  EXPECT_EQ(loader_.image()->topics.find("bar"), nullptr);
}

TEST_F(LoaderTest, TransactionsDoNotNest) {
  commit({"begin", "begin", "end", "end", "abort", "topic foo 1"});
  EXPECT_THAT(faults_, ElementsAre(HasSubstr("1: invalid_argument: a transaction begins within"),
                                   HasSubstr("3: "), HasSubstr("4: ")));
  EXPECT_NE(loader_.image()->topics.find("foo"), nullptr);
}

TEST_F(LoaderTest, AFaultIsToldWithItsOffset) {
  commit({"topic foo 1", "remove-topic 9", "topic bar 2"});
  EXPECT_THAT(faults_, ElementsAre(HasSubstr("1: not_found")));
  EXPECT_EQ(loader_.faults(), 1U);
  EXPECT_EQ(loader_.image()->topics.by_name.size(), 2U);
  EXPECT_EQ(loader_.last_loaded(), Offset(2));
}

TEST_F(LoaderTest, ASnapshotTakesThePlaceOfAll) {
  loader_.add(scribe_);
  commit({"topic foo 1", "topic bar 2"});
  catch_up();
  commit({"begin", "topic baz 3"});
  snapshot({"topic bar 2", "topic new 4"}, Offset(90));
  EXPECT_FALSE(loader_.in_transaction());
  commit({"remove-topic 4"});
  EXPECT_EQ(scribe_.told.back(), "log 91 -new");
  EXPECT_THAT(scribe_.told, testing::Contains("snapshot 90 -foo +new"));
}

TEST_F(LoaderTest, ASnapshotAloneIsEnough) {
  loader_.add(scribe_);
  loader_.on_high_watermark(Offset(91));
  snapshot({"feature metadata.version 33", "topic bar 2"}, Offset(90));
  EXPECT_THAT(scribe_.told, ElementsAre("snapshot 90 +bar"));
  EXPECT_EQ(loader_.image()->provenance.epoch, LeaderEpoch(2));
}

TEST_F(LoaderTest, ASnapshotHasNoTransactions) {
  snapshot({"begin", "topic bar 2"}, Offset(9));
  EXPECT_THAT(faults_, ElementsAre(HasSubstr("-1: ")));
  EXPECT_NE(loader_.image()->topics.find("bar"), nullptr);
}

TEST_F(LoaderTest, LeadersArePassedOn) {
  loader_.add(scribe_);
  loader_.on_leader_change(NodeId(3), LeaderEpoch(4));
  EXPECT_THAT(scribe_.told, ElementsAre("leader 3"));
}

}  // namespace
}  // namespace ottla::metadata
