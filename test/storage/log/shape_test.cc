// Truncation, retention, durability, lookups by time, and transactions.
#include "record/control_record.h"
#include "runtime/whole_file.h"
#include "sim/world.h"
#include "test/storage/log/log_language.h"

namespace ottla::storage {
namespace {

LogConfig small_segments(int batches, LogConfig config = {}) {
  config.segment_bytes =
      static_cast<std::int32_t>(static_cast<std::size_t>(batches) * make_batch(Offset(0), {}).size());
  return config;
}

// --- Truncation ---------------------------------------------------------------------------------------------

CONTRACT_TEST(LogShape, TruncationForgetsWhatFollows) {
  LogUnderTest log(place, small_segments(4));
  co_await log.open();
  for (int epoch = 0; epoch < 10; ++epoch) (void)co_await log.append({.epoch = epoch});
  log->set_high_watermark(Offset(10));
  EXPECT_TRUE(co_await must(log->truncate_to(Offset(5))));
  EXPECT_EQ(log->log_end(), Offset(5));
  EXPECT_EQ(log->high_watermark(), Offset(5));
  EXPECT_EQ(log.segments(), "0 4");
  EXPECT_EQ(log->epochs().latest()->epoch, LeaderEpoch(4));
  for (const bool recent : {true, false}) {
    if (!recent) log.forget_recent();
    EXPECT_EQ(co_await log.read_all(), "0 1 2 3 4");
  }
  (void)co_await log.append({.epoch = 20});
  EXPECT_EQ(co_await log.read_all(), "0 1 2 3 4 5");
  co_await log.reopen();
  EXPECT_EQ(co_await log.read_all(), "0 1 2 3 4 5");
  co_await log.end();
}

CONTRACT_TEST(LogShape, TruncationInsideOfABatchForgetsAllOfIt) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append_many(3, {.records = 5});
  EXPECT_TRUE(co_await must(log->truncate_to(Offset(7))));
  EXPECT_EQ(log->log_end(), Offset(7));
  EXPECT_EQ(co_await log.read_all(), "0-4");
  (void)co_await log.append();
  EXPECT_EQ(co_await log.read_all(), "0-4 7");
  co_await log.end();
}

CONTRACT_TEST(LogShape, TruncationBeyondTheEndDoesNothing) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append_many(3);
  EXPECT_FALSE(co_await must(log->truncate_to(Offset(3))));
  EXPECT_EQ(co_await outcome(log->truncate_to(Offset(-1))), "invalid_argument");
  EXPECT_EQ(co_await log.read_all(), "0 1 2");
  co_await log.end();
}

CONTRACT_TEST(LogShape, TheLogStartsAnewElsewhere) {
  LogUnderTest log(place, small_segments(4));
  co_await log.open();
  co_await log.append_many(10);
  for (const std::int64_t start : {100, 100, 50}) {
    co_await must(log->truncate_fully_and_start_at(Offset(start)));
    EXPECT_EQ(log->log_start(), Offset(start));
    EXPECT_EQ(log->log_end(), Offset(start));
    (void)co_await log.append();
    EXPECT_EQ(co_await log.read_all(), std::to_string(start));
  }
  co_await log.reopen();
  EXPECT_EQ(co_await log.read_all(), "50");
  co_await log.end();
}

// --- Retention ----------------------------------------------------------------------------------------------

CONTRACT_TEST(LogShape, BySize) {
  const auto one = static_cast<std::int64_t>(make_batch(Offset(0), {}).size());
  LogUnderTest log(place,
                   small_segments(4, {.retention_bytes = 6 * one, .retention_ms = LogConfig::Millis(-1)}));
  co_await log.open();
  co_await log.append_many(14);
  EXPECT_EQ(co_await must(log->delete_old_segments()), 0U) << "nothing is committed";
  log->set_high_watermark(Offset(14));
  EXPECT_EQ(co_await must(log->delete_old_segments()), 2U);
  EXPECT_EQ(log.segments(), "8 12");
  EXPECT_EQ(log->log_start(), Offset(8));
  EXPECT_EQ(co_await log.read_all(), "8 9 10 11 12 13");
  EXPECT_EQ(co_await outcome(log->read({.start = Offset(7), .max_bytes = 1})), "not_found");
  co_await log.end();
}

CONTRACT_TEST(LogShape, ByTimeAndTheLastSegmentToo) {
  const std::int64_t now = to_epoch_millis(this_shard().wall_now());
  LogUnderTest log(place, small_segments(2, {.retention_ms = std::chrono::hours(1)}));
  co_await log.open();
  for (int i = 0; i < 6; ++i) (void)co_await log.append({.timestamp = now - (i < 4 ? 7'200'000 : 1000)});
  log->set_high_watermark(Offset(6));
  EXPECT_EQ(co_await must(log->delete_old_segments()), 2U);
  EXPECT_EQ(log.segments(), "4");
  log->set_config(std::make_shared<LogConfig>(small_segments(2, {.retention_ms = LogConfig::Millis(0)})));
  (void)co_await log.append({.timestamp = now - 5000});
  log->set_high_watermark(Offset(7));
  EXPECT_EQ(co_await must(log->delete_old_segments()), 2U);
  EXPECT_EQ(log.segments(), "7");
  EXPECT_EQ(log->log_start(), Offset(7));
  (void)co_await log.append();
  EXPECT_EQ(co_await log.read_all(), "7");
  co_await log.end();
}

CONTRACT_TEST(LogShape, RecordsThatAreDeletedAreNoSyncedOnes) {
  LogUnderTest log(place);
  co_await log.open();
  for (int i = 0; i < 4; ++i) co_await log.append();
  log->set_high_watermark(log->log_end());
  co_await must(log->advance_log_start(log->log_end()));
  EXPECT_EQ(log->recovery_point(), Offset(0));
  co_await log.end();
}

CONTRACT_TEST(LogShape, DeletedRecordsAreNotShownAndTheirSegmentsGo) {
  LogUnderTest log(place, small_segments(4));
  co_await log.open();
  co_await log.append_many(10, {.timestamp = to_epoch_millis(this_shard().wall_now())});
  EXPECT_EQ(co_await outcome(log->advance_log_start(Offset(5))), "not_found");
  log->set_high_watermark(Offset(10));
  co_await must(log->advance_log_start(Offset(5)));
  EXPECT_EQ(log->log_start(), Offset(5));
  EXPECT_EQ(log->log_end(), Offset(10));
  EXPECT_EQ(co_await must(log->delete_old_segments()), 1U);
  EXPECT_EQ(log.segments(), "4 8");
  EXPECT_EQ(co_await log.read_all(), "5 6 7 8 9");
  co_await log.reopen();
  EXPECT_EQ(log->log_start(), Offset(5));
  co_await log.end();
}

CONTRACT_TEST(LogShape, FilesVanishAfterADelay) {
  LogUnderTest log(place,
                   small_segments(4, {.retention_bytes = 0, .file_delete_delay_ms = LogConfig::Millis(20)}));
  co_await log.open();
  co_await log.append_many(8);
  log->set_high_watermark(Offset(8));
  log.forget_recent();
  Fetched held = co_await must(log->read({.start = Offset(0), .max_bytes = 1 << 20}));
  co_await must(log->delete_old_segments());
  const std::string kept = co_await bytes_of(std::move(held.records));
  EXPECT_EQ(describe(std::as_bytes(std::span(kept))), "0 1 2 3") << "who was given bytes may send them";
  while ((co_await contract::names_in(log.directory())).find("deleted") != std::string::npos) {
    (void)co_await sleep_for(std::chrono::milliseconds(5));
  }
  EXPECT_EQ(log.segments(), "8");
  co_await log.end();
}

// A segment that was cut away, grew again and was cut away again: the first one's deletion takes no file of the second.
TEST(LogShapeInVirtualTime, ADeletionTakesNoFilesOfTheNextOneOfItsName) {
  sim::World world(1);
  sim::Host& host = world.add_host("here");
  host.start([](Process&, Cancel) -> Task<int> {
    LogUnderTest log(Place{"/data"}, small_segments(4, {.file_delete_delay_ms = LogConfig::Millis(100)}));
    co_await log.open();
    for (int generation = 0; generation < 2; ++generation) {
      co_await log.append_many(6 - static_cast<int>(log->log_end().raw()));
      (void)co_await must(log->truncate_to(Offset(4)));
      (void)co_await must(log->truncate_to(Offset(3)));
      (void)co_await sleep_for(std::chrono::milliseconds(60));
    }
    EXPECT_NE((co_await contract::names_in(log.directory())).find("4.log.deleted"), std::string::npos);
    (void)co_await sleep_for(std::chrono::milliseconds(60));
    EXPECT_EQ((co_await contract::names_in(log.directory())).find("deleted"), std::string::npos);
    co_await log.end();
    co_return 0;
  });
  ASSERT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(1)));
  EXPECT_TRUE(world.violations().empty()) << world.violations().front();
}

// --- Durability ---------------------------------------------------------------------------------------------

CONTRACT_TEST(LogShape, FlushMovesTheRecoveryPoint) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append_many(3);
  EXPECT_EQ(log->recovery_point(), Offset(0));
  EXPECT_EQ(log.flushes(), 0U);
  co_await must(log->flush());
  EXPECT_EQ(log->recovery_point(), Offset(3));
  EXPECT_EQ(log.flushes(), 1U);
  co_await must(log->flush());
  EXPECT_EQ(log.flushes(), 1U) << "nothing was left to be done";
  co_await log.end();
}

CONTRACT_TEST(LogShape, FlushMessagesOneIsDurableBeforeTheAnswer) {
  LogUnderTest log(place, {.flush_messages = 1});
  co_await log.open();
  TaskGroup group(cancel);
  for (int i = 0; i < 16; ++i) {
    group.spawn([&log](Cancel) -> Task<void> {
      const AppendInfo info = co_await log.append();
      EXPECT_GT(log->recovery_point(), info.last_offset);
    });
  }
  co_await group.wait();
  EXPECT_EQ(log->recovery_point(), Offset(16));
  co_await log.end();
}

// --- By time ------------------------------------------------------------------------------------------------

CONTRACT_TEST(LogShape, OffsetsByTime) {
  LogUnderTest log(place, small_segments(10, {.index_interval_bytes = 150}));
  co_await log.open();
  for (int i = 0; i < 35; ++i)
    (void)co_await log.append({.timestamp = 1000 + 10 * (i ^ 1)});  // a little out of order
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ((co_await must(log->offset_for_timestamp(0)))->offset, Offset(0));
    EXPECT_EQ((co_await must(log->offset_for_timestamp(1010)))->offset, Offset(0));
    EXPECT_EQ((co_await must(log->offset_for_timestamp(1101)))->offset, Offset(10));
    EXPECT_EQ((co_await must(log->offset_for_timestamp(1325)))->offset, Offset(32));
    EXPECT_EQ((co_await must(log->offset_for_timestamp(1350)))->offset, Offset(34));
    EXPECT_FALSE((co_await must(log->offset_for_timestamp(1351))).has_value());
    EXPECT_EQ((co_await must(log->offset_of_max_timestamp()))->offset, Offset(34));
    EXPECT_EQ((co_await must(log->offset_of_max_timestamp()))->timestamp, 1350);
    co_await log.reopen();
  }
  co_await log.end();
}

// --- Producers and transactions -----------------------------------------------------------------------------

Slice produced(std::int64_t producer, std::int32_t sequence, bool transactional) {
  record::BatchBuilder builder({.producer_id = producer,
                                .producer_epoch = 0,
                                .base_sequence = sequence,
                                .transactional = transactional});
  // Producers that were silent for a day are forgotten when a log is opened.
  builder.append(
      {.timestamp = to_epoch_millis(this_shard().wall_now()), .value = std::as_bytes(std::span("value"))});
  return std::move(builder).finish();
}
Task<std::string> produce(LogUnderTest& log, std::int64_t producer, std::int32_t sequence,
                          bool transactional = false) {
  AppendTerms terms{.origin = record::AppendOrigin::client};
  if (transactional) {
    terms.guard = log->producers().start_verification(producer, sequence, 0, false, 1000).guard;
  }
  const AppendOutcome outcome = co_await log->append_as_leader(
      ExclusiveBytes(produced(producer, sequence, transactional)), LeaderEpoch(0), terms);
  if (outcome.producer_rejection() != nullptr)
    co_return std::string(name_of(outcome.producer_rejection()->fault));
  if (!outcome.ok()) co_return "refused";
  co_return (outcome.info().duplicate ? "again " : "") + outcome.info().first_offset.to_string();
}
Task<void> end_transaction(LogUnderTest& log, std::int64_t producer, bool commit) {
  const Slice marker =
      record::end_marker_batch({.timestamp = 1000, .producer_id = producer, .producer_epoch = 0},
                               {.committed = commit, .coordinator_epoch = 0});
  const AppendOutcome outcome = co_await log->append_as_leader(ExclusiveBytes(marker), LeaderEpoch(0),
                                                               {.origin = record::AppendOrigin::coordinator});
  EXPECT_TRUE(outcome.ok());
}

CONTRACT_TEST(LogShape, ARetryGetsTheFirstOffset) {
  LogUnderTest log(place);
  co_await log.open();
  EXPECT_EQ(co_await produce(log, 7, 0), "0");
  EXPECT_EQ(co_await produce(log, 7, 1), "1");
  EXPECT_EQ(co_await produce(log, 7, 0), "again 0");
  EXPECT_EQ(co_await produce(log, 7, 3), "out_of_order_sequence");
  co_await log.reopen();
  EXPECT_EQ(co_await produce(log, 7, 1), "again 1");
  EXPECT_EQ(co_await produce(log, 7, 2), "2");
  co_await log.crash();
  co_await log.open();
  EXPECT_EQ(co_await produce(log, 7, 2), "again 2");
  EXPECT_EQ(log->log_end(), Offset(3));
  co_await log.end();
}

std::string snapshot_of(LogUnderTest& log, std::int64_t offset) {
  const FileName name{
      .offset = Offset(offset), .kind = FileKind::producer_snapshot, .stage = FileStage::in_use};
  return log.directory() + "/" + to_string(name);
}
Task<void> write_two_segments(LogUnderTest& log) {
  EXPECT_EQ(co_await produce(log, 7, 0), "0");
  EXPECT_EQ(co_await produce(log, 9, 0), "1");
  co_await must(log->roll());
  EXPECT_EQ(co_await produce(log, 7, 1), "2");
  EXPECT_EQ(co_await produce(log, 8, 0), "3");
  co_await must(log->flush());
  (void)log->set_high_watermark(log->log_end());
}

CONTRACT_TEST(LogShape, ARetryOfWhatWasDeletedGetsTheFirstOffsetAfterACrash) {
  LogUnderTest log(place);
  co_await log.open();
  EXPECT_EQ(co_await produce(log, 7, 0), "0");
  co_await must(log->roll());
  EXPECT_EQ(co_await produce(log, 8, 0), "1");
  (void)log->set_high_watermark(Offset(2));
  co_await must(log->advance_log_start(Offset(1)));
  EXPECT_EQ(co_await must(log->delete_old_segments()), 1U);
  log.log_start = Offset(1);  // as a checkpoint says
  co_await log.crash();
  co_await log.open();
  EXPECT_EQ(co_await produce(log, 7, 0), "again 0");
  EXPECT_EQ(co_await produce(log, 7, 1), "2");
  co_await log.end();
}

CONTRACT_TEST(LogShape, RecordsBelowItsStartTellOfTheirProducersAsLongAsTheyAreThere) {
  LogUnderTest log(place);
  co_await log.open();
  co_await write_two_segments(log);
  co_await must(log->advance_log_start(Offset(3)));
  log.log_start = Offset(3);
  co_await log.crash();
  co_await log.open();
  EXPECT_EQ(log.segments(), "2");
  EXPECT_EQ(co_await produce(log, 7, 1), "again 2");
  EXPECT_EQ(co_await produce(log, 7, 2), "4");
  EXPECT_EQ(co_await produce(log, 8, 1), "5");
  EXPECT_TRUE(co_await must(log->truncate_to(Offset(4))));
  EXPECT_EQ(co_await produce(log, 7, 1), "again 2");
  EXPECT_EQ(co_await produce(log, 7, 2), "4");
  co_await log.end();
}

CONTRACT_TEST(LogShape, ATornSnapshotOfProducersIsMadeAnewBeforeTheRecordsGo) {
  LogUnderTest log(place);
  co_await log.open();
  co_await write_two_segments(log);
  log.recovery_point = log->recovery_point();
  co_await log.crash();
  co_await must(replace_file(contract::files(), snapshot_of(log, 2), Chain()));
  co_await log.open();
  (void)log->set_high_watermark(log->log_end());
  co_await must(log->advance_log_start(Offset(2)));
  EXPECT_EQ(co_await must(log->delete_old_segments()), 1U);
  co_await log.crash();
  co_await log.open();
  EXPECT_EQ(co_await produce(log, 9, 0), "again 1");
  co_await log.end();
}

// After a life in which records were deleted the power takes all that is not synced.
void expect_known_after_a_power_cut(bool by_retention) {
  sim::World world(1);
  sim::Host& host = world.add_host("here");
  const auto run = [&](auto life) {
    host.start(life);
    ASSERT_TRUE(world.run_until([&] { return !host.running(); }, std::chrono::hours(1)));
  };
  const auto first_life = [by_retention](Process&, Cancel) -> Task<int> {
    LogUnderTest log(Place{"/data"});
    log.clean = true;
    co_await log.open();
    EXPECT_EQ(co_await produce(log, 7, 0), "0");
    co_await must(log->roll());
    EXPECT_EQ(co_await produce(log, 8, 0), "1");
    co_await must(log->flush());
    (void)log->set_high_watermark(Offset(2));
    if (!by_retention) co_await must(log->advance_log_start(Offset(1)));
    if (by_retention) {
      const auto half = static_cast<std::int64_t>(log->size() / 2);
      log->set_config(std::make_shared<LogConfig>(LogConfig{.retention_bytes = half}));
    }
    EXPECT_EQ(co_await must(log->delete_old_segments()), 1U);
    co_await log.crash();
    co_await log.end();
    co_return 0;
  };
  run(first_life);
  (void)host.disk().crash(
      std::vector<sim::Fate>(host.disk().pending().size(), {.kind = sim::Fate::Kind::lost}));
  run([](Process&, Cancel) -> Task<int> {
    LogUnderTest log(Place{"/data"});
    co_await log.open();
    EXPECT_EQ(log.segments(), "1");
    EXPECT_EQ(co_await produce(log, 7, 0), "again 0");
    co_await log.end();
    co_return 0;
  });
}

TEST(LogShapeInVirtualTime, ProducersOutliveThePowerWhenRetentionTakesTheirRecords) {
  expect_known_after_a_power_cut(true);
}

TEST(LogShapeInVirtualTime, ProducersOutliveThePowerWhenTheirRecordsAreDeleted) {
  expect_known_after_a_power_cut(false);
}

CONTRACT_TEST(LogShape, ARetryIsAnsweredWhenWhatItRepeatsIsOnTheDisk) {
  LogUnderTest log(place, {.flush_messages = 1});
  co_await log.open();
  TaskGroup group;
  group.spawn([&log](Cancel) -> Task<void> { EXPECT_EQ(co_await produce(log, 7, 0), "0"); });
  while (log->log_end() == Offset(0)) co_await yield();
  EXPECT_EQ(co_await produce(log, 7, 0), "again 0");
  EXPECT_EQ(log->recovery_point(), Offset(1));
  co_await group.wait();
  co_await log.end();
}

CONTRACT_TEST(LogShape, ReadersOfCommittedRecordsStopAtOpenTransactionsAndAreToldOfAbortedOnes) {
  LogUnderTest log(place);
  co_await log.open();
  EXPECT_EQ(co_await produce(log, 1, 0, true), "0");
  EXPECT_EQ(co_await produce(log, 2, 0, true), "1");
  EXPECT_EQ(co_await produce(log, 3, 0), "2");
  log->set_high_watermark(log->log_end());
  EXPECT_EQ(log->last_stable_offset(), Offset(0));
  co_await end_transaction(log, 1, false);
  EXPECT_EQ(log->last_stable_offset(), Offset(0)) << "its end may not be replicated yet";
  log->set_high_watermark(log->log_end());
  EXPECT_EQ(log->last_stable_offset(), Offset(1));
  co_await end_transaction(log, 2, true);
  log->set_high_watermark(log->log_end());
  EXPECT_EQ(log->last_stable_offset(), Offset(5));
  for (int round = 0; round < 3; ++round) {
    const Fetched fetched = co_await must(
        log->read({.start = Offset(0), .max_bytes = 1 << 20, .isolation = Isolation::committed}));
    EXPECT_EQ(fetched.next, Offset(5));
    EXPECT_EQ(fetched.aborted.size(), 1U) << round;
    if (!fetched.aborted.empty()) {
      EXPECT_EQ(fetched.aborted[0], (AbortedTransaction{.producer_id = 1,
                                                        .first_offset = Offset(0),
                                                        .last_offset = Offset(3),
                                                        .last_stable_offset = Offset(1)}));
    }
    // Once more after a clean stop, and after a crash that makes the index anew.
    if (round == 0) co_await log.reopen();
    if (round == 1) {
      co_await log.crash();
      log.recovery_point = Offset(0);
      co_await log.open();
    }
    log->set_high_watermark(log->log_end());
  }
  co_await log.end();
}

// A snapshot knows open transactions and no others: what has ended, and may be taken back yet, is known besides.
CONTRACT_TEST(LogShape, ATruncationKeepsInMindWhichEndsMayBeTakenBackYet) {
  LogUnderTest log(place);
  co_await log.open();
  EXPECT_EQ(co_await produce(log, 1, 0, true), "0");
  EXPECT_EQ(co_await produce(log, 2, 0), "1");
  log->set_high_watermark(Offset(2));
  co_await end_transaction(log, 1, false);
  EXPECT_EQ(co_await produce(log, 2, 1), "3");
  co_await must(log->roll());  // which leaves a snapshot
  EXPECT_EQ(co_await produce(log, 2, 2), "4");
  EXPECT_TRUE((co_await log->truncate_to(Offset(4))).value());
  EXPECT_EQ(log->last_stable_offset(), Offset(0));
  EXPECT_TRUE((co_await log->truncate_to(Offset(2))).value());
  log->set_high_watermark(Offset(2));
  EXPECT_EQ(log->last_stable_offset(), Offset(0)) << "the transaction is open again";
  co_await end_transaction(log, 1, true);
  log->set_high_watermark(Offset(3));
  EXPECT_EQ(log->last_stable_offset(), Offset(3));
  co_await log.end();
}

// Deleted records are hidden only: a crash may bring them back, and then nobody may take them for committed.
CONTRACT_TEST(LogShape, ATruncationKnowsATransactionThatBeganBelowTheLogsStart) {
  LogUnderTest log(place);
  co_await log.open();
  EXPECT_EQ(co_await produce(log, 1, 0, true), "0");
  EXPECT_EQ(co_await produce(log, 1, 1, true), "1");
  EXPECT_EQ(co_await produce(log, 2, 0), "2");
  log->set_high_watermark(Offset(3));
  co_await must(log->advance_log_start(Offset(1)));
  EXPECT_TRUE((co_await log->truncate_to(Offset(2))).value());
  co_await end_transaction(log, 1, false);
  log->set_high_watermark(Offset(3));
  const auto aborted = (co_await must(log->read(
                            {.start = Offset(1), .max_bytes = 1 << 20, .isolation = Isolation::committed})))
                           .aborted;
  EXPECT_EQ(aborted.size(), 1U);
  if (!aborted.empty()) EXPECT_EQ(aborted[0].first_offset, Offset(0));
  co_await log.end();
}

CONTRACT_TEST(LogShape, AStartHoldsBackWhatMayHaveEndedAboveTheHighWatermark) {
  LogUnderTest log(place);
  co_await log.open();
  EXPECT_EQ(co_await produce(log, 3, 0), "0");
  EXPECT_EQ(co_await produce(log, 1, 0, true), "1");
  co_await must(log->roll());
  EXPECT_EQ(co_await produce(log, 2, 0, true), "2");
  EXPECT_EQ(co_await produce(log, 3, 1), "3");
  co_await end_transaction(log, 2, true);
  co_await must(log->roll());
  EXPECT_EQ(co_await produce(log, 3, 2), "5");
  // The snapshots are of 2, 5 and, with a clean stop, 6; at 2 a transaction was open since 1.
  for (const bool clean : {true, false}) {
    log.high_watermark = Offset(4);
    co_await log.close();
    log.clean = clean;
    log.recovery_point = Offset(clean ? 6 : 5);
    co_await log.open();
    EXPECT_EQ(log->high_watermark(), Offset(4));
    EXPECT_EQ(log->last_stable_offset(), Offset(1));
    if (clean) co_await end_transaction(log, 1, true);
  }
  log->set_high_watermark(log->log_end());
  EXPECT_EQ(log->last_stable_offset(), Offset(7)) << "all of them are replicated";
  // What is replicated needs no holding back.
  for (const std::int64_t watermark : {6, 7}) {
    log.high_watermark = Offset(watermark);
    co_await log.reopen();
    EXPECT_EQ(log->last_stable_offset(), Offset(watermark == 6 ? 1 : 7)) << watermark;
  }
  co_await log.end();
}

CONTRACT_TEST(LogShape, AStartHoldsNothingBackWhereNoTransactionEnded) {
  LogUnderTest log(place);
  co_await log.open();
  EXPECT_EQ(co_await produce(log, 3, 0), "0");
  co_await must(log->roll());
  EXPECT_EQ(co_await produce(log, 3, 1), "1");
  log.high_watermark = Offset(1);
  co_await log.reopen();
  EXPECT_EQ(log->last_stable_offset(), Offset(1));
  log.high_watermark = Offset(9);
  co_await log.reopen();
  EXPECT_EQ(log->high_watermark(), Offset(2));
  co_await log.end();
}

}  // namespace
}  // namespace ottla::storage
