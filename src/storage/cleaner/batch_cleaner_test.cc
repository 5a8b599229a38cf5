#include "storage/cleaner/batch_cleaner.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/crc32.h"
#include "base/crc32c.h"
#include "base/endian.h"
#include "base/error.h"
#include "base/hex.h"
#include "base/offset.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "storage/cleaner/cleaned_transactions.h"
#include "storage/cleaner/cleaning.h"
#include "storage/cleaner/key_hash.h"
#include "storage/cleaner/map_builder.h"
#include "storage/cleaner/offset_map.h"
#include "storage/cleaner/testing/cleaned_log.h"
#include "storage/format/index_entry.h"

namespace ottla::storage {
namespace {

using record::Compression;
using testing::CleanedLog;
using Shown = std::vector<std::string>;

TEST(BatchCleaner, KeepsTheLastValueOfEachKey) {
  CleanedLog log;
  log.append({"a=1", "b=1"}).append({"a=2", "c=1"}).append({"b=2", "d=1"});
  EXPECT_EQ(log.clean(), Offset(6));
  EXPECT_EQ(log.shown(), (Shown{"2 a=2", "3 c=1", "4 b=2", "5 d=1"}));
  EXPECT_EQ(log.stats.read_records, 6u);
  EXPECT_EQ(log.stats.written_records, 4u);
}

TEST(BatchCleaner, TheLastOneOfABatchCounts) {
  CleanedLog log;
  log.append({"a=1", "a=2", "a=3"});
  log.clean();
  EXPECT_EQ(log.shown(), Shown{"2 a=3"});
}

class BatchCleanerCodecs : public ::testing::TestWithParam<Compression> {};
TEST_P(BatchCleanerCodecs, AnyCodecWillDo) {
  CleanedLog log;
  log.append({"a=1", "b=1", "c=1"}, {}, GetParam()).append({"b=2", "d=1"}, {}, GetParam());
  log.clean();
  EXPECT_EQ(log.shown(), (Shown{"0 a=1", "2 c=1", "3 b=2", "4 d=1"}));
  EXPECT_EQ(record::BatchView::first_of(log.batches()[0])->attributes().compression(), GetParam());
}
INSTANTIATE_TEST_SUITE_P(All, BatchCleanerCodecs,
                         ::testing::Values(Compression::none, Compression::gzip, Compression::snappy,
                                           Compression::lz4, Compression::zstd));

TEST(BatchCleaner, ManyRecordsInABatch) {
  CleanedLog log;
  for (int i = 0; i < 5; ++i) {
    log.append({"a=1", "b=1", "c=1", "d=1", "e=1", "f=1", "g=1", "h=1", "i=1", "j=1",
                "k=1", "l=1", "m=1", "n=1", "o=1", "p=1", "q=1", "r=1", "s=1", "a=2"});
  }
  log.clean();
  EXPECT_EQ(log.shown().front(), "81 b=1");
  EXPECT_EQ(log.shown().back(), "99 a=2");
  EXPECT_EQ(log.shown().size(), 19u);
}

TEST(BatchCleaner, RecordsWithoutAKeyGo) {
  CleanedLog log;
  log.append({"a=1", "-=1", "b=1"});
  log.clean();
  EXPECT_EQ(log.shown(), (Shown{"0 a=1", "2 b=1"}));
  EXPECT_EQ(log.stats.records_without_key, 1u);
}

TEST(BatchCleaner, WhatIsCleanIsComparedWithWhatIsDirty) {
  CleanedLog log;
  log.append({"a=1", "b=1"}).append({"a=2"});
  EXPECT_EQ(log.clean(0, 2), Offset(3));
  EXPECT_EQ(log.shown(), (Shown{"1 b=1", "2 a=2"}));
}

TEST(BatchCleaner, AMapThatIsFullEndsTheDirtyPart) {
  CleanedLog log;
  log.map = {.memory = 3 * OffsetMap::kEntrySize, .load_factor = 0.7};
  log.append({"a=1"}).append({"a=2", "b=1", "c=1", "a=3"}).append({"c=2"}).append({"a=4"});
  EXPECT_EQ(log.clean(), Offset(3)) << "up to the third key";
  EXPECT_EQ(log.shown(), (Shown{"1 a=2", "2 b=1", "3 c=1", "4 a=3", "5 c=2", "6 a=4"}));
  EXPECT_EQ(log.clean(0, 3), Offset(7));
  EXPECT_EQ(log.shown(), (Shown{"2 b=1", "5 c=2", "6 a=4"}));
}

TEST(BatchCleaner, BetweenBatchesNothingIsMissed) {
  CleanedLog log;
  log.append({"a=1"}).go_to(100).append({"a=2"}).go_to(200);
  EXPECT_EQ(log.clean(), Offset(200));
  EXPECT_EQ(log.shown(), Shown{"100 a=2"});
}

// --- Tombstones ---------------------------------------------------------------------------------------------

TEST(BatchCleaner, ATombstoneStaysUntilItsHorizonHasPassed) {
  CleanedLog log;
  log.append({"a=1"}).append({"a=-", "b=1"}).append({"c=1"});
  log.clean(1000);
  EXPECT_EQ(log.shown(), (Shown{"1 a=-", "2 b=1", "3 c=1"}));
  log.clean(1099, 4);
  EXPECT_EQ(log.shown(), (Shown{"1 a=-", "2 b=1", "3 c=1"}));
  log.clean(1100, 4);
  EXPECT_EQ(log.shown(), (Shown{"2 b=1", "3 c=1"}));
}

TEST(BatchCleaner, AHorizonIsSetOnce) {
  CleanedLog log;
  log.append({"a=-"});
  log.clean(1000);
  const std::string first = log.bytes();
  log.clean(1050, 1);
  EXPECT_EQ(log.bytes(), first);
}

TEST(BatchCleaner, AYoungTombstoneInABatchThatCannotHoldAllIsKept) {
  CleanedLog log;
  log.append({"a=-"}).append({"a=1"}).append({"b=-"});
  log.clean(1000);
  EXPECT_EQ(log.shown(), (Shown{"1 a=1", "2 b=-"})) << "a tombstone that is not the last one goes at once";
}

// --- Transactions -------------------------------------------------------------------------------------------

TEST(BatchCleaner, AbortedRecordsGoAndTheirMarkerFollows) {
  CleanedLog log;
  log.append({"a=1"}).write(7, {"a=2", "b=1"}).abort(7).append({"z=1"});
  log.clean(1000);
  EXPECT_EQ(log.shown(), (Shown{"0 a=1", "3 abort", "4 z=1"})) << "what was aborted replaces nothing";
  EXPECT_EQ(log.aborted.size(), 1u) << "data was still there for who read meanwhile";
  log.clean(2000, 5);
  EXPECT_EQ(log.shown(), (Shown{"0 a=1", "3 abort", "4 z=1"})) << "now its horizon is set";
  EXPECT_TRUE(log.aborted.empty());
  log.clean(2099, 5);
  EXPECT_EQ(log.shown(), (Shown{"0 a=1", "3 abort", "4 z=1"}));
  log.clean(2100, 5);
  EXPECT_EQ(log.shown(), (Shown{"0 a=1", "4 z=1"}));
}

TEST(BatchCleaner, ACommitStaysWhileItsRecordsDo) {
  CleanedLog log;
  log.write(7, {"a=1"}).commit(7).append({"z=1"});
  log.clean(1000);
  log.clean(9000, 3);
  EXPECT_EQ(log.shown(), (Shown{"0 a=1", "1 commit", "2 z=1"}));
  log.append({"a=2"});
  log.clean(10000, 3);
  EXPECT_EQ(log.shown(), (Shown{"1 commit", "2 z=1", "3 a=2"}));
  log.clean(20000, 4);
  EXPECT_EQ(log.shown(), (Shown{"1 commit", "2 z=1", "3 a=2"})) << "now its horizon is set";
  log.clean(20100, 4);
  EXPECT_EQ(log.shown(), (Shown{"2 z=1", "3 a=2"}));
}

TEST(BatchCleaner, TransactionsOfTwoProducersAreToldApart) {
  CleanedLog log;
  log.write(7, {"a=1"}).write(8, {"b=1"}).write(7, {"c=1"}).abort(7).commit(8).append({"z=1"});
  log.clean(1000);
  EXPECT_EQ(log.shown(), (Shown{"1 b=1", "3 abort", "4 commit", "5 z=1"}));
}

// --- What stays for its header ------------------------------------------------------------------------------

TEST(BatchCleaner, TheLastBatchOfAnActiveProducerStays) {
  CleanedLog log;
  const record::BatchOptions producer{.producer_id = 7, .producer_epoch = 1, .base_sequence = 5};
  log.append({"a=1"}, producer).append({"b=1"}, producer).append({"a=2", "b=2"});
  log.producers[7] = {.last_data_offset = Offset(1), .epoch = 1};
  log.clean();
  EXPECT_EQ(log.shown(), (Shown{"1 empty", "2 a=2", "3 b=2"}));
  EXPECT_EQ(record::BatchView::first_of(log.batches()[0])->last_sequence(), 5);
  log.clean(0, 4);
  EXPECT_EQ(log.shown(), (Shown{"1 empty", "2 a=2", "3 b=2"}));
  log.producers.clear();  // it expired
  log.clean(0, 4);
  EXPECT_EQ(log.shown(), (Shown{"2 a=2", "3 b=2"}));
}

TEST(BatchCleaner, TheLastAbortedBatchOfAnActiveProducerStaysAndSoDoesItsMarker) {
  CleanedLog log;
  log.write(7, {"a=1"}).write(7, {"b=1"}).abort(7).append({"z=1"});
  log.producers[7] = {.last_data_offset = Offset(1), .epoch = 0};
  log.clean(1000);
  log.clean(2000, 4);
  log.clean(9000, 4);
  EXPECT_EQ(log.shown(), (Shown{"1 empty", "2 abort", "3 z=1"}));
  EXPECT_EQ(log.aborted.size(), 1u);
}

TEST(BatchCleaner, AMarkerThatIsAllThatIsLeftOfAProducerStays) {
  CleanedLog log;
  log.commit(7).append({"z=1"});
  log.producers[7] = {.last_data_offset = {}, .epoch = 0};
  log.clean(1000);
  log.clean(2000, 2);
  EXPECT_EQ(log.shown(), (Shown{"0 empty", "1 z=1"})) << "its epoch is in the header";
  log.producers[7].epoch = 1;
  log.clean(3000, 2);
  EXPECT_EQ(log.shown(), Shown{"1 z=1"});
}

TEST(BatchCleaner, TheLastBatchOfTheLogStaysForItsOffset) {
  CleanedLog log;
  log.append({"a=1"}).append({"-=1", "-=2"});
  log.clean();
  EXPECT_EQ(log.shown(), (Shown{"0 a=1", "1 empty"}));
  EXPECT_EQ(*record::BatchView::first_of(log.batches()[1])->last_offset(), Offset(2));
}

// --- Bad bytes ----------------------------------------------------------------------------------------------

std::vector<std::byte> batch_of(const CleanedLog& log) {
  return log.batches().front();
}
Error fault_of(const std::vector<std::byte>& batch) {
  CleanedLog log;
  const auto cleaned = log.append_bytes(batch).try_clean();
  return cleaned.ok() ? Error(Errc::end_of_stream) : cleaned.error();
}

TEST(BatchCleaner, RefusesABatchThatFailsItsChecksum) {
  CleanedLog log;
  auto batch = batch_of(log.append({"a=1"}));
  batch.back() ^= std::byte{1};
  EXPECT_EQ(fault_of(batch), Errc::corrupt) << "when it is dirty";
  CleanedLog clean;
  clean.append_bytes(batch).append({"b=1"});
  EXPECT_EQ(clean.try_clean(0, 1).error(), Errc::corrupt) << "when it is clean";
}

TEST(BatchCleaner, RefusesRecordsOutsideOfTheirBatch) {
  CleanedLog log;
  auto batch = batch_of(log.append({"a=1", "b=1"}));
  record::set_base_offset(batch, Offset(0));
  store_big_endian(batch.data() + record::kLastOffsetDeltaAt, std::int32_t{0});
  record::set_max_timestamp(batch, record::TimestampType::create_time, 0);  // the checksum anew
  EXPECT_EQ(fault_of(batch), Errc::corrupt);
}

TEST(BatchCleaner, RefusesAnImpossibleLastOffset) {
  CleanedLog log;
  auto batch = batch_of(log.append({"a=1"}));
  record::set_base_offset(batch, Offset::max() - 1);
  store_big_endian(batch.data() + record::kLastOffsetDeltaAt, std::int32_t{5});
  record::set_max_timestamp(batch, record::TimestampType::create_time, 0);
  CleanedTransactions transactions;
  OffsetMap map = std::move(OffsetMap::make({}, Offset(0), 1)).value();
  record::CodecPool codecs;
  const KeyHasher hash(1, 2);
  MapBuilder builder(map, hash, Offset(0), transactions, codecs);
  CleaningStats stats;
  EXPECT_EQ(builder.add(batch, {}, stats).error(), Errc::corrupt);
}

TEST(BatchCleaner, RefusesToCountRecordsForWhichThereIsNoRoom) {
  CleanedLog log;
  auto batch = batch_of(log.commit(7));
  store_big_endian(batch.data() + record::kCountAt, std::int32_t{1} << 24);
  store_big_endian(batch.data() + record::kCrcAt, crc32c(std::span(batch).subspan(record::kAttributesAt)));
  EXPECT_EQ(fault_of(batch), Errc::corrupt);
}

TEST(BatchCleaner, RefusesRecordsOverTheLimit) {
  CleanedLog log;
  log.append({"a=" + std::string(100, 'v')});
  log.limits.max_record_bytes = 50;
  EXPECT_EQ(log.try_clean().error(), Errc::too_large);
}

TEST(BatchCleaner, WhatCannotBeMadeAnewInMemoryStays) {
  CleanedLog log;
  const std::string value(300, 'v');
  log.append({"a=" + value, "b=" + value, "c=" + value}, {}, Compression::gzip).append({"a=2"});
  log.max_rebuild_bytes = 500;
  log.clean();
  EXPECT_EQ(log.shown().size(), 4u);
  EXPECT_EQ(log.stats.oversized_batches, 1u);
}

// --- Magic 0 and 1 ------------------------------------------------------------------------------------------

// A message with a key of one byte; no value is a tombstone.
std::vector<std::byte> message(std::int8_t magic, std::int64_t offset, char key, std::string_view value) {
  std::vector<std::byte> bytes;
  const auto put = [&bytes](auto number) {
    bytes.resize(bytes.size() + sizeof(number));
    store_big_endian(bytes.data() + bytes.size() - sizeof(number), number);
  };
  put(offset);
  put(std::int32_t{0});  // length
  put(std::int32_t{0});  // checksum
  put(magic);
  put(std::int8_t{0});
  if (magic == 1) put(std::int64_t{55});
  put(std::int32_t{1});
  bytes.push_back(static_cast<std::byte>(key));
  put(value.empty() ? std::int32_t{-1} : static_cast<std::int32_t>(value.size()));
  for (const char byte : value) bytes.push_back(static_cast<std::byte>(byte));
  store_big_endian(bytes.data() + record::kLengthAt,
                   static_cast<std::int32_t>(bytes.size() - record::kLogOverhead));
  store_big_endian(bytes.data() + 12, crc32(std::span(bytes).subspan(record::kMagicAt)));
  return bytes;
}

TEST(BatchCleaner, OldMessagesBecomeBatches) {
  CleanedLog log;
  log.append_bytes(message(0, 0, 'a', "1"))
      .append_bytes(message(1, 1, 'b', "1"))
      .append_bytes(message(1, 2, 'a', "2"))
      .append({"b=2"});
  log.clean();
  EXPECT_EQ(log.shown(), (Shown{"2 a=2", "3 b=2"}));
  EXPECT_EQ(record::BatchView::first_of(log.batches()[0])->max_timestamp(), 55);
}

TEST(BatchCleaner, TombstonesOfOldMessagesGoByTheirSegment) {
  CleanedLog log;
  log.append_bytes(message(1, 0, 'a', "")).append({"b=2"});
  log.clean(1000);
  EXPECT_EQ(log.shown(), (Shown{"0 a=-", "1 b=2"}));
  EXPECT_EQ(record::BatchView::first_of(log.batches()[0])->base_timestamp(), 1100) << "with a horizon";
  CleanedLog later;
  later.append_bytes(message(1, 0, 'a', "")).append({"b=2"});
  later.keep_legacy_tombstones = false;
  later.clean(1000);
  EXPECT_EQ(later.shown(), Shown{"1 b=2"});
}

TEST(BatchCleaner, RefusesAnOldMessageThatFailsItsChecksum) {
  auto bytes = message(1, 0, 'a', "1");
  bytes.back() ^= std::byte{1};
  EXPECT_EQ(fault_of(bytes), Errc::corrupt);
}

// --- Offsets that rotted ------------------------------------------------------------------------------------

// Of four batches with a record each, one has another offset than it had: behind the others, or between them. Whether
// that is found when everything is dirty, and when everything but the last one is clean.
std::string found_when_rotted(std::size_t rotted, std::int64_t base,
                              const std::vector<std::vector<std::byte>>& batches) {
  std::string found;
  for (const std::int64_t dirty : {0, 6}) {
    CleanedLog log;
    for (auto batch : batches) {
      if (log.batches().size() == rotted) record::set_base_offset(batch, Offset(base));
      log.append_bytes(std::move(batch));
    }
    log.go_to(7);
    const auto cleaned = log.try_clean(0, dirty);
    found += cleaned.ok() ? "-" : cleaned.error() == Errc::corrupt ? "x" : "?";
  }
  return found;
}

TEST(BatchCleaner, RefusesBatchesWhoseOffsetsDoNotRise) {
  CleanedLog log;
  log.append({"a=1"}).append({"b=1"}).go_to(4).append({"a=2"}).go_to(6).append({"b=2"});
  EXPECT_EQ(found_when_rotted(1, 3, log.batches()), "--")
      << "where nothing else was, nothing is out of order";
  EXPECT_EQ(found_when_rotted(1, 4, log.batches()), "xx");
  EXPECT_EQ(found_when_rotted(1, 5, log.batches()), "xx");
  EXPECT_EQ(found_when_rotted(1, 0, log.batches()), "xx");
  EXPECT_EQ(found_when_rotted(2, 1, log.batches()), "xx");
  EXPECT_EQ(found_when_rotted(3, 4, log.batches()), "xx");
}

TEST(BatchCleaner, RefusesOldMessagesWhoseOffsetsDoNotRise) {
  const std::vector<std::vector<std::byte>> messages = {message(0, 0, 'a', "1"), message(1, 1, 'b', "1"),
                                                        message(0, 4, 'a', "2"), message(1, 6, 'b', "2")};
  EXPECT_EQ(found_when_rotted(1, 3, messages), "--");
  EXPECT_EQ(found_when_rotted(1, 4, messages), "xx");
  EXPECT_EQ(found_when_rotted(2, 1, messages), "xx");
}

// Three records that the reference compressed with gzip, the last one at offset 7: the others are counted from it.
constexpr std::string_view kThreeRecords =
    "00000000000000070000006a4b3d30ab010100000000000007d0ffffffff000000541f8b08000000000000ff63608003"
    "89278f15f7304239cc2f800463368828830a81a4a4d7ee4c1282a961bff01f08800cd6b2c49cd254a82813104bbeb75c"
    "a70c53c67a07645e766a254835001ade438b70000000";

TEST(BatchCleaner, RefusesOldMessagesThatReachBackOverOthers) {
  const std::string bytes = hex_decode(kThreeRecords).value();
  const auto with_offset = [&](std::int64_t offset) {
    const auto source = std::as_bytes(std::span(bytes));
    std::vector<std::byte> packed(source.begin(), source.end());
    record::set_base_offset(packed, Offset(offset));
    return packed;
  };
  for (const std::int64_t dirty : {0, 5}) {
    const auto clean = [&](std::int64_t offset) {
      CleanedLog log;
      log.append({"x=1", "x=2", "x=3", "x=4", "key=1"}).append_bytes(with_offset(offset));
      return log.try_clean(0, dirty);
    };
    EXPECT_TRUE(clean(7).ok());
    const auto reaching_back = clean(6);
    EXPECT_TRUE(!reaching_back.ok() && reaching_back.error() == Errc::corrupt) << "over its neighbour";
  }
}

}  // namespace
}  // namespace ottla::storage
