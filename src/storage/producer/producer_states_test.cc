#include "storage/producer/producer_states.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/error.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "storage/format/producer_snapshot.h"
#include "storage/testing/producer_story.h"

namespace ottla::storage {
namespace {

using record::AppendOrigin;
using testing::DataSpec;
using testing::ProducerStory;

TEST(Sequences, FollowEachOther) {
  ProducerStory log;
  EXPECT_EQ(log.append({.sequence = 0, .count = 3}), "0-2");
  EXPECT_EQ(log.append({.sequence = 3, .count = 2}), "3-4");
  EXPECT_EQ(log.append({.sequence = 6}), "out_of_order_sequence");
  EXPECT_EQ(log.append({.sequence = 4}), "out_of_order_sequence");
  EXPECT_EQ(log.append({.sequence = 5}), "5-5");
  EXPECT_EQ(log.shown(1),
            "1: epoch 0, sequences 0-2 3-4 5-5, offsets 0-2 3-4 5-5, open since -1, coordinator -1, at 1000");
}

TEST(Sequences, BeginAgainBehindTheLastNumber) {
  ProducerStory log;
  EXPECT_EQ(log.append({.sequence = INT32_MAX - 1, .count = 2}), "0-1");
  EXPECT_EQ(log.append({.sequence = 0, .count = 2}), "2-3");
  EXPECT_EQ(log.append({.sequence = INT32_MAX - 1, .count = 2}), "again 0-1");
}

TEST(Sequences, WrapAroundWithinABatch) {
  ProducerStory log;
  EXPECT_EQ(log.append({.sequence = INT32_MAX, .count = 3}), "0-2");
  EXPECT_EQ(log.append({.sequence = INT32_MAX, .count = 3}), "again 0-2");
  EXPECT_EQ(log.append({.sequence = 2}), "3-3");
}

TEST(Sequences, OfAnUnknownProducerMayBeginAnywhere) {
  ProducerStory log;
  EXPECT_EQ(log.append({.id = 9, .sequence = 17}), "0-0");
  EXPECT_EQ(log.append({.id = 9, .sequence = 18}), "1-1");
}

TEST(Sequences, OfANewEpochBeginWithZero) {
  ProducerStory log;
  EXPECT_EQ(log.append({.epoch = 1, .sequence = 0}), "0-0");
  EXPECT_EQ(log.append({.epoch = 2, .sequence = 1}), "out_of_order_sequence");
  EXPECT_EQ(log.append({.epoch = 2, .sequence = 0}), "1-1");
  EXPECT_EQ(log.append({.epoch = 2, .sequence = 1}), "2-2");
  EXPECT_EQ(log.append({.epoch = 1, .sequence = 1}), "invalid_epoch");
}

TEST(Sequences, AreNotCheckedWhereTheLeaderDidIt) {
  ProducerStory log;
  log.as(AppendOrigin::replication);
  EXPECT_EQ(log.append({.epoch = 5, .sequence = 40}), "0-0");
  EXPECT_EQ(log.append({.epoch = 5, .sequence = 2}), "1-1");
  EXPECT_EQ(log.append({.epoch = 4, .sequence = 0}), "2-2");
  EXPECT_EQ(log.shown(1), "1: epoch 4, sequences 0-0, offsets 2-2, open since -1, coordinator -1, at 1000");
}

TEST(Sequences, AreNotCheckedForCoordinatorsButTheirEpochIs) {
  ProducerStory log;
  log.as(AppendOrigin::coordinator);
  EXPECT_EQ(log.append({.epoch = 5, .sequence = -1}), "0-0");
  EXPECT_EQ(log.append({.epoch = 5, .sequence = -1}), "1-1");
  EXPECT_EQ(log.append({.epoch = 4, .sequence = -1}), "invalid_epoch");
}

TEST(Duplicates, AreKnownForFiveBatches) {
  ProducerStory log;
  for (int each = 0; each < 6; ++each) log.append({.sequence = each});
  EXPECT_EQ(log.append({.sequence = 1}), "again 1-1");
  EXPECT_EQ(log.append({.sequence = 5}), "again 5-5");
  EXPECT_EQ(log.append({.sequence = 0}), "out_of_order_sequence");
}

TEST(Duplicates, HaveTheVerySameRange) {
  ProducerStory log;
  log.append({.sequence = 0, .count = 4});
  EXPECT_EQ(log.append({.sequence = 0, .count = 3}), "out_of_order_sequence");
  EXPECT_EQ(log.append({.sequence = 1, .count = 3}), "out_of_order_sequence");
  EXPECT_EQ(log.append({.sequence = 0, .count = 4}), "again 0-3");
}

TEST(Duplicates, AreOfOneEpoch) {
  ProducerStory log;
  log.append({.epoch = 0, .sequence = 0});
  EXPECT_EQ(log.append({.epoch = 1, .sequence = 0}), "1-1");
  EXPECT_EQ(log.append({.epoch = 0, .sequence = 0}), "invalid_epoch");
}

TEST(Producers, DoNotMeet) {
  ProducerStory log;
  EXPECT_EQ(log.append({.id = 1, .sequence = 0}), "0-0");
  EXPECT_EQ(log.append({.id = 2, .sequence = 0}), "1-1");
  EXPECT_EQ(log.append({.id = 1, .sequence = 1}), "2-2");
  EXPECT_EQ(log.append({.id = -1, .epoch = -1, .sequence = -1}), "3-3");
  EXPECT_EQ(log.states().size(), 2u);
}

TEST(Producers, MayWriteSeveralBatchesAtOnce) {
  ProducerStory log;
  EXPECT_EQ(log.append_all({{.sequence = 0}, {.id = 2, .sequence = 7}, {.sequence = 1}}), "0-2");
  EXPECT_EQ(log.append_all({{.sequence = 2}, {.sequence = 4}}), "out_of_order_sequence");
  EXPECT_EQ(log.shown(1),
            "1: epoch 0, sequences 0-0 1-1, offsets 0-0 2-2, open since -1, coordinator -1, at 1000");
  EXPECT_EQ(log.append_all({{.sequence = 2},
                            {.sequence = 3},
                            {.sequence = 4},
                            {.sequence = 5},
                            {.sequence = 6},
                            {.sequence = 7}}),
            "3-8");
  EXPECT_EQ(log.append({.sequence = 2}), "out_of_order_sequence");
  EXPECT_EQ(log.append({.sequence = 3}), "again 4-4");
}

TEST(Producers, OfOneAppendMayBeMany) {
  ProducerStory log;
  log.as(AppendOrigin::replication);
  std::vector<DataSpec> specs;
  for (int each = 0; each < 300; ++each) specs.push_back({.id = each % 100, .sequence = each / 100});
  EXPECT_EQ(log.append_all(specs), "0-299");
  EXPECT_EQ(log.states().size(), 100u);
  EXPECT_EQ(log.shown(99),
            "99: epoch 0, sequences 0-0 1-1 2-2, offsets 99-99 199-199 299-299, open since -1, coordinator "
            "-1, at 1000");
}

TEST(Expiry, TakesProducersThatWereSilent) {
  ProducerStory log({.expiration_ms = 100, .verifies_transactions = false});
  log.append({.id = 1, .timestamp = 1000});
  log.append({.id = 2, .timestamp = 1001});
  log.append({.id = 3, .timestamp = 1000, .transactional = true});
  log.states().expire(1100);
  EXPECT_EQ(log.shown(1), "none");
  EXPECT_NE(log.shown(2), "none");
  EXPECT_NE(log.shown(3), "none");
}

TEST(Undo, TakesBackWhatWasNotWritten) {
  ProducerStory log;
  for (int each = 0; each < 7; ++each) log.append({.sequence = each});
  log.append({.id = 3, .sequence = 0, .transactional = true});
  const Slice before = log.states().encode_snapshot();
  const std::string shown = log.shown(1);
  log.keep_undo();
  log.append({.sequence = 7});
  log.append({.epoch = 1, .sequence = 0, .transactional = true});
  log.append({.id = 2, .sequence = 0, .transactional = true});
  log.mark({.id = 3, .epoch = 1});
  log.mark({.id = 2, .epoch = 1});
  EXPECT_EQ(log.unstable(), "7");
  log.undo();
  EXPECT_EQ(log.shown(1), shown);
  EXPECT_EQ(log.shown(2), "none");
  EXPECT_EQ(log.states().encode_snapshot().as_string_view(), before.as_string_view());
  EXPECT_EQ(log.states().map_end_offset(), Offset(8));
  EXPECT_EQ(log.unstable(), "7");
  log.states().on_high_watermark(Offset(100));
  EXPECT_EQ(log.unstable(), "7");
  EXPECT_EQ(log.append({.sequence = 7}), "8-8");
}

TEST(Snapshots, KeepTheLastBatchAndTheOpenTransaction) {
  ProducerStory log;
  log.append({.id = 4, .epoch = 2, .sequence = 0});
  log.append({.id = 4, .epoch = 2, .sequence = 1, .count = 3, .timestamp = 2000});
  log.append({.id = 3, .sequence = 5, .transactional = true});
  EXPECT_TRUE(log.states().wants_snapshot());
  const Slice snapshot = log.states().encode_snapshot();
  log.states().snapshot_written(log.states().map_end_offset());
  EXPECT_FALSE(log.states().wants_snapshot());

  ProducerStory again;
  ASSERT_TRUE(again.states().load(snapshot.as_span(), Offset(5), 2000).ok());
  EXPECT_EQ(again.states().map_end_offset(), Offset(5));
  EXPECT_FALSE(again.states().wants_snapshot());
  EXPECT_EQ(again.shown(4), "4: epoch 2, sequences 1-3, offsets 1-3, open since -1, coordinator -1, at 2000");
  EXPECT_EQ(again.unstable(), "4");
  EXPECT_EQ(again.states().encode_snapshot().as_string_view(), snapshot.as_string_view());
}

TEST(Snapshots, MayBeWrittenWhileTheLogGoesOn) {
  ProducerStory log;
  log.append({.id = 1});
  const Offset end = log.states().map_end_offset();
  log.append({.id = 1, .sequence = 1});
  log.states().snapshot_written(end);
  EXPECT_TRUE(log.states().wants_snapshot());
}

TEST(Snapshots, ForgetWhatHasExpiredSince) {
  ProducerStory log;
  log.append({.id = 1, .timestamp = 1000});
  log.append({.id = 2, .timestamp = 1000, .transactional = true});
  const Slice snapshot = log.states().encode_snapshot();
  ProducerStory again({.expiration_ms = 10, .verifies_transactions = false});
  ASSERT_TRUE(again.states().load(snapshot.as_span(), Offset(2), 5000).ok());
  EXPECT_EQ(again.shown(1), "none");
  EXPECT_NE(again.shown(2), "none");
}

TEST(Snapshots, ThatCannotBeReadChangeNothing) {
  ProducerStory log;
  log.append({.id = 1});
  std::string bytes(log.states().encode_snapshot().as_string_view());
  bytes.back() ^= 1;
  ProducerStory again;
  EXPECT_EQ(again.states().load(std::as_bytes(std::span(bytes)), Offset(1), 1000).error(), Errc::corrupt);
  EXPECT_TRUE(again.states().empty());
  EXPECT_EQ(again.states().map_end_offset(), Offset(0));
}

TEST(Truncation, BeginsAnewOrFromTheLogsStart) {
  ProducerStory log;
  log.append({.id = 1, .transactional = true});
  log.states().truncate_fully_and_start_at(Offset(9));
  EXPECT_TRUE(log.states().empty());
  EXPECT_EQ(log.unstable(), "none");
  EXPECT_EQ(log.states().map_end_offset(), Offset(9));
  EXPECT_TRUE(log.states().wants_snapshot());
  log.states().start_at(Offset(5));
  EXPECT_EQ(log.states().map_end_offset(), Offset(5));
  EXPECT_FALSE(log.states().wants_snapshot());
}

TEST(Truncation, FromTheStartKeepsProducers) {
  ProducerStory log;
  log.append({.id = 1});
  log.states().advance_log_start(Offset(20), Offset(10));
  EXPECT_NE(log.shown(1), "none");
  EXPECT_EQ(log.states().map_end_offset(), Offset(20));
  EXPECT_TRUE(log.states().wants_snapshot());
  log.states().advance_log_start(Offset(20), {});
  EXPECT_FALSE(log.states().wants_snapshot());
}

TEST(ActiveProducers, TellWhatAdminsAsk) {
  ProducerStory log;
  log.append({.id = 4, .epoch = 2, .sequence = 7, .count = 2, .timestamp = 5, .transactional = true});
  const auto all = log.states().active();
  ASSERT_EQ(all.size(), 1u);
  EXPECT_EQ(all[0].facts, (ProducerFacts{.id = 4,
                                         .last_timestamp = 5,
                                         .transaction_start = Offset(0),
                                         .coordinator_epoch = -1,
                                         .epoch = 2}));
  EXPECT_EQ(all[0].last_sequence, 8);
  EXPECT_EQ(all[0].last_data_offset, Offset(1));
}

}  // namespace
}  // namespace ottla::storage
