#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/offset.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "record/batch_builder.h"
#include "storage/producer/producer_states.h"
#include "storage/testing/producer_story.h"

namespace ottla::storage {
namespace {

using record::AppendOrigin;
using testing::DataSpec;
using testing::ProducerStory;

DataSpec part(std::int64_t id, std::int32_t sequence, std::int16_t epoch = 0) {
  return {.id = id, .epoch = epoch, .sequence = sequence, .transactional = true};
}

TEST(Transactions, KeepTheLastStableOffsetBack) {
  ProducerStory log;
  log.append({.id = 9});
  log.append(part(1, 0));
  log.append(part(2, 0));
  EXPECT_EQ(log.unstable(), "1");
  log.mark({.id = 1});
  EXPECT_EQ(log.completed(), "1: 1-3 committed, stable 2");
  EXPECT_EQ(log.unstable(), "1");
  log.states().on_high_watermark(Offset(3));
  EXPECT_EQ(log.unstable(), "1");
  log.states().on_high_watermark(Offset(4));
  EXPECT_EQ(log.unstable(), "2");
  EXPECT_EQ(log.states().last_stable_offset(Offset(4), Offset(0)), Offset(2));
  EXPECT_EQ(log.states().last_stable_offset(Offset(1), Offset(0)), Offset(1));
  EXPECT_EQ(log.states().last_stable_offset(Offset(4), Offset(3)), Offset(3));
}

TEST(Transactions, ThatEndAloneAreStableBehindTheirMarker) {
  ProducerStory log;
  log.append(part(1, 0));
  log.mark({.id = 1, .committed = false, .coordinator_epoch = 4, .timestamp = 77});
  EXPECT_EQ(log.completed(), "1: 0-1 aborted, stable 2");
  EXPECT_EQ(log.shown(1), "1: epoch 0, sequences 0-0, offsets 0-0, open since -1, coordinator 4, at 77");
}

TEST(Transactions, OfOneAppendCompleteInOrder) {
  ProducerStory log;
  log.as(AppendOrigin::replication);
  EXPECT_EQ(log.append_bytes(
                {testing::data_batch(part(1, 0), Offset(0)), testing::marker_batch({.id = 1}, Offset(1)),
                 testing::data_batch(part(1, 1), Offset(2)), testing::data_batch(part(2, 0), Offset(3)),
                 testing::marker_batch({.id = 1, .committed = false}, Offset(4))}),
            "0-4");
  EXPECT_EQ(log.completed(), "1: 0-1 committed, stable 3; 1: 2-4 aborted, stable 3");
  EXPECT_EQ(log.unstable(), "0");
}

TEST(Transactions, AreAllOrNothingForTheirProducer) {
  ProducerStory log;
  log.append(part(1, 0));
  EXPECT_EQ(log.append({.id = 1, .sequence = 1}), "invalid_transaction");
  EXPECT_EQ(log.as(AppendOrigin::replication).append({.id = 1, .sequence = 1}), "invalid_transaction");
}

TEST(Markers, WithoutATransactionCompleteNone) {
  ProducerStory log;
  EXPECT_EQ(log.mark({.id = 1, .epoch = 3, .coordinator_epoch = 2}), "0-0");
  EXPECT_EQ(log.completed(), "");
  EXPECT_EQ(log.shown(1), "1: epoch 3, sequences, offsets, open since -1, coordinator 2, at 1000");
}

TEST(Markers, RaiseTheEpoch) {
  ProducerStory log;
  log.append(part(1, 0));
  EXPECT_EQ(log.mark({.id = 1, .epoch = 1}), "1-1");
  EXPECT_EQ(log.append(part(1, 1)), "invalid_epoch");
  EXPECT_EQ(log.append(part(1, 0, 1)), "2-2");
}

TEST(Markers, OfOldCoordinatorsAreFenced) {
  ProducerStory log;
  log.append(part(1, 0));
  log.mark({.id = 1, .coordinator_epoch = 5});
  EXPECT_EQ(log.mark({.id = 1, .coordinator_epoch = 4}), "coordinator_fenced");
  EXPECT_EQ(log.mark({.id = 1, .coordinator_epoch = 5}), "2-2");
  EXPECT_EQ(log.as(AppendOrigin::replication).mark({.id = 1, .coordinator_epoch = 4}), "3-3");
}

TEST(Markers, OfOldEpochsAreRefused) {
  ProducerStory log;
  log.append(part(1, 0, 4));
  EXPECT_EQ(log.mark({.id = 1, .epoch = 3}), "invalid_epoch");
  EXPECT_EQ(log.mark({.id = 1, .epoch = 4}), "1-1");
}

TEST(Markers, OfTransactionsV2HaveAHigherEpoch) {
  ProducerStory log;
  log.append(part(1, 0, 4));
  log.of_version(2);
  EXPECT_EQ(log.mark({.id = 1, .epoch = 4}), "invalid_epoch");
  EXPECT_EQ(log.mark({.id = 1, .epoch = 5}), "1-1");
  // A retry of the coordinator, whose transaction has ended.
  EXPECT_EQ(log.mark({.id = 1, .epoch = 5}), "2-2");
  EXPECT_EQ(log.completed(), "");
  EXPECT_EQ(log.mark({.id = 1, .epoch = 4}), "invalid_epoch");
}

TEST(Markers, OfTransactionsV2EndTheLastEpochToo) {
  ProducerStory log;
  log.append(part(1, 0, INT16_MAX));
  EXPECT_EQ(log.of_version(2).mark({.id = 1, .epoch = INT16_MAX}), "1-1");
  EXPECT_EQ(log.completed(), "1: 0-1 committed, stable 2");
}

TEST(Markers, ThatAreNoneAreRefused) {
  ProducerStory log;
  log.as(AppendOrigin::replication);
  record::BatchBuilder builder(
      {.producer_id = 1, .producer_epoch = 0, .transactional = true, .control = true});
  builder.append({.timestamp = 0});
  EXPECT_EQ(log.append_bytes({std::move(builder).finish()}), "invalid_marker");
  EXPECT_EQ(log.shown(1), "none");
}

TEST(Markers, WhoseRecordsWereCleanedAwayDoNothing) {
  ProducerStory log;
  log.append(part(1, 0));
  record::BatchBuilder builder({.base_offset = Offset(1),
                                .producer_id = 1,
                                .producer_epoch = 0,
                                .transactional = true,
                                .control = true});
  EXPECT_EQ(log.append_bytes({std::move(builder).finish(Offset(1))}), "1-1");
  EXPECT_EQ(log.completed(), "");
  EXPECT_EQ(log.unstable(), "0");
}

TEST(Transactions, ThatEndedStayUnstableUntilTheyAreReplicatedWhateverIsReloaded) {
  ProducerStory log;
  log.append(part(1, 0));
  log.append({.id = 2});
  log.mark({.id = 1});
  const Slice snapshot = log.states().encode_snapshot();
  const auto reload = [&](std::int64_t end) {
    log.states().forget_from(Offset(end));
    EXPECT_TRUE(log.states().load(snapshot.as_span(), Offset(3), 1000).ok());
  };
  reload(3);
  EXPECT_EQ(log.unstable(), "0");
  log.states().on_high_watermark(Offset(2));
  EXPECT_EQ(log.unstable(), "0");
  log.states().on_high_watermark(Offset(3));
  EXPECT_EQ(log.unstable(), "none");
  log.append(part(1, 1));
  log.mark({.id = 1});
  reload(4);
  EXPECT_EQ(log.unstable(), "none") << "its end is taken back, and its beginning too";
}

TEST(Transactions, ThatMayHaveEndedHoldBackUntilAllAreReplicated) {
  ProducerStory log;
  log.states().suspect(Offset(3), Offset(8));
  log.states().suspect(Offset(5), Offset(9));
  EXPECT_EQ(log.unstable(), "3");
  log.states().on_high_watermark(Offset(8));
  EXPECT_EQ(log.unstable(), "3");
  log.states().forget_from(Offset(7));
  EXPECT_EQ(log.unstable(), "3");
  log.states().on_high_watermark(Offset(7));
  EXPECT_EQ(log.unstable(), "none");
  log.states().suspect(Offset(3), Offset(8));
  log.states().forget_from(Offset(3));
  EXPECT_EQ(log.unstable(), "none");
}

TEST(LateTransactions, AreSilentForLongerThanAllowed) {
  ProducerStory log({.max_transaction_timeout_ms = 1000, .verifies_transactions = false});
  EXPECT_FALSE(log.states().has_late_transaction(1'000'000'000));
  log.append({.id = 1, .timestamp = 5000, .transactional = true});
  log.append({.id = 2, .timestamp = 1, .transactional = true});
  EXPECT_FALSE(log.states().has_late_transaction(306'000));
  EXPECT_TRUE(log.states().has_late_transaction(306'001));
  log.mark({.id = 1});
  log.mark({.id = 2});
  EXPECT_FALSE(log.states().has_late_transaction(1'000'000'000));
}

class VerifiedTransactions : public ::testing::Test {
 protected:
  VerificationGuard verify(std::int32_t sequence, std::int16_t epoch = 0, bool raises_epoch = false) {
    const auto start = log.states().start_verification(1, sequence, epoch, raises_epoch, 1000);
    EXPECT_EQ(start.fault, ProducerFault::none);
    return start.guard;
  }

  ProducerStory log{{.expiration_ms = 100, .verifies_transactions = true}};
};

TEST_F(VerifiedTransactions, BeginWithAGuard) {
  EXPECT_EQ(log.append(part(1, 0)), "invalid_transaction");
  const VerificationGuard guard = verify(0);
  EXPECT_NE(guard, kNoGuard);
  EXPECT_EQ(log.append(part(1, 0)), "invalid_transaction");
  EXPECT_EQ(log.with(guard).append(part(1, 0)), "0-0");
  EXPECT_EQ(verify(1), kNoGuard);
  EXPECT_EQ(log.with(kNoGuard).append(part(1, 1)), "1-1");
}

TEST_F(VerifiedTransactions, AreOfNoUseOnceAMarkerCame) {
  const VerificationGuard guard = verify(0);
  log.mark({.id = 1, .committed = false});
  EXPECT_EQ(log.with(guard).append(part(1, 0)), "invalid_transaction");
  EXPECT_NE(verify(0), guard);
}

TEST_F(VerifiedTransactions, ShareOneGuard) {
  EXPECT_EQ(verify(5), verify(3));
}

TEST_F(VerifiedTransactions, BeginWithTheLowestSequenceThatWasSeen) {
  verify(5);
  const VerificationGuard guard = verify(3);
  EXPECT_EQ(log.with(guard).append(part(1, 5)), "out_of_order_sequence");
  EXPECT_EQ(log.append(part(1, 3)), "0-0");
}

TEST_F(VerifiedTransactions, OfAHigherEpochBeginAnew) {
  verify(3, 0);
  const VerificationGuard guard = verify(7, 1);
  EXPECT_EQ(log.with(guard).append(part(1, 7, 1)), "0-0");
}

TEST_F(VerifiedTransactions, OfVersion2BeginWithZero) {
  const VerificationGuard guard = verify(4, 0, true);
  EXPECT_EQ(log.with(guard).append(part(1, 4)), "out_of_order_sequence");
  verify(0, 0, true);
  EXPECT_EQ(log.append(part(1, 0)), "0-0");
}

TEST_F(VerifiedTransactions, OfVersion2SurviveTheMarkerThatRaisedTheirEpoch) {
  const VerificationGuard guard = verify(0, 1, true);
  log.mark({.id = 1, .epoch = 1});
  EXPECT_EQ(log.with(guard).append(part(1, 0, 1)), "1-1");
}

TEST_F(VerifiedTransactions, OfOldEpochsAreRefused) {
  log.mark({.id = 1, .epoch = 3});
  EXPECT_EQ(log.states().start_verification(1, 0, 2, true, 1000).fault, ProducerFault::invalid_epoch);
  EXPECT_EQ(log.append(part(1, 0, 2)), "invalid_epoch");
}

TEST_F(VerifiedTransactions, AreForgottenWhenNobodyAnswers) {
  const VerificationGuard guard = verify(0);
  log.states().expire(1099);
  EXPECT_NE(log.states().verification(1), nullptr);
  log.states().expire(1100);
  EXPECT_EQ(log.states().verification(1), nullptr);
  EXPECT_EQ(log.with(guard).append(part(1, 0)), "invalid_transaction");
}

TEST_F(VerifiedTransactions, NeedNoneInReplicas) {
  EXPECT_EQ(log.as(AppendOrigin::replication).append(part(1, 0)), "0-0");
}

}  // namespace
}  // namespace ottla::storage
