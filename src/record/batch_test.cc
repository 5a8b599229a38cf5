#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/hex.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/record_view.h"

namespace ottla::record {
namespace {

using testing::ElementsAre;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
std::string text_of(std::optional<std::span<const std::byte>> bytes) {
  if (!bytes) return "null";
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

// Each record as offset, time, key, value and headers.
std::vector<std::string> shown(const BatchView& batch) {
  std::vector<std::string> all;
  RecordReader reader(batch.records(), batch.count());
  while (!reader.at_end()) {
    const auto record = reader.next();
    if (!record.ok()) return {std::string(name_of(record.error().code()))};
    std::string text = std::to_string((batch.base_offset() + record->offset_delta).raw()) + "@" +
                       std::to_string(batch.timestamp_at(record->timestamp_delta)) + " " +
                       text_of(record->key) + "=" + text_of(record->value);
    for (const HeaderView& header : record->headers)
      text += " " + std::string(header.key) + ":" + text_of(header.value);
    all.push_back(std::move(text));
  }
  EXPECT_EQ(reader.bytes_left(), 0u);
  return all;
}

Slice small_batch() {
  BatchBuilder builder({.base_offset = Offset(5), .leader_epoch = 3});
  builder.append({.timestamp = 100, .key = bytes_of("k"), .value = bytes_of("v")});
  const HeaderView headers[] = {{.key = "h", .value = bytes_of("x")}, {.key = "n", .value = std::nullopt}};
  builder.append({.timestamp = 90, .headers = headers});
  return std::move(builder).finish();
}

TEST(Batches, AreReadAsTheyWereBuilt) {
  const Slice bytes = small_batch();
  const auto batch = BatchView::first_of(bytes.as_span());
  ASSERT_TRUE(batch.ok());
  EXPECT_TRUE(batch->crc_holds());
  EXPECT_EQ(batch->base_timestamp(), 100);
  EXPECT_EQ(batch->max_timestamp(), 100);
  EXPECT_EQ(batch->last_offset()->raw(), 6);
  EXPECT_THAT(shown(*batch), ElementsAre("5@100 k=v", "6@90 null=null h:x n:null"));
}

// The bytes of a batch that every Kafka knows: one record, key null, value "v", at time 1.
TEST(Batches, HaveTheFormOfTheWire) {
  BatchBuilder builder({});
  builder.append({.timestamp = 1, .value = bytes_of("v")});
  const std::string hex = hex_encode(std::move(builder).finish().as_span());
  EXPECT_EQ(hex.substr(0, 34),
            "0000000000000000"
            "00000039"
            "ffffffff"
            "02");
  EXPECT_EQ(hex.substr(42),
            "0000"
            "00000000"
            "0000000000000001"
            "0000000000000001"
            "ffffffffffffffff"
            "ffff"
            "ffffffff"
            "00000001"
            "0e"
            "00"
            "00"
            "00"
            "01"
            "02"
            "76"
            "00");
}

TEST(Batches, SizesAreKnownBeforehand) {
  const HeaderView headers[] = {{.key = "header", .value = bytes_of("x")}};
  const NewRecord record = {
      .timestamp = 7, .key = bytes_of("key"), .value = bytes_of("value"), .headers = headers};
  BatchBuilder builder({});
  const std::size_t empty = builder.size();
  builder.append(record);
  EXPECT_EQ(builder.size(), empty + BatchBuilder::size_of(record, 0, 0));
  const std::size_t size = builder.size();
  EXPECT_EQ(std::move(builder).finish().size(), size);
}

TEST(Batches, OffsetsMayJump) {
  BatchBuilder builder({.base_offset = Offset(10)});
  builder.append_at(Offset(12), {.timestamp = 1});
  builder.append_at(Offset(20), {.timestamp = 2});
  const Slice bytes = std::move(builder).finish(Offset(30));
  const auto batch = BatchView::first_of(bytes.as_span());
  EXPECT_EQ(batch->last_offset()->raw(), 30);
  EXPECT_THAT(shown(*batch), ElementsAre("12@1 null=null", "20@2 null=null"));
}

TEST(Batches, MayBeEmptyAndKeepTheirSequence) {
  BatchBuilder builder(
      {.base_offset = Offset(10), .producer_id = 9, .producer_epoch = 1, .base_sequence = INT32_MAX - 1});
  const Slice bytes = std::move(builder).finish(Offset(13));
  const auto batch = BatchView::first_of(bytes.as_span());
  EXPECT_EQ(batch->count(), 0);
  EXPECT_EQ(batch->last_sequence(), 1);
  EXPECT_TRUE(batch->has_producer());
}

TEST(Batches, ADeleteHorizonIsTheBaseOfAllTimes) {
  BatchBuilder builder({.delete_horizon = 1000});
  builder.append({.timestamp = 400});
  const Slice bytes = std::move(builder).finish();
  const auto batch = BatchView::first_of(bytes.as_span());
  EXPECT_TRUE(batch->attributes().has_delete_horizon());
  EXPECT_THAT(shown(*batch), ElementsAre("0@400 null=null"));
}

TEST(Batches, AnyTwoTimesHaveADelta) {
  BatchBuilder builder({});
  builder.append({.timestamp = INT64_MIN});
  builder.append({.timestamp = INT64_MAX});
  const Slice bytes = std::move(builder).finish();
  EXPECT_THAT(shown(*BatchView::first_of(bytes.as_span())),
              ElementsAre("0@-9223372036854775808 null=null", "1@9223372036854775807 null=null"));
}

TEST(Batches, OffsetAndEpochArePatchedWithoutAnewChecksum) {
  const Slice built = small_batch();
  std::vector<std::byte> bytes(built.as_span().begin(), built.as_span().end());
  set_base_offset(bytes, Offset(77));
  set_leader_epoch(bytes, 8);
  const auto batch = BatchView::first_of(bytes);
  EXPECT_TRUE(batch->crc_holds());
  EXPECT_EQ(batch->base_offset().raw(), 77);
  EXPECT_EQ(batch->leader_epoch(), 8);
}

TEST(Batches, LogAppendTimeMakesTheChecksumAnew) {
  const Slice built = small_batch();
  std::vector<std::byte> bytes(built.as_span().begin(), built.as_span().end());
  set_max_timestamp(bytes, TimestampType::log_append_time, 5000);
  const auto batch = BatchView::first_of(bytes);
  EXPECT_TRUE(batch->crc_holds());
  EXPECT_EQ(batch->max_timestamp(), 5000);
  EXPECT_EQ(batch->attributes().timestamp_type(), TimestampType::log_append_time);
  EXPECT_THAT(shown(*batch), ElementsAre("5@5000 k=v", "6@5000 null=null h:x n:null"));
}

TEST(Batches, OfAnySizeKeepAChecksumThatHolds) {
  for (const std::size_t size : {0U, 1U, 1000U, 16'000U, 17'000U, 200'000U}) {
    BatchBuilder builder({});
    builder.append({.timestamp = 5, .value = bytes_of(std::string(size, 'x'))});
    const Slice built = std::move(builder).finish();
    std::vector<std::byte> bytes(built.as_span().begin(), built.as_span().end());
    set_max_timestamp(bytes, TimestampType::log_append_time, 5000);
    EXPECT_TRUE(BatchView::first_of(bytes)->crc_holds()) << size;
    set_max_timestamp(bytes, TimestampType::create_time, 5);
    EXPECT_TRUE(std::ranges::equal(bytes, built.as_span())) << size;
  }
}

TEST(Batches, EveryFlippedBitBehindTheChecksumIsNoticed) {
  const Slice built = small_batch();
  std::vector<std::byte> bytes(built.as_span().begin(), built.as_span().end());
  for (std::size_t bit = kCrcAt * 8; bit < bytes.size() * 8; ++bit) {
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
    EXPECT_FALSE(BatchView::first_of(bytes)->crc_holds()) << bit;
    bytes[bit / 8] ^= std::byte{1} << (bit % 8);
  }
}

TEST(Batches, CutOnesAreTruncated) {
  const Slice built = small_batch();
  for (std::size_t size = 0; size < built.size(); ++size) {
    EXPECT_EQ(BatchView::first_of(built.as_span().first(size)).error().code(), Errc::truncated) << size;
  }
}

TEST(Batches, ImpossibleLengthsAndOtherMagicsAreRefused) {
  std::vector<std::byte> bytes(100);
  EXPECT_EQ(BatchView::first_of(bytes).error().code(), Errc::corrupt);
  std::ranges::fill(std::span(bytes).subspan(kLengthAt, 4), std::byte{0xff});
  EXPECT_EQ(BatchView::first_of(bytes).error().code(), Errc::corrupt);
  const Slice built = small_batch();
  std::vector<std::byte> old(built.as_span().begin(), built.as_span().end());
  old[kMagicAt] = std::byte{1};
  EXPECT_EQ(BatchView::first_of(old).error().code(), Errc::unsupported);
  EXPECT_EQ(read_front(old)->magic, 1);
}

TEST(Batches, RecordsThatDoNotFitTheirSizesAreRefused) {
  const auto read = [](std::string_view hex) {
    const std::string bytes = *hex_decode(hex);
    RecordReader reader(bytes_of(bytes), 1);
    const auto record = reader.next();
    return record.ok() ? std::string("read") : std::string(name_of(record.error().code()));
  };
  EXPECT_EQ(read("0c"
                 "00"
                 "00"
                 "00"
                 "01"
                 "01"
                 "00"),
            "read");
  EXPECT_EQ(read("0e"
                 "00"
                 "00"
                 "00"
                 "01"
                 "01"
                 "00"
                 "00"),
            "malformed");  // a byte too many
  EXPECT_EQ(read("0c"
                 "00"
                 "00"
                 "00"
                 "01"
                 "04"
                 "00"),
            "truncated");  // a value beyond the record
  EXPECT_EQ(read("0c"
                 "00"
                 "00"
                 "00"
                 "01"
                 "01"
                 "01"),
            "malformed");  // fewer than no headers
  EXPECT_EQ(read("0c"
                 "00"
                 "00"
                 "00"
                 "01"
                 "01"
                 "7e"),
            "malformed");              // more headers than bytes
  EXPECT_EQ(read("01"), "malformed");  // a negative size
  EXPECT_EQ(read("7e"
                 "00"),
            "truncated");
}

TEST(Sequences, BeginAgainAtZero) {
  EXPECT_EQ(sequence_after(5, 3), 8);
  EXPECT_EQ(sequence_after(INT32_MAX, 0), INT32_MAX);
  EXPECT_EQ(sequence_after(INT32_MAX, 1), 0);
  EXPECT_EQ(sequence_after(INT32_MAX - 1, 4), 2);
}

TEST(BatchAttributes, AreBits) {
  const Attributes all = Attributes()
                             .set_compression(Compression::zstd)
                             .set_timestamp_type(TimestampType::log_append_time)
                             .set_transactional(true)
                             .set_control(true)
                             .set_delete_horizon(true);
  EXPECT_EQ(all.bits(), 0x7c);
  EXPECT_EQ(Attributes(all.bits()).compression(), Compression::zstd);
  EXPECT_FALSE(Attributes(7).compression_is_known());
  EXPECT_EQ(Attributes(all.bits()).set_control(false).bits(), 0x5c);
}

}  // namespace
}  // namespace ottla::record
