// Lookups by offset and by time, asked again and again: what is remembered of the first time must be what a look at
// the files would say.
#include "test/storage/log/log_language.h"

namespace ottla::storage {
namespace {

// "5-6", or "none": the first batch that a reader at `offset` gets.
Task<std::string> batch_of(LogUnderTest& log, std::int64_t offset) {
  co_return co_await log.read(offset, 1);
}

// "12@1004", or "none".
Task<std::string> record_at(LogUnderTest& log, std::int64_t timestamp) {
  const auto found = co_await must(log->offset_for_timestamp(timestamp));
  co_return found ? found->offset.to_string() + "@" + std::to_string(found->timestamp) : "none";
}

// What a batch of five records begins with is gone from the file.
Task<void> spoil(LogUnderTest& log) {
  auto file =
      co_await must(this_shard().files().open(log->active().log_path(), {.access = Access::read_write}));
  const std::string zeros(log->active().size(), '\0');
  co_await must(file->write_at(0, Chain(Slice::copy_of(zeros))));
  co_await file->close();
}

CONTRACT_TEST(LogLookup, TheSecondTimeNothingIsRead) {
  for (const std::size_t value_bytes : {std::size_t{20}, std::size_t{2000}}) {
    LogUnderTest log({.directory = place.directory + "/" + std::to_string(value_bytes)},
                     {.index_interval_bytes = 1000});
    co_await log.open();
    for (int i = 0; i < 20; ++i) {
      (void)co_await log.append({.value_bytes = value_bytes, .timestamp = 1000 + i});
    }
    log.forget_recent();
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ((co_await must(log->read({.start = Offset(i), .max_bytes = 1}))).next, Offset(i + 1));
    }
    co_await spoil(log);
    for (int i = 0; i < 20; ++i) {
      EXPECT_EQ((co_await must(log->read({.start = Offset(i), .max_bytes = 1}))).next, Offset(i + 1));
      EXPECT_EQ(co_await record_at(log, 1000 + i), std::to_string(i) + "@" + std::to_string(1000 + i));
    }
    EXPECT_EQ(co_await record_at(log, 1020), "none");
    co_await log.end();
  }
}

CONTRACT_TEST(LogLookup, WhatIsCutOffIsRememberedNoMore) {
  LogUnderTest log(place);
  co_await log.open();
  co_await log.append_many(4, {.records = 5, .timestamp = 1000});
  log.forget_recent();
  for (const int offset : {0, 7, 12, 19}) (void)co_await batch_of(log, offset);
  EXPECT_EQ(co_await batch_of(log, 12), "10-14");
  EXPECT_TRUE(co_await must(log->truncate_to(Offset(10))));
  (void)co_await log.append({.records = 2, .timestamp = 2000});
  (void)co_await log.append({.records = 9, .timestamp = 3000});
  log.forget_recent();
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(co_await batch_of(log, 7), "5-9");
    EXPECT_EQ(co_await batch_of(log, 11), "10-11");
    EXPECT_EQ(co_await batch_of(log, 12), "12-20");
    EXPECT_EQ(co_await record_at(log, 1001), "10@2000");
    EXPECT_EQ(co_await record_at(log, 2001), "12@3000");
  }
  co_await log.end();
}

// The times of a batch's records are its producers': the header alone does not tell where one is.
CONTRACT_TEST(LogLookup, ARecordWithinABatch) {
  LogUnderTest log(place);
  co_await log.open();
  record::BatchBuilder builder({.base_offset = Offset(0), .leader_epoch = 0});
  for (const std::int64_t time : {1000, 1003, 1001, 1009}) {
    builder.append({.timestamp = time, .value = std::as_bytes(std::span("value"))});
  }
  EXPECT_EQ(co_await log.follow(std::move(builder).finish()), "ok");
  for (const bool recent : {true, false, false}) {
    if (!recent) log.forget_recent();
    EXPECT_EQ(co_await record_at(log, 1000), "0@1000");
    EXPECT_EQ(co_await record_at(log, 1002), "1@1003");
    EXPECT_EQ(co_await record_at(log, 1004), "3@1009");
    EXPECT_EQ(co_await record_at(log, 1010), "none");
  }
  co_await log.end();
}

// Cleaning leaves batches with fewer records than offsets, and with none: their headers tell a last offset only.
CONTRACT_TEST(LogLookup, ARecordThatWasCompactedAwayIsNoAnswer) {
  LogUnderTest log(place);
  co_await log.open();
  const auto holed = [](std::int64_t base, std::int64_t kept, bool empty) {
    record::BatchBuilder builder({.base_offset = Offset(base),
                                  .leader_epoch = 0,
                                  .timestamp_type = record::TimestampType::log_append_time});
    if (!empty)
      builder.append_at(Offset(kept), {.timestamp = 1000 + base, .value = std::as_bytes(std::span("value"))});
    return std::move(builder).finish(Offset(base + 4));
  };
  EXPECT_EQ(co_await log.follow(holed(0, 3, false)), "ok");
  EXPECT_EQ(co_await log.follow(holed(5, 5, true)), "ok");
  EXPECT_EQ(co_await log.follow(holed(10, 12, false)), "ok");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(co_await record_at(log, 1000), "3@1000");
    EXPECT_EQ(co_await record_at(log, 1001), "12@1010");
    log.forget_recent();
  }
  co_await log.end();
}

CONTRACT_TEST(LogLookup, TheBrokersTimeIsThatOfTheFirstRecordLeft) {
  LogUnderTest log(place, {.append = {.timestamp_type = record::TimestampType::log_append_time}});
  co_await log.open();
  const AppendInfo first = co_await log.append({.records = 5});
  log->set_high_watermark(Offset(5));
  const std::string time = "@" + std::to_string(*first.log_append_time);
  for (int round = 0; round < 2; ++round) EXPECT_EQ(co_await record_at(log, 1000), "0" + time);
  co_await must(log->advance_log_start(Offset(3)));
  for (int round = 0; round < 2; ++round) EXPECT_EQ(co_await record_at(log, 1000), "3" + time);
  co_await log.end();
}

StoredBatch head_at(std::uint64_t position, std::uint64_t size) {
  StoredBatch head;
  head.position = position;
  head.size = size;
  return head;
}

TEST(BatchHeads, KeepWhatWasPutInWhileThereIsRoom) {
  BatchHeads heads(1024);
  const BatchHeads::Number one = heads.new_segment();
  const BatchHeads::Number two = heads.new_segment();
  for (std::uint64_t at = 0; at < 400; ++at) {
    heads.keep(one, head_at(at * 100, at + 1));
    EXPECT_EQ(heads.find(two, at * 100), nullptr);
  }
  int found = 0;
  for (std::uint64_t at = 0; at < 400; ++at) {
    const StoredBatch* const head = heads.find(one, at * 100);
    if (head == nullptr) continue;
    EXPECT_EQ(head->size, at + 1);
    ++found;
  }
  EXPECT_GE(found, 396);
}

TEST(BatchHeads, AreBounded) {
  BatchHeads heads(1024);
  EXPECT_EQ(heads.capacity(), 0U);
  const BatchHeads::Number segment = heads.new_segment();
  for (std::uint64_t at = 0; at < 100'000; ++at) heads.keep(segment, head_at(at * 61, 61));
  EXPECT_EQ(heads.capacity(), 1024U);
  EXPECT_LE(heads.size(), 1024U);
  EXPECT_NE(heads.find(segment, std::uint64_t{99'999} * 61), nullptr);
}

}  // namespace
}  // namespace ottla::storage
