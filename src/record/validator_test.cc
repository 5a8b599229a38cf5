#include "record/validator.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/exclusive_bytes.h"
#include "base/leader_epoch.h"
#include "base/mutable_buffer.h"
#include "base/offset.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/compression/codec_pool.h"
#include "record/compression/compressor.h"
#include "record/compression/decompressor.h"
#include "record/record_view.h"
#include "record/testing/made_batch.h"

namespace ottla::record {
namespace {

using testing::MadeBatch;

constexpr std::int64_t kNow = 1'000'000;

// A topic's leader that tells in one line what became of an append.
class Leader {
 public:
  Leader() {
    place_ = {.origin = AppendOrigin::client,
              .next_offset = Offset(10),
              .leader_epoch = LeaderEpoch(7),
              .now_ms = kNow};
  }

  Leader& compacted() {
    rules_.compacted = true;
    return *this;
  }
  Leader& log_append_time() {
    rules_.timestamp_type = TimestampType::log_append_time;
    return *this;
  }
  Leader& within(std::int64_t before, std::int64_t after) {
    rules_.before_max_ms = before;
    rules_.after_max_ms = after;
    return *this;
  }
  Leader& largest(std::size_t bytes) {
    rules_.max_message_bytes = static_cast<std::int32_t>(bytes);
    return *this;
  }
  Leader& largest_record(std::int32_t bytes) {
    rules_.max_record_bytes = bytes;
    return *this;
  }
  Leader& unpacked_ratio(std::int32_t ratio) {
    rules_.max_unpacked_ratio = ratio;
    return *this;
  }
  Leader& most_to_rebuild(std::int64_t bytes) {
    rules_.max_rebuild_bytes = bytes;
    return *this;
  }
  Leader& compress(Compression codec) {
    rules_.compression = CompressionSpec(codec);
    return *this;
  }
  Leader& from(AppendOrigin origin) {
    place_.origin = origin;
    return *this;
  }
  Leader& next(std::int64_t offset) {
    place_.next_offset = Offset(offset);
    return *this;
  }

  // What a client is told when it is refused: "WORDS" and "| WORDS" for each record.
  std::string words(const Slice& bytes) {
    place_.partition = "t-3";
    const auto verdict = validator_.validate(ExclusiveBytes(Slice::copy_of(bytes.as_span())), rules_, place_);
    if (verdict) return "taken";
    std::string all = verdict.error().message;
    for (const RecordError& each : verdict.error().records) all += " | " + each.message;
    return all;
  }

  // "10-12 max 100@12" or "invalid_record" with the records that are named.
  std::string append(const Slice& bytes) {
    const Slice before = Slice::copy_of(bytes.as_span());
    const auto verdict = validator_.validate(ExclusiveBytes(Slice::copy_of(bytes.as_span())), rules_, place_);
    if (!verdict) return show(verdict.error());
    last_ = *verdict;
    std::string text = std::to_string(verdict->first_offset.raw()) + "-" +
                       std::to_string(verdict->last_offset.raw()) + " max " +
                       std::to_string(verdict->max_timestamp) + "@" +
                       std::to_string(verdict->offset_of_max_timestamp.raw());
    if (verdict->rebuilt) text += " rebuilt";
    if (verdict->log_append_time) text += " at " + std::to_string(*verdict->log_append_time);
    return text;
  }
  std::string append(const MadeBatch& batch) { return append(batch.slice()); }

  // What a consumer would read of the last append.
  std::string log() {
    std::string text;
    for (auto bytes = last_.bytes.as_span(); !bytes.empty();) {
      const auto batch = BatchView::first_of(bytes);
      if (!batch.ok()) return "unreadable";
      text += read(*batch);
      bytes = bytes.subspan(batch->size());
    }
    return text;
  }
  const ValidatedAppend& last() const { return last_; }
  std::string message() const { return message_; }
  RejectMeter meter() const { return meter_; }
  std::int64_t metered() const { return metered_; }

 private:
  std::string show(const Rejection& rejection) {
    message_ = rejection.message;
    meter_ = rejection.meter;
    metered_ = rejection.metered;
    std::string text(name_of(rejection.reason));
    for (const RecordError& record : rejection.records) text += " " + std::to_string(record.batch_index);
    return text;
  }

  std::string read(const BatchView& batch) {
    if (!batch.crc_holds()) return "bad checksum";
    const auto plain = decompress(codecs_, batch.attributes().compression(), batch.records(), 1 << 20);
    if (!plain.ok()) return "undecodable";
    std::string text;
    RecordReader reader(plain->as_span(), batch.count());
    while (!reader.at_end()) {
      const auto record = reader.next();
      if (!record.ok()) return "malformed";
      text +=
          std::to_string((batch.base_offset() + record->offset_delta).raw()) + ":" +
          (record->key ? std::string(reinterpret_cast<const char*>(record->key->data()), record->key->size())
                       : "-") +
          "@" + std::to_string(batch.timestamp_at(record->timestamp_delta)) + " ";
    }
    return text + "e" + std::to_string(batch.leader_epoch());
  }

  AppendRules rules_;
  AppendPlace place_;
  CodecPool codecs_;
  Validator validator_{codecs_, heap_buffers()};
  ValidatedAppend last_;
  std::string message_;
  RejectMeter meter_ = RejectMeter::none;
  std::int64_t metered_ = 0;
};

MadeBatch two() {
  return MadeBatch({"a=x@100", "b=y@90"});
}

Slice joined(const std::vector<Slice>& slices) {
  std::string all;
  for (const Slice& slice : slices) all += slice.as_string_view();
  return Slice::copy_of(all);
}

TEST(Appends, GetTheirOffsetsAndEpochInPlace) {
  Leader leader;
  EXPECT_EQ(leader.append(two()), "10-11 max 100@11");
  EXPECT_EQ(leader.log(), "10:a@100 11:b@90 e7");
  EXPECT_FALSE(leader.last().rebuilt);
}

TEST(Appends, OfEveryCodecAreWalked) {
  for (const auto codec : {Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
    Leader leader;
    EXPECT_EQ(leader.append(two().compress(codec)), "10-11 max 100@11");
    EXPECT_EQ(leader.log(), "10:a@100 11:b@90 e7");
  }
}

TEST(Appends, TakeTheBrokersTimeWhenTheTopicSaysSo) {
  Leader leader;
  leader.log_append_time();
  EXPECT_EQ(leader.append(two()), "10-11 max 1000000@11 at 1000000");
  EXPECT_EQ(leader.log(), "10:a@1000000 11:b@1000000 e7");
  EXPECT_EQ(leader.append(two().compress(Compression::lz4)), "10-11 max 1000000@11 at 1000000");
  EXPECT_EQ(leader.log(), "10:a@1000000 11:b@1000000 e7");
  // The largest time is right already, but whose it is has to be said.
  EXPECT_EQ(leader.append(MadeBatch({"a=x@5", "b=x@1000000"})), "10-11 max 1000000@11 at 1000000");
  EXPECT_EQ(leader.log(), "10:a@1000000 11:b@1000000 e7");
}

TEST(Appends, GetARightLargestTime) {
  Leader leader;
  EXPECT_EQ(leader.append(two().set(kMaxTimestampAt, std::int64_t{5})), "10-11 max 100@11");
  EXPECT_EQ(BatchView::first_of(leader.last().bytes.as_span())->max_timestamp(), 100);
  EXPECT_EQ(leader.log(), "10:a@100 11:b@90 e7");
  EXPECT_EQ(leader.append(MadeBatch({"a=x@-1"})), "10-10 max -1@-1");
}

TEST(Appends, LoseAPartOfABatchAtTheirEnd) {
  Leader leader;
  const Slice whole = two().slice();
  for (const std::size_t size : {1U, 11U, 16U, 17U, 60U, 70U}) {
    EXPECT_EQ(leader.append(joined({whole, whole.subslice(0, size)})), "10-11 max 100@11") << size;
    EXPECT_EQ(leader.last().bytes.size(), whole.size());
  }
  EXPECT_EQ(leader.append(whole.subslice(0, 70)), "-1--1 max -1@-1");
  EXPECT_TRUE(leader.last().bytes.empty());
  EXPECT_EQ(leader.append(Slice()), "-1--1 max -1@-1");
}

// One rule after the other, broken.

TEST(RefusedAppends, AreTooLarge) {
  Leader leader;
  EXPECT_EQ(leader.largest(two().size()).append(two()), "10-11 max 100@11");
  EXPECT_EQ(leader.largest(two().size() - 1).append(two()), "too_large");
  EXPECT_EQ(leader.meter(), RejectMeter::bytes);
  EXPECT_EQ(leader.metered(), static_cast<std::int64_t>(two().size()));
}

TEST(RefusedAppends, AreCorrupt) {
  Leader leader;
  for (std::size_t at = kCrcAt; at < two().size(); ++at)
    EXPECT_EQ(leader.append(two().flip(at)), "corrupt") << at;
  EXPECT_EQ(leader.meter(), RejectMeter::crc);
  for (const std::int32_t length : {-1, 0, 13, 14, 48, INT32_MIN}) {
    Slice bytes = two().slice();
    ExclusiveBytes changed(Slice::copy_of(bytes.as_span()));
    store_big_endian(changed.span().data() + kLengthAt, length);
    EXPECT_EQ(leader.append(std::move(changed).freeze()), "corrupt") << length;
  }
  EXPECT_EQ(leader.append(two().set(kMagicAt, std::int8_t{3})), "corrupt");
  EXPECT_EQ(leader.append(two().set(kMagicAt, std::int8_t{-1})), "corrupt");
}

TEST(RefusedAppends, AreSeveralBatches) {
  Leader leader;
  EXPECT_EQ(leader.append(joined({two().slice(), two().slice()})), "invalid_record");
  EXPECT_EQ(leader.append(joined({two().slice(), two().flip(70).slice()})), "corrupt");
}

TEST(RefusedAppends, CountFromElsewhere) {
  Leader leader;
  EXPECT_EQ(leader.append(two().set(kBaseOffsetAt, std::int64_t{1})), "invalid_record");
  EXPECT_EQ(leader.from(AppendOrigin::coordinator).append(two().set(kBaseOffsetAt, std::int64_t{1})),
            "10-11 max 100@11");
}

TEST(RefusedAppends, CountWrongly) {
  Leader leader;
  EXPECT_EQ(leader.append(two().set(kLastOffsetDeltaAt, std::int32_t{-1})), "invalid_record");
  EXPECT_EQ(leader.meter(), RejectMeter::offset_or_sequence);
  EXPECT_EQ(leader.append(two().set(kLastOffsetDeltaAt, std::int32_t{2})), "invalid_record");
  EXPECT_EQ(leader.append(two().set(kLastOffsetDeltaAt, std::int32_t{0})), "invalid_record");
  EXPECT_EQ(leader.append(two().set(kCountAt, std::int32_t{0})), "invalid_record");
  EXPECT_EQ(leader.append(two().set(kCountAt, std::int32_t{-1})), "invalid_record");
  EXPECT_EQ(leader.append(two().set(kCountAt, std::int32_t{1}).set(kLastOffsetDeltaAt, std::int32_t{0})),
            "invalid_record");
  EXPECT_EQ(leader.append(two().set(kCountAt, std::int32_t{3}).set(kLastOffsetDeltaAt, std::int32_t{2})),
            "invalid_record");
  EXPECT_EQ(leader.append(two().set(kCountAt, INT32_MAX).set(kLastOffsetDeltaAt, INT32_MAX - 1)),
            "invalid_record");
}

TEST(RefusedAppends, AreControlBatchesOfClients) {
  Leader leader;
  MadeBatch batch({"a=x@100"}, {.control = true});
  EXPECT_EQ(leader.append(batch), "invalid_record");
  EXPECT_EQ(leader.from(AppendOrigin::coordinator).append(batch), "10-10 max 100@10");
}

TEST(RefusedAppends, HaveAProducerButNoSequence) {
  Leader leader;
  MadeBatch batch({"a=x@100"}, {.producer_id = 4, .producer_epoch = 0});
  EXPECT_EQ(leader.append(batch), "invalid_record");
  EXPECT_EQ(leader.append(batch.set(kBaseSequenceAt, std::int32_t{0})), "10-10 max 100@10");
  EXPECT_EQ(leader.append(batch.set(kBaseSequenceAt, std::int32_t{-2})), "invalid_record");
}

TEST(RefusedAppends, HaveATransactionButNoProducer) {
  Leader leader;
  EXPECT_EQ(leader.append(MadeBatch({"a=x"}, {.transactional = true})), "invalid_record");
  MadeBatch batch({"a=x"}, {.producer_id = 4, .base_sequence = 0});
  EXPECT_EQ(leader.append(batch), "invalid_record");
  EXPECT_EQ(leader.append(batch.set(kProducerEpochAt, std::int16_t{0})), "10-10 max 0@10");
}

TEST(RefusedAppends, HaveNoKeysOnACompactedTopic) {
  Leader leader;
  leader.compacted();
  EXPECT_EQ(leader.append(two()), "10-11 max 100@11");
  const MadeBatch batch({"a=x", "-=y", "=z", "-=-"});
  EXPECT_EQ(leader.append(batch), "invalid_record 1 3");
  EXPECT_EQ(leader.meter(), RejectMeter::no_key);
  EXPECT_EQ(leader.metered(), 2);
  EXPECT_EQ(leader.append(MadeBatch(batch).compress(Compression::zstd)), "invalid_record 1 3");
}

TEST(RefusedAppends, AreTooOldOrTooEarly) {
  Leader leader;
  leader.within(1000, 50);
  EXPECT_EQ(leader.append(MadeBatch({"a=x@999000", "b=x@1000050", "c=x@-1"})), "10-12 max 1000050@12");
  EXPECT_EQ(leader.append(MadeBatch({"a=x@998999", "b=x@1000000", "c=x@1000051"})), "invalid_timestamp 0 2");
  leader.compacted();
  EXPECT_EQ(leader.append(MadeBatch({"-=x@998999", "-=x@1000000", "c=x@1000051"})),
            "invalid_timestamp 0 1 2");
}

TEST(RefusedAppends, AreToldInTheReferencesWords) {
  const std::string no_key = "Compacted topic cannot accept message without key in topic partition t-3";
  EXPECT_EQ(Leader().compacted().words(MadeBatch({"a=x", "-=y"}).slice()),
            "One or more records have been rejected due to 1 record errors in total, and only showing the "
            "first three "
            "errors at most: [RecordError(batchIndex=1, message='" +
                no_key + "')] | " + no_key);
  EXPECT_EQ(Leader().within(1000, 500).words(MadeBatch({"a=x@998000"}).slice()),
            "One or more records have been rejected due to invalid timestamp | Timestamp 998000 of message "
            "with offset "
            "0 is out of range. The timestamp should be within [999000, 1000500]");
  const BatchOptions claimed = {.timestamp_type = TimestampType::log_append_time};
  EXPECT_EQ(
      Leader().log_append_time().words(MadeBatch({"-=yy@5"}, claimed).slice()),
      "One or more records have been rejected due to invalid timestamp | Invalid timestamp type in message "
      "DefaultRecord(offset=0, timestamp=5, key=0 bytes, value=2 bytes). Producer should not set timestamp "
      "type to "
      "LogAppendTime.");
}

TEST(RefusedAppends, ClaimTheBrokersTime) {
  const BatchOptions broker_time = {.timestamp_type = TimestampType::log_append_time};
  Leader leader;
  EXPECT_EQ(leader.append(MadeBatch({"a=x@-1"}, broker_time)), "invalid_timestamp 0");
  leader.log_append_time();
  EXPECT_EQ(leader.append(MadeBatch({"a=x@5", "b=x@6"}, broker_time)), "invalid_timestamp 0 1");
}

// As in the reference, where a time that is given is judged by its value alone.
TEST(Appends, WithAClaimedTimeLoseTheMark) {
  Leader leader;
  MadeBatch batch({"a=x@5"}, {.timestamp_type = TimestampType::log_append_time});
  EXPECT_EQ(leader.append(batch), "10-10 max 5@10");
  EXPECT_EQ(leader.log(), "10:a@5 e7");
}

TEST(RefusedAppends, HaveRecordsThatDoNotFit) {
  Leader leader;
  EXPECT_EQ(leader.append(MadeBatch({"a=x"}).records("0c000000010100")), "10-10 max 0@10");
  EXPECT_EQ(leader.append(MadeBatch({"a=x"}).records("0e00000001010000")), "invalid_record");
  EXPECT_EQ(leader.append(MadeBatch({"a=x"}).records("0c000000010400")), "invalid_record");
  EXPECT_EQ(leader.append(MadeBatch({"a=x"}).records("0c000000010101")), "invalid_record");
  EXPECT_EQ(leader.append(MadeBatch({"a=x"}).records("01")), "invalid_record");
  EXPECT_EQ(leader.append(MadeBatch({"a=x"}).records("")), "invalid_record");
  EXPECT_EQ(leader.append(two().append("00")), "invalid_record");
  EXPECT_EQ(leader.append(two().shorten(1)), "invalid_record");
}

TEST(RefusedAppends, SayWhatIsNoBatchBeforeWhatIsNoRecord) {
  Leader leader;
  leader.compacted();
  EXPECT_EQ(leader.append(MadeBatch({"-=x"})), "invalid_record 0");
  EXPECT_EQ(leader.append(MadeBatch({"-=x"}).append("00")), "invalid_record");
}

TEST(RefusedAppends, CannotBeDecompressed) {
  Leader leader;
  for (const auto codec : {Compression::gzip, Compression::snappy, Compression::lz4, Compression::zstd}) {
    const auto bits = Attributes().set_compression(codec).bits();
    EXPECT_EQ(leader.append(two().set(kAttributesAt, bits)), "undecodable");
    EXPECT_EQ(leader.append(two().compress(codec).shorten(4)), "undecodable");
    EXPECT_EQ(leader.append(two().append("00").compress(codec)), "invalid_record");
    EXPECT_EQ(leader.append(two().shorten(1).compress(codec)), "invalid_record");
  }
  for (const int codec : {5, 6, 7}) {
    EXPECT_EQ(leader.append(two().set(kAttributesAt, static_cast<std::int16_t>(codec))), "undecodable");
  }
}

TEST(RefusedAppends, HideARecordOverTheLimit) {
  Leader leader;
  leader.largest_record(1000);
  const std::string large = "a=" + std::string(2000, 'x');
  EXPECT_EQ(leader.append(MadeBatch({large})), "10-10 max 0@10");  // what is not compressed hides nothing
  EXPECT_EQ(leader.append(MadeBatch({large}).compress(Compression::zstd)), "invalid_record");
  EXPECT_EQ(leader.append(two().compress(Compression::zstd)), "10-11 max 100@11");
}

TEST(RefusedAppends, UnpackToTooMuch) {
  Leader leader;
  const std::string large = "a=" + std::string(2 << 20, 'x');
  const MadeBatch bomb = MadeBatch({large}).compress(Compression::zstd);
  EXPECT_EQ(leader.append(bomb), "10-10 max 0@10");
  EXPECT_EQ(leader.unpacked_ratio(1).append(bomb), "too_large");
  EXPECT_EQ(leader.unpacked_ratio(3).append(bomb), "10-10 max 0@10");
}

TEST(RefusedAppends, NameTenThousandRecordsAtMost) {
  Leader leader;
  leader.compacted();
  BatchBuilder builder({});
  for (int i = 0; i < 10'001; ++i) builder.append({.timestamp = 0});
  const std::string story = leader.append(std::move(builder).finish());
  EXPECT_TRUE(story.ends_with(" 9998 9999")) << story.substr(story.size() - 20);
  EXPECT_EQ(leader.metered(), 10'001);
}

// What makes a leader build a batch again.

TEST(RebuiltAppends, HaveTheCodecOfTheTopic) {
  for (const auto from : {Compression::none, Compression::gzip, Compression::zstd}) {
    for (const auto to : {Compression::none, Compression::snappy, Compression::lz4, Compression::zstd}) {
      Leader leader;
      const std::string story =
          leader.compress(to).append(from == Compression::none ? two() : two().compress(from));
      EXPECT_EQ(story, from == to ? "10-11 max 100@11" : "10-11 max 100@11 rebuilt");
      EXPECT_EQ(leader.log(), "10:a@100 11:b@90 e7");
      EXPECT_EQ(leader.last().batches.front().compression, to);
    }
  }
}

TEST(RebuiltAppends, KeepTheirProducer) {
  Leader leader;
  leader.compress(Compression::lz4);
  const MadeBatch batch({"a=x@1"},
                        {.producer_id = 4, .producer_epoch = 2, .base_sequence = 9, .transactional = true});
  EXPECT_EQ(leader.append(batch), "10-10 max 1@10 rebuilt");
  const auto built = BatchView::first_of(leader.last().bytes.as_span());
  EXPECT_EQ(built->producer_id(), 4);
  EXPECT_EQ(built->producer_epoch(), 2);
  EXPECT_EQ(built->base_sequence(), 9);
  EXPECT_TRUE(built->attributes().is_transactional());
  EXPECT_EQ(built->attributes().compression(), Compression::lz4);
}

TEST(RebuiltAppends, TakeTheBrokersTimeToo) {
  Leader leader;
  leader.log_append_time().compress(Compression::zstd);
  EXPECT_EQ(leader.append(two()), "10-11 max 1000000@11 rebuilt at 1000000");
  EXPECT_EQ(leader.log(), "10:a@1000000 11:b@1000000 e7");
}

// The second byte of a record that has one byte of size is its attributes; the fourth is its offset delta.
TEST(RebuiltAppends, CountTheirOffsetsAnew) {
  MadeBatch batch({"a=x@100", "b=y@100"});
  batch.poke(3, 10);
  Leader leader;
  EXPECT_EQ(leader.append(MadeBatch(batch).compress(Compression::gzip)), "10-11 max 100@11 rebuilt");
  EXPECT_EQ(leader.log(), "10:a@100 11:b@100 e7");
  EXPECT_EQ(leader.append(batch), "10-11 max 100@11 rebuilt");
  EXPECT_EQ(leader.log(), "10:a@100 11:b@100 e7");
}

TEST(RebuiltAppends, LoseAttributesOfRecords) {
  MadeBatch batch({"a=x@100"});
  batch.poke(1, 5);
  Leader leader;
  EXPECT_EQ(leader.append(batch), "10-10 max 100@10");
  EXPECT_EQ(leader.last().bytes[kRecordsAt + 1], std::byte{5});
  leader.compress(Compression::none);
  EXPECT_EQ(leader.append(batch.compress(Compression::zstd)), "10-10 max 100@10 rebuilt");
  EXPECT_EQ(leader.log(), "10:a@100 e7");
  EXPECT_EQ(leader.last().bytes[kRecordsAt + 1], std::byte{0});
}

TEST(RebuiltAppends, CountTheirTimesFromTheFirst) {
  const MadeBatch batch({"a=x@100", "b=y@110"}, {.delete_horizon = 7});
  Leader leader;
  leader.compress(Compression::lz4);
  EXPECT_EQ(leader.append(batch), "10-11 max 110@11 rebuilt");
  EXPECT_EQ(leader.log(), "10:a@100 11:b@110 e7");
  EXPECT_EQ(BatchView::first_of(leader.last().bytes.as_span())->base_timestamp(), 100);
  EXPECT_FALSE(BatchView::first_of(leader.last().bytes.as_span())->attributes().has_delete_horizon());
}

TEST(RebuiltAppends, MayBecomeTooLarge) {
  const std::string large = "a=" + std::string(5000, 'x');
  const MadeBatch batch = MadeBatch({large}).compress(Compression::zstd);
  Leader leader;
  EXPECT_EQ(leader.largest(1000).append(batch), "10-10 max 0@10");
  leader.compress(Compression::none);
  EXPECT_EQ(leader.append(batch), "too_large");
  EXPECT_EQ(leader.largest(5050).append(batch), "too_large");  // with its header
  EXPECT_EQ(leader.largest(5100).append(batch), "10-10 max 0@10 rebuilt");
  leader.largest(6000).compress(Compression::lz4).most_to_rebuild(5000);
  EXPECT_EQ(leader.append(MadeBatch({large})), "too_large");
  EXPECT_EQ(leader.append(batch), "too_large");
  EXPECT_EQ(leader.most_to_rebuild(6000).append(batch), "10-10 max 0@10 rebuilt");
}

TEST(RebuiltAppends, AreNeverControlBatches) {
  Leader leader;
  leader.compress(Compression::zstd).from(AppendOrigin::coordinator);
  EXPECT_EQ(leader.append(MadeBatch({"a=x@100"}, {.control = true})), "10-10 max 100@10");
}

// Batches that bring their offsets.

Slice at(std::int64_t offset, std::int32_t epoch, std::int64_t time = 5) {
  return MadeBatch({"a=x@" + std::to_string(time), "b=y@1"},
                   {.base_offset = Offset(offset), .leader_epoch = epoch})
      .slice();
}

class Follower : public Leader {
 public:
  Follower() { from(AppendOrigin::replication); }
};

TEST(Replication, TakesBatchesAsTheyAre) {
  Follower follower;
  EXPECT_EQ(follower.append(joined({at(10, 3, 5), at(14, 7, 9), at(16, 7, 9)})), "10-17 max 9@15");
  EXPECT_EQ(follower.log(), "10:a@5 11:b@1 e314:a@9 15:b@1 e716:a@9 17:b@1 e7");
  EXPECT_EQ(follower.last().last_leader_epoch.raw(), 7);
  EXPECT_EQ(follower.last().batches.size(), 3u);
}

TEST(Replication, LooksAtNoSizeButAtChecksums) {
  Follower follower;
  follower.largest(10);
  EXPECT_EQ(follower.append(at(10, 3)), "10-11 max 5@11");
  Slice bytes = at(10, 3);
  ExclusiveBytes changed(Slice::copy_of(bytes.as_span()));
  changed.span()[70] ^= std::byte{1};
  EXPECT_EQ(follower.append(std::move(changed).freeze()), "corrupt");
}

TEST(Replication, WaitsForTheEpochsThatItDoesNotKnow) {
  Follower follower;
  EXPECT_EQ(follower.append(joined({at(10, 7), at(12, 8), at(14, 7)})), "10-11 max 5@11");
  EXPECT_EQ(follower.append(at(10, 8)), "-1--1 max -1@-1");
}

TEST(Replication, RefusesOffsetsOutOfOrder) {
  Follower follower;
  EXPECT_EQ(follower.append(joined({at(12, 7), at(10, 7)})), "out_of_order");
  EXPECT_EQ(follower.append(joined({at(12, 7), at(13, 7)})), "out_of_order");
  EXPECT_EQ(follower.append(at(9, 7)), "unexpected_offset");
  EXPECT_EQ(follower.append(
                MadeBatch({"a=x"}, {.base_offset = Offset(10)}).set(kLastOffsetDeltaAt, std::int32_t{-1})),
            "out_of_order");
  EXPECT_EQ(follower.append(
                MadeBatch({"a=x"}, {.base_offset = Offset::max()}).set(kLastOffsetDeltaAt, std::int32_t{1})),
            "out_of_order");
}

TEST(TheQuorumsLeader, SetsOffsetsAndItsEpochItself) {
  Leader leader;
  leader.from(AppendOrigin::raft_leader);
  EXPECT_EQ(leader.append(joined({at(10, 7), at(12, 7)})), "10-13 max 5@11");
  EXPECT_EQ(leader.append(joined({at(10, 7), at(12, 6)})), "invalid_record");
  EXPECT_EQ(leader.largest(10).append(at(10, 7)), "too_large");
}

}  // namespace
}  // namespace ottla::record
