#include "record/record_filter.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/crc32c.h"
#include "base/endian.h"
#include "base/error.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"
#include "record/batch_records.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/compression/compressor.h"
#include "record/record_view.h"

namespace ottla::record {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}
std::string text_of(std::optional<std::span<const std::byte>> bytes) {
  if (!bytes) return "-";
  return {reinterpret_cast<const char*>(bytes->data()), bytes->size()};
}

// The same batch with its records compressed.
std::vector<std::byte> packed(CodecPool& codecs, const Slice& plain, Compression codec) {
  std::vector<std::byte> batch(plain.as_span().begin(), plain.as_span().end());
  if (codec == Compression::none) return batch;
  const auto block = compress(codecs, CompressionSpec(codec), plain.as_span().subspan(kRecordsAt));
  EXPECT_TRUE(block.ok());
  batch.resize(kRecordsAt);
  batch.insert(batch.end(), block->as_span().begin(), block->as_span().end());
  Attributes attributes(load_big_endian<std::int16_t>(batch.data() + kAttributesAt));
  store_big_endian(batch.data() + kAttributesAt, attributes.set_compression(codec).bits());
  store_big_endian(batch.data() + kLengthAt, static_cast<std::int32_t>(batch.size() - kLogOverhead));
  store_big_endian(batch.data() + kCrcAt, crc32c(std::span(batch).subspan(kAttributesAt)));
  return batch;
}

// Offset, time and contents of each record.
std::vector<std::string> shown(CodecPool& codecs, const BatchView& batch) {
  std::vector<std::string> all;
  auto records = BatchRecords::of(batch, codecs, {});
  EXPECT_TRUE(records.ok());
  while (true) {
    const auto next = records->next();
    if (!next.ok()) return {std::string(name_of(next.error().code()))};
    if (!*next) return all;
    const RecordView& record = **next;
    const std::int64_t time = batch.attributes().timestamp_type() == TimestampType::log_append_time
                                  ? batch.max_timestamp()
                                  : batch.timestamp_at(record.timestamp_delta);
    std::string text = std::to_string((batch.base_offset() + record.offset_delta).raw()) + "@" +
                       std::to_string(time) + " " + text_of(record.key) + "=" + text_of(record.value);
    for (const HeaderView& header : record.headers) text += " " + std::string(header.key);
    all.push_back(std::move(text));
  }
}

class RecordFilterTest : public testing::TestWithParam<Compression> {
 protected:
  // Records 10 to 13, of which the second has a header and the third is a tombstone.
  std::vector<std::byte> batch(BatchOptions options = {}) {
    options.base_offset = Offset(10);
    BatchBuilder builder(options);
    const HeaderView header[] = {{.key = "h", .value = bytes_of("x")}};
    builder.append({.timestamp = 100, .key = bytes_of("a"), .value = bytes_of("1")});
    builder.append({.timestamp = 130, .key = bytes_of("b"), .value = bytes_of("2"), .headers = header});
    builder.append({.timestamp = 120, .key = bytes_of("c"), .value = std::nullopt});
    builder.append({.timestamp = 110, .key = bytes_of("d"), .value = bytes_of(std::string(300, 'v'))});
    return packed(codecs_, std::move(builder).finish(Offset(15)), GetParam());
  }

  // `verdicts`: a + for each record that stays.
  FilteredBatch filter(const std::vector<std::byte>& batch, std::string_view verdicts,
                       FilterOptions options = {}) {
    RecordVerdicts all;
    for (const char verdict : verdicts) all.add(verdict == '+');
    out_.clear();
    auto left = filter_.write(view(batch), all, options, out_);
    EXPECT_TRUE(left.ok());
    EXPECT_EQ(left->size, out_.size());
    return *left;
  }
  static BatchView view(const std::vector<std::byte>& batch) {
    const auto view = BatchView::first_of(batch);
    EXPECT_TRUE(view.ok());
    EXPECT_TRUE(view->crc_holds());
    return *view;
  }
  BatchView left() const { return view(out_); }
  std::vector<std::string> records() { return shown(codecs_, left()); }

  CodecPool codecs_;
  RecordFilter filter_{codecs_, {}};
  std::vector<std::byte> out_;
};

using Shown = std::vector<std::string>;
const std::string kLast = "13@110 d=" + std::string(300, 'v');

TEST_P(RecordFilterTest, LeavesABatchAsItIsWhenAllStays) {
  const auto original = batch();
  EXPECT_EQ(filter(original, "++++").fate, BatchFate::unchanged);
  EXPECT_EQ(out_, original);
}

TEST_P(RecordFilterTest, KeepsOffsetsTimesAndHeaders) {
  EXPECT_EQ(filter(batch(), "-+-+").fate, BatchFate::rebuilt);
  EXPECT_EQ(records(), (Shown{"11@130 b=2 h", kLast}));
  EXPECT_EQ(left().base_offset(), Offset(10));
  EXPECT_EQ(*left().last_offset(), Offset(15));
  EXPECT_EQ(left().base_timestamp(), 130) << "that of the first record that stays";
  EXPECT_EQ(left().attributes().compression(), GetParam());
}

TEST_P(RecordFilterTest, TheLargestTimeIsThatOfWhatStays) {
  EXPECT_EQ(filter(batch(), "+--+").max_timestamp, 110);
  EXPECT_EQ(left().max_timestamp(), 110);
}

TEST_P(RecordFilterTest, KeepsWhatTheHeaderSaysOfTheProducer) {
  filter(batch({.leader_epoch = 4,
                .producer_id = 7,
                .producer_epoch = 2,
                .base_sequence = 90,
                .transactional = true}),
         "+---");
  EXPECT_EQ(left().leader_epoch(), 4);
  EXPECT_EQ(left().producer_id(), 7);
  EXPECT_EQ(left().producer_epoch(), 2);
  EXPECT_EQ(left().base_sequence(), 90);
  EXPECT_EQ(left().last_sequence(), 95) << "as if nothing had gone";
  EXPECT_TRUE(left().attributes().is_transactional());
}

TEST_P(RecordFilterTest, NothingIsLeftOfABatchWithoutRecords) {
  EXPECT_EQ(filter(batch(), "----").fate, BatchFate::gone);
  EXPECT_TRUE(out_.empty());
}

TEST_P(RecordFilterTest, AnEmptyBatchStandsForItsProducerAndItsOffsets) {
  const auto original = batch({.producer_id = 7, .producer_epoch = 2, .base_sequence = 90});
  const FilteredBatch empty = filter(original, "----", {.keep_empty = true});
  EXPECT_EQ(empty.fate, BatchFate::emptied);
  EXPECT_EQ(out_.size(), kRecordsAt);
  EXPECT_EQ(left().count(), 0);
  EXPECT_EQ(*left().last_offset(), Offset(15));
  EXPECT_EQ(left().last_sequence(), 95);
  EXPECT_EQ(left().base_timestamp(), kNoTimestamp);
  EXPECT_EQ(left().max_timestamp(), 130) << "as the reference has it";
  EXPECT_EQ(left().attributes(), Attributes()) << "without a codec";
  EXPECT_EQ(records(), Shown());
  // It may pass through again.
  const std::vector<std::byte> again = out_;
  filter(again, "", {.keep_empty = true});
  EXPECT_EQ(out_, again);
}

TEST_P(RecordFilterTest, ADeleteHorizonTakesThePlaceOfTheBaseTime) {
  EXPECT_EQ(filter(batch(), "++++", {.new_delete_horizon = 5000}).fate, BatchFate::rebuilt);
  EXPECT_TRUE(left().attributes().has_delete_horizon());
  EXPECT_EQ(left().base_timestamp(), 5000);
  EXPECT_EQ(records(), (Shown{"10@100 a=1", "11@130 b=2 h", "12@120 c=-", kLast}));
  EXPECT_EQ(left().max_timestamp(), 130);
}

TEST_P(RecordFilterTest, ADeleteHorizonStays) {
  filter(batch(), "++++", {.new_delete_horizon = 5000});
  const std::vector<std::byte> first = out_;
  EXPECT_EQ(filter(first, "++++", {.new_delete_horizon = 9000}).fate, BatchFate::unchanged);
  EXPECT_EQ(filter(first, "++-+", {.new_delete_horizon = 9000}).fate, BatchFate::rebuilt);
  EXPECT_EQ(left().base_timestamp(), 5000);
  EXPECT_EQ(records(), (Shown{"10@100 a=1", "11@130 b=2 h", kLast}));
  filter(first, "----", {.keep_empty = true});
  EXPECT_FALSE(left().attributes().has_delete_horizon()) << "nothing is left that could go";
}

TEST_P(RecordFilterTest, LogAppendTimeStays) {
  std::vector<std::byte> original = batch();
  set_max_timestamp(original, TimestampType::log_append_time, 777);
  filter(original, "-++-", {.new_delete_horizon = 5000});
  EXPECT_EQ(left().attributes().timestamp_type(), TimestampType::log_append_time);
  EXPECT_EQ(left().max_timestamp(), 777);
  EXPECT_EQ(records(), (Shown{"11@777 b=2 h", "12@777 c=-"}));
}

TEST_P(RecordFilterTest, WritesBehindWhatIsThere) {
  const auto original = batch();
  RecordVerdicts verdicts;
  for (const bool keep : {true, false, false, true}) verdicts.add(keep);
  out_ = original;
  ASSERT_TRUE(filter_.write(view(original), verdicts, {}, out_).ok());
  const auto second = BatchView::first_of(std::span(out_).subspan(original.size()));
  ASSERT_TRUE(second.ok());
  EXPECT_TRUE(second->crc_holds());
  EXPECT_EQ(shown(codecs_, *second), (Shown{"10@100 a=1", kLast}));
}

TEST_P(RecordFilterTest, WritesNothingOfWhatGoesOverTheLimit) {
  RecordFilter narrow(codecs_, {}, 200);
  RecordVerdicts verdicts;
  for (const bool keep : {false, false, false, true}) verdicts.add(keep);
  out_.assign(3, std::byte{1});
  const auto left = narrow.write(view(batch()), verdicts, {}, out_);
  ASSERT_FALSE(left.ok());
  EXPECT_EQ(left.error(), Errc::too_large);
  EXPECT_EQ(out_.size(), 3u);
}

INSTANTIATE_TEST_SUITE_P(Codecs, RecordFilterTest,
                         testing::Values(Compression::none, Compression::gzip, Compression::snappy,
                                         Compression::lz4, Compression::zstd),
                         [](const auto& codec) {
                           return std::string("codec") + std::to_string(static_cast<int>(codec.param));
                         });

// --- BatchRecords -------------------------------------------------------------------------------------------

Slice many_records(int count) {
  BatchBuilder builder({});
  for (int i = 0; i < count; ++i) {
    const std::string value(static_cast<std::size_t>(i * 7 % 3000), 'v');
    builder.append({.timestamp = i, .key = bytes_of(std::to_string(i)), .value = bytes_of(value)});
  }
  return std::move(builder).finish();
}

TEST(BatchRecords, GivesTheSameRecordsWhateverTheCodec) {
  CodecPool codecs;
  const Slice plain = many_records(2000);
  const auto expected = shown(codecs, *BatchView::first_of(plain.as_span()));
  ASSERT_EQ(expected.size(), 2000u);
  for (const Compression codec :
       {Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
    const auto batch = packed(codecs, plain, codec);
    EXPECT_EQ(shown(codecs, *BatchView::first_of(batch)), expected) << static_cast<int>(codec);
  }
}

// The first fault that reading all records meets.
Error fault_of(std::span<const std::byte> batch, RecordLimits limits = {}) {
  CodecPool codecs;
  auto records = BatchRecords::of(*BatchView::first_of(batch), codecs, limits);
  if (!records.ok()) return records.error();
  while (true) {
    const auto body = records->next();
    if (!body.ok()) return body.error();
    if (!*body) return Errc::end_of_stream;
  }
}

TEST(BatchRecords, RefusesWhatIsOverItsLimits) {
  const Slice batch = many_records(300);
  EXPECT_EQ(fault_of(batch.as_span(), {.max_record_bytes = 1000}), Errc::too_large);
  EXPECT_EQ(fault_of(batch.as_span(), {.max_batch_bytes = 1000}), Errc::too_large);
}

TEST(BatchRecords, RefusesACodecThatThereIsNot) {
  const Slice batch = many_records(3);
  std::vector<std::byte> bytes(batch.as_span().begin(), batch.as_span().end());
  bytes[kAttributesAt + 1] = std::byte{6};
  EXPECT_EQ(fault_of(bytes), Errc::corrupt);
}

}  // namespace
}  // namespace ottla::record
