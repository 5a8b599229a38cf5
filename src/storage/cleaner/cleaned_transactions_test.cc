#include "storage/cleaner/cleaned_transactions.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/batch_builder.h"
#include "record/batch_view.h"
#include "record/control_record.h"
#include "storage/format/index_entry.h"

namespace ottla::storage {
namespace {

AbortedTransaction aborted(std::int64_t producer, std::int64_t first, std::int64_t marker) {
  return {.producer_id = producer,
          .first_offset = Offset(first),
          .last_offset = Offset(marker),
          .last_stable_offset = Offset(marker + 1)};
}

class CleanedTransactionsTest : public testing::Test {
 protected:
  void index_has(std::vector<AbortedTransaction> transactions) { state_.add_aborted(transactions); }
  // Whether it is of an aborted transaction.
  bool data(std::int64_t offset, std::int64_t producer, bool transactional = true) {
    record::BatchBuilder builder({.base_offset = Offset(offset),
                                  .producer_id = producer,
                                  .producer_epoch = 0,
                                  .base_sequence = 0,
                                  .transactional = transactional});
    builder.append({.timestamp = 1});
    const Slice batch = std::move(builder).finish();
    return state_.on_data_batch(*record::BatchView::first_of(batch.as_span()));
  }
  bool may_go(const Slice& marker) {
    const auto result = state_.on_control_batch(*record::BatchView::first_of(marker.as_span()));
    EXPECT_TRUE(result.ok());
    return *result;
  }
  bool marker_may_go(std::int64_t offset, std::int64_t producer, bool committed) {
    return may_go(record::end_marker_batch(
        {.offset = Offset(offset), .producer_id = producer, .producer_epoch = 0}, {.committed = committed}));
  }
  bool commit_may_go(std::int64_t offset, std::int64_t producer) {
    return marker_may_go(offset, producer, true);
  }
  bool abort_may_go(std::int64_t offset, std::int64_t producer) {
    return marker_may_go(offset, producer, false);
  }
  using Retained = std::vector<AbortedTransaction>;

  CleanedTransactions state_;
};

TEST_F(CleanedTransactionsTest, DataOfAnAbortedTransactionIsKnownBeforeItsMarker) {
  index_has({aborted(7, 10, 20)});
  EXPECT_FALSE(data(9, 7)) << "of the transaction before";
  EXPECT_FALSE(commit_may_go(9, 7));
  EXPECT_TRUE(data(10, 7));
  EXPECT_FALSE(data(11, 8)) << "another producer";
  EXPECT_FALSE(data(12, 7, false)) << "outside of transactions";
  EXPECT_TRUE(data(13, 7));
}

TEST_F(CleanedTransactionsTest, AMarkerStaysWhileItsTransactionHasData) {
  index_has({aborted(7, 10, 20)});
  EXPECT_TRUE(data(10, 7));
  EXPECT_FALSE(data(11, 8));
  EXPECT_FALSE(abort_may_go(20, 7));
  EXPECT_FALSE(commit_may_go(21, 8));
  EXPECT_EQ(state_.take_retained(), Retained({aborted(7, 10, 20)}));
  EXPECT_EQ(state_.take_retained(), Retained());
}

TEST_F(CleanedTransactionsTest, AMarkerMayGoOnceItsDataHasGone) {
  index_has({aborted(7, 10, 20)});
  EXPECT_TRUE(abort_may_go(20, 7));
  EXPECT_TRUE(commit_may_go(21, 8));
  EXPECT_EQ(state_.take_retained(), Retained()) << "nobody has to know of it any more";
}

TEST_F(CleanedTransactionsTest, EachTransactionOfAProducerIsItsOwn) {
  index_has({aborted(7, 30, 31), aborted(7, 10, 11)});
  EXPECT_TRUE(data(10, 7));
  EXPECT_FALSE(abort_may_go(11, 7));
  EXPECT_FALSE(data(20, 7));
  EXPECT_FALSE(commit_may_go(21, 7));
  EXPECT_TRUE(data(30, 7));
  EXPECT_FALSE(abort_may_go(31, 7));
  EXPECT_TRUE(commit_may_go(41, 7)) << "a commit without data";
}

TEST_F(CleanedTransactionsTest, ATransactionMayComeAgainWithTheNextRange) {
  index_has({aborted(7, 10, 60)});
  EXPECT_TRUE(data(10, 7));
  index_has({aborted(7, 10, 60)});
  EXPECT_TRUE(data(50, 7));
  index_has({aborted(7, 10, 60)});
  EXPECT_FALSE(abort_may_go(60, 7));
  EXPECT_EQ(state_.take_retained(), Retained({aborted(7, 10, 60)}));
  EXPECT_FALSE(data(70, 7));
}

TEST_F(CleanedTransactionsTest, AnAbortThatNoIndexKnowsMayGo) {
  EXPECT_TRUE(abort_may_go(20, 7));
}

TEST_F(CleanedTransactionsTest, AnEmptyControlBatchWasCleanedBefore) {
  record::BatchBuilder builder(
      {.base_offset = Offset(5), .producer_id = 7, .transactional = true, .control = true});
  EXPECT_TRUE(may_go(std::move(builder).finish(Offset(5))));
}

TEST_F(CleanedTransactionsTest, WhatItDoesNotKnowStays) {
  record::BatchBuilder builder({.base_offset = Offset(5), .control = true});
  const auto key = record::control_key(record::ControlType::leader_change);
  builder.append({.timestamp = 1, .key = key});
  EXPECT_FALSE(may_go(std::move(builder).finish()));
}

TEST_F(CleanedTransactionsTest, RefusesAControlRecordWithoutAType) {
  record::BatchBuilder builder({.base_offset = Offset(5), .control = true});
  builder.append({.timestamp = 1});
  const Slice batch = std::move(builder).finish();
  EXPECT_FALSE(state_.on_control_batch(*record::BatchView::first_of(batch.as_span())).ok());
}

}  // namespace
}  // namespace ottla::storage
