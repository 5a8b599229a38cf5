// What a log does with what is appended to it, and what its readers see.
#include "runtime/task_group.h"
#include "test/storage/log/log_language.h"

namespace ottla::storage {
namespace {

CONTRACT_TEST(LogAppend, ANewLogIsEmpty) {
  LogUnderTest log(place);
  co_await log.open();
  EXPECT_EQ(log->log_end(), Offset(0));
  EXPECT_EQ(co_await log.read(0), "");
  EXPECT_EQ(co_await contract::names_in(log.directory()), "");
  co_await log.append();
  EXPECT_EQ(co_await contract::names_in(log.directory()),
            "00000000000000000000.index 00000000000000000000.log 00000000000000000000.timeindex");
  co_await log.close();
  EXPECT_EQ(co_await contract::names_in(log.directory()),
            "00000000000000000000.index 00000000000000000000.log 00000000000000000000.timeindex "
            "00000000000000000001.snapshot leader-epoch-checkpoint");
  co_await log.open();
  co_await log.end();
}

CONTRACT_TEST(LogAppend, AnEpochIsWrittenDownWithItsFirstRecord) {
  LogUnderTest log(place);
  co_await log.open();
  co_await must(log->assign_epoch(LeaderEpoch(4), Offset(0)));
  EXPECT_EQ(log->epochs().latest(), (EpochEntry{LeaderEpoch(4), Offset(0)}));
  co_await log.reopen();
  EXPECT_EQ(co_await contract::names_in(log.directory()), "");
  co_await must(log->assign_epoch(LeaderEpoch(6), Offset(0)));
  co_await log.append({.epoch = 6});
  co_await must(log->assign_epoch(LeaderEpoch(7), Offset(1)));
  co_await log.reopen();
  EXPECT_EQ(encode_leader_epochs(log->epochs().entries()), "0\n1\n6 0\n");
  co_await log.end();
}

// Compaction left none of its records, but offsets that were theirs.
CONTRACT_TEST(LogAppend, AnEpochIsWrittenDownWhenTheLogGoesOnBehindIt) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append({.epoch = 6});
  co_await must(log->assign_epoch(LeaderEpoch(7), Offset(1)));
  co_await must(log->skip_to(Offset(5)));
  co_await log.append({.epoch = 8});
  co_await log.reopen();
  EXPECT_EQ(encode_leader_epochs(log->epochs().entries()), "0\n3\n6 0\n7 1\n8 5\n");
  co_await log.end();
}

// What is below the end has records already.
CONTRACT_TEST(LogAppend, AnEpochBelowTheEndIsWrittenDownAtOnce) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append_many(3, {.epoch = 6});
  co_await must(log->flush());
  co_await must(log->assign_epoch(LeaderEpoch(7), Offset(1)));
  co_await log.crash();
  log.clean = true;
  co_await log.open();
  EXPECT_EQ(encode_leader_epochs(log->epochs().entries()), "0\n2\n6 0\n7 1\n");
  co_await log.end();
}

CONTRACT_TEST(LogAppend, WhatIsAppendedIsRead) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append({.records = 3});
  co_await log.append();
  EXPECT_EQ(log->log_end(), Offset(4));
  EXPECT_EQ(co_await log.read(0), "0-2 3");
  EXPECT_EQ(co_await log.read(1), "0-2 3");
  EXPECT_EQ(co_await log.read(3), "3");
  EXPECT_EQ(co_await log.read(4), "");
  co_await log.end();
}

CONTRACT_TEST(LogAppend, TheFileHoldsTheSame) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append({.records = 3});
  co_await log.append({.value_bytes = 9000});
  co_await log.append({.records = 2});
  log.forget_recent();
  EXPECT_EQ(co_await log.read(0), "0-2 3 4-5");
  EXPECT_EQ(co_await log.read(2), "0-2 3 4-5");
  EXPECT_EQ(co_await log.read(3), "3 4-5");
  EXPECT_EQ(co_await log.read(5), "4-5");
  co_await log.end();
}

CONTRACT_TEST(LogAppend, OffsetsOutsideAreNotFound) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append();
  EXPECT_EQ(co_await outcome(log->read({.start = Offset(2), .max_bytes = 100})), "not_found");
  EXPECT_EQ(co_await outcome(log->read({.start = Offset(-1), .max_bytes = 100})), "not_found");
  co_await log.end();
}

CONTRACT_TEST(LogAppend, AReadGivesWholeBatchesWithinItsLimitAndAtLeastOne) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append_many(200);
  const std::uint64_t one = make_batch(Offset(0), {}).size();
  for (const bool recent : {true, false}) {
    if (!recent) log.forget_recent();
    EXPECT_EQ(co_await log.read(3, 3 * one), "3 4 5");
    EXPECT_EQ(co_await log.read(3, 3 * one + 50), "3 4 5");
    EXPECT_EQ(co_await log.read(150, 2 * one - 1), "150");
    EXPECT_EQ(co_await log.read(150, 1), "150");
    const Fetched none =
        co_await must(log->read({.start = Offset(3), .max_bytes = 5, .at_least_one = false}));
    EXPECT_TRUE(none.records.empty());
    EXPECT_TRUE(none.first_too_large);
    EXPECT_EQ(none.next, Offset(3));
  }
  co_await log.end();
}

CONTRACT_TEST(LogAppend, ReadersByTheirIsolation) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append_many(10);
  log->set_high_watermark(Offset(4));
  for (const bool recent : {true, false}) {
    if (!recent) log.forget_recent();
    const Fetched fetched = co_await must(
        log->read({.start = Offset(2), .max_bytes = 5000, .isolation = Isolation::high_watermark}));
    EXPECT_EQ(fetched.next, Offset(4));
    const std::string bytes = co_await bytes_of(fetched.records.clone());
    EXPECT_EQ(describe(std::as_bytes(std::span(bytes))), "2 3");
    const Fetched beyond = co_await must(
        log->read({.start = Offset(5), .max_bytes = 5000, .isolation = Isolation::high_watermark}));
    EXPECT_TRUE(beyond.records.empty());
  }
  co_await log.end();
}

CONTRACT_TEST(LogAppend, SegmentsAreFilledAndLeft) {
  const std::uint64_t one = make_batch(Offset(0), {}).size();
  LogUnderTest log(place, {.segment_bytes = static_cast<std::int32_t>(10 * one)});
  co_await log.open();
  co_await log.append_many(25);
  EXPECT_EQ(log.segments(), "0 10 20");
  for (const bool recent : {true, false}) {
    if (!recent) log.forget_recent();
    EXPECT_EQ(co_await log.read(8, 2 * one), "8 9");
    EXPECT_EQ(co_await log.read(10, 2 * one), "10 11");
  }
  EXPECT_EQ(co_await log.read(8), "8 9") << "a read of files ends with its segment";
  co_await log.end();
}

CONTRACT_TEST(LogAppend, AnAppendLargerThanASegmentIsRefused) {
  LogUnderTest log(place, {.segment_bytes = 1000});
  co_await log.open();
  EXPECT_EQ(co_await log.follow(make_batch(Offset(0), {.value_bytes = 1000})), "too_large");
  co_await log.append();
  EXPECT_EQ(co_await log.read(0), "0");
  co_await log.end();
}

CONTRACT_TEST(LogAppend, ASegmentIsLeftWhenItsFirstBatchIsOld) {
  LogUnderTest log(place, {.segment_ms = std::chrono::seconds(10)});
  co_await log.open();
  co_await log.append({.timestamp = 1'000'000});
  co_await log.append({.timestamp = 1'010'000});
  EXPECT_EQ(log.segments(), "0");
  co_await log.append({.timestamp = 1'010'001});
  EXPECT_EQ(log.segments(), "0 2");
  co_await log.end();
}

CONTRACT_TEST(LogAppend, ASegmentIsLeftWhenItsIndexIsFull) {
  LogUnderTest log(place, {.segment_index_bytes = 36, .index_interval_bytes = 0});
  co_await log.open();
  for (int i = 0; i < 20; ++i) co_await log.append({.timestamp = 1000 + i});
  // Three entries of a time index fit into 36 bytes, and one place is kept.
  EXPECT_EQ(log.segments(), "0 3 6 9 12 15 18");
  for (const auto& segment : log->segments()) EXPECT_LE(segment->times().count() * 12, 36U);
  co_await log.end();
}

CONTRACT_TEST(LogAppend, ASegmentIsLeftWhenOffsetsGetTooFar) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append();
  const Offset far(3'000'000'000);
  EXPECT_EQ(co_await log.follow(make_batch(far, {})), "ok");
  EXPECT_EQ(log.segments(), "0 3000000000");
  EXPECT_EQ(co_await log.read(1), "3000000000");
  log.forget_recent();
  EXPECT_EQ(co_await log.read(1), "3000000000");
  EXPECT_EQ(co_await log.read(far.raw()), "3000000000");
  co_await log.end();
}

CONTRACT_TEST(LogAppend, AFollowerTakesOnlyWhatGoesOn) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append_many(3);
  EXPECT_EQ(co_await log.follow(make_batch(Offset(2), {})), "unexpected_offset");
  EXPECT_EQ(log->log_end(), Offset(3));
  EXPECT_EQ(co_await log.follow(make_batch(Offset(5), {})), "ok");
  EXPECT_EQ(co_await log.read(2), "2 5");
  co_await log.end();
}

CONTRACT_TEST(LogAppend, AFlippedBitIsFoundBeforeItIsAppended) {
  LogUnderTest log(place);
  co_await log.open();
  std::string bytes(make_batch(Offset(0), {}).as_string_view());
  bytes[70] ^= 1;
  EXPECT_EQ(co_await log.follow(Slice::copy_of(bytes)), "corrupt");
  EXPECT_EQ(log->log_end(), Offset(0));
  co_await log.end();
}

CONTRACT_TEST(LogAppend, APartOfABatchAtTheEndIsLeftOut) {
  LogUnderTest log(place);
  co_await log.open();
  std::string bytes(make_batch(Offset(0), {}).as_string_view());
  bytes += make_batch(Offset(1), {}).as_string_view().substr(0, 70);
  EXPECT_EQ(co_await log.follow(Slice::copy_of(bytes)), "ok");
  EXPECT_EQ(log->log_end(), Offset(1));
  co_await log.end();
}

// 64 appends side by side, some of which make the log roll: all are there, in the order of the calls.
CONTRACT_TEST(LogAppend, WhatComesTogetherIsWrittenTogether) {
  const std::uint64_t one = make_batch(Offset(0), {}).size();
  LogUnderTest log(place, {.segment_bytes = static_cast<std::int32_t>(30 * one)});
  co_await log.open();
  TaskGroup group(cancel);
  std::string expected;
  for (int i = 0; i < 64; ++i) {
    group.spawn([&log, i](Cancel) -> Task<void> {
      const AppendInfo info = co_await log.append();
      EXPECT_EQ(info.first_offset, Offset(i));
      EXPECT_GT(log->log_end(), Offset(i)) << "told before it was written";
    });
    expected += (i == 0 ? "" : " ") + std::to_string(i);
  }
  co_await group.wait();
  EXPECT_EQ(log.segments(), "0 30 60");
  EXPECT_EQ(co_await log.read_all(), expected);
  log.forget_recent();
  EXPECT_EQ(co_await log.read_all(), expected);
  EXPECT_EQ(co_await log.read_all(2 * one), expected);
  co_await log.end();
}

// By the metrics that a node shows.
CONTRACT_TEST(LogAppend, ReadsAreCountedByWhereTheyWereAnswered) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append_many(2);
  const auto hits = log.metrics().counter(kRecentHits);
  const auto misses = log.metrics().counter(kRecentMisses);
  const auto bytes = log.metrics().gauge(kRecentBytes);
  EXPECT_EQ(bytes->value(), static_cast<std::int64_t>(log.recent().charged()));
  EXPECT_GT(bytes->value(), 0);
  EXPECT_EQ(co_await log.read(0), "0 1");
  EXPECT_EQ(co_await log.read(1), "1");
  EXPECT_EQ(hits->value(), 2U);
  EXPECT_EQ(misses->value(), 0U);
  log.forget_recent();
  EXPECT_EQ(bytes->value(), 0);
  EXPECT_EQ(co_await log.read(1), "1");
  EXPECT_EQ(hits->value(), 2U);
  EXPECT_EQ(misses->value(), 1U);
  co_await log.end();
}

CONTRACT_TEST(LogAppend, FewDescriptorsAreEnoughForManySegments) {
  const std::uint64_t one = make_batch(Offset(0), {}).size();
  LogUnderTest log(place, {.segment_bytes = static_cast<std::int32_t>(2 * one)}, 4);
  co_await log.open();
  co_await log.append_many(40);
  co_await must(log->flush());  // and those that roll left to be done beside
  log.forget_recent();
  for (int offset = 0; offset < 40; offset += 2) {
    EXPECT_EQ(co_await log.read(offset), std::to_string(offset) + " " + std::to_string(offset + 1));
  }
  EXPECT_LE(log.files().open_count(), 4U);
  co_await log.end();
}

}  // namespace
}  // namespace ottla::storage
