#include "test/storage/append/cases.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/endian.h"
#include "base/slice.h"
#include "record/append_rules.h"
#include "record/batch_builder.h"
#include "record/batch_layout.h"
#include "record/compression/compressor.h"
#include "record/testing/made_batch.h"

namespace ottla::append_check {
namespace {

using record::AppendRules;
using record::Attributes;
using record::BatchOptions;
using record::Compression;
using record::TimestampType;
using record::testing::MadeBatch;
using namespace std::string_literals;

constexpr Compression kCodecs[] = {Compression::gzip, Compression::snappy, Compression::lz4,
                                   Compression::zstd};
constexpr std::int16_t kUnknownServerError = -1;
constexpr std::int16_t kInvalidRecord = 87;

std::string_view name_of(Compression codec) {
  constexpr std::string_view kNames[] = {"none", "gzip", "snappy", "lz4", "zstd"};
  return kNames[static_cast<std::size_t>(codec)];
}

std::int64_t now_ms() {
  using namespace std::chrono;
  return duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
}

MadeBatch two() {
  return MadeBatch({"a=x@100", "b=y@90"});
}

class Cases {
 public:
  void add(std::string name, std::string_view topic, const MadeBatch& batch) {
    all_.push_back({std::move(name), topic, batch.slice()});
  }
  void add(std::string name, std::string_view topic, Slice bytes) {
    all_.push_back({std::move(name), topic, std::move(bytes)});
  }
  void differs(std::string name, std::string_view topic, const MadeBatch& batch, std::int16_t reference,
               std::int16_t ours) {
    add(std::move(name), topic, batch);
    all_.back().difference = Difference{reference, ours};
  }
  void in_version(std::int16_t version, std::string name, std::string_view topic, const MadeBatch& batch) {
    add(std::move(name), topic, batch);
    all_.back().version = version;
  }

  void good_ones();
  void headers();
  void records();
  void packed_records();
  void times();
  void keys();
  void limits();
  void rebuilt_ones();
  void producers();

  std::vector<Case> all_;
};

void Cases::good_ones() {
  add("plain", "plain", two());
  for (const Compression codec : kCodecs)
    add("plain "s.append(name_of(codec)), "plain", two().compress(codec));
  add("no key, no value", "plain", MadeBatch({"-=-", "=", "-=x", "x=-"}));
  add("an attribute of a record", "plain", two().poke(1, 0xff));
  for (const Compression codec : kCodecs) {
    add("an attribute of a record in "s.append(name_of(codec)), "plain", two().poke(1, 0xff).compress(codec));
  }
  add("attributes that nobody knows", "plain",
      two().set(record::kAttributesAt, static_cast<std::int16_t>(0x7f80)));
  add("a delete horizon", "plain", two().set(record::kAttributesAt, static_cast<std::int16_t>(0x0040)));
  add("a leader epoch", "plain", two().set(record::kLeaderEpochAt, std::int32_t{99}));
}

void Cases::headers() {
  const Slice whole = two().slice();
  const auto joined = [](const Slice& a, const Slice& b) {
    return Slice::copy_of(std::string(a.as_string_view()).append(b.as_string_view()));
  };
  add("nothing", "plain", Slice());
  add("half a batch", "plain", whole.subslice(0, 70));
  add("a batch and a half", "plain", joined(whole, whole.subslice(0, 70)));
  add("two batches", "plain", joined(whole, whole));
  add("a batch and another magic", "plain",
      joined(whole, two().set(record::kMagicAt, std::int8_t{3}).slice()));
  for (const int magic : {-1, 0, 1, 3}) {
    add("magic " + std::to_string(magic), "plain",
        two().set(record::kMagicAt, static_cast<std::int8_t>(magic)));
  }
  add("a flipped bit of the header", "plain", two().flip(record::kBaseTimestampAt));
  add("a flipped bit of the records", "plain", two().flip(record::kRecordsAt + 4));
  add("a flipped bit of the checksum", "plain", two().flip(record::kCrcAt));
  for (const std::int32_t length : {-1, 0, 13, 15, 48}) {
    std::string bytes(whole.as_string_view());
    store_big_endian(std::as_writable_bytes(std::span(bytes)).data() + record::kLengthAt, length);
    add("a length of " + std::to_string(length), "plain", Slice::copy_of(bytes));
  }
  add("a base offset of 1", "plain", two().set(record::kBaseOffsetAt, std::int64_t{1}));
  add("a base offset of -1", "plain", two().set(record::kBaseOffsetAt, std::int64_t{-1}));
  add("a control batch", "plain", MadeBatch({"a=x"}, {.control = true}));
  for (const std::int32_t delta : {-1, -2, 0, 2, INT32_MAX, INT32_MIN}) {
    add("a last offset delta of " + std::to_string(delta), "plain",
        two().set(record::kLastOffsetDeltaAt, delta));
  }
  for (const std::int32_t count : {-1, 0, 1, 3, INT32_MAX}) {
    add("a count of " + std::to_string(count), "plain", two().set(record::kCountAt, count));
    if (count <= 0) continue;
    add("a count and a delta of " + std::to_string(count), "plain",
        two().set(record::kCountAt, count).set(record::kLastOffsetDeltaAt, count - 1));
  }
  for (const int codec : {5, 6, 7}) {
    add("codec " + std::to_string(codec), "plain",
        two().set(record::kAttributesAt, static_cast<std::int16_t>(codec)));
  }
  in_version(6, "zstd in version 6", "plain", two().compress(Compression::zstd));
  in_version(7, "zstd in version 7", "plain", two().compress(Compression::zstd));
  in_version(3, "version 3", "plain", two());
  in_version(7, "a bad record in version 7", "compacted", MadeBatch({"-=x"}));
}

void Cases::records() {
  const auto one = [](std::string_view hex) { return MadeBatch({"a=x"}).records(hex); };
  add("a record", "plain", one("0c000000010100"));
  add("a byte too many in a record", "plain", one("0e00000001010000"));
  add("a value beyond its record", "plain", one("0c000000010400"));
  add("a key beyond its record", "plain", one("0c000000040100"));
  add("fewer than no headers", "plain", one("0c000000010101"));
  add("more headers than bytes", "plain", one("0c00000001017e"));
  add("a header without a key", "plain", one("10000000010102010100"));
  add("a header without a value", "plain",
      one("10000000010102000100")
          .records("1000000001010200"
                   "01"));
  add("a negative size", "plain", one("01"));
  add("a size of 0", "plain", one("00"));
  add("a size beyond the batch", "plain", one("7e000000010100"));
  add("no records", "plain", one(""));
  add("a byte behind the records", "plain", two().append("00"));
  add("a byte less", "plain", two().shorten(1));
  // 11 bytes that never end, where the reference's reader throws what it has no error for.
  differs("a size that does not end", "plain", one("ffffffffffffffffffffff"), kUnknownServerError,
          kInvalidRecord);
  differs("a padded number", "plain",
          one("0e"
              "00"
              "8000"
              "00"
              "01"
              "01"
              "00"),
          0, kInvalidRecord);
  // With the reference what is stored has offsets that do not count; we let them count.
  differs("offset deltas that jump", "plain", two().poke(3, 10), 0, 0);
}

void Cases::packed_records() {
  for (const Compression codec : kCodecs) {
    const auto named = [&](std::string_view what) {
      return std::string(what).append(" in ").append(name_of(codec));
    };
    const auto one = [&](std::string_view hex) { return MadeBatch({"a=x"}).records(hex).compress(codec); };
    const auto bits = Attributes().set_compression(codec).bits();
    add(named("a record"), "plain", one("0c000000010100"));
    add(named("a value beyond its record"), "plain", one("0c000000010400"));
    add(named("fewer than no headers"), "plain", one("0c000000010101"));
    add(named("a header without a key"), "plain", one("10000000010102010100"));
    add(named("a negative size"), "plain", one("01"));
    add(named("a byte behind the records"), "plain", two().append("00").compress(codec));
    add(named("a byte less"), "plain", two().shorten(1).compress(codec));
    add(named("a count of 3"), "plain",
        two()
            .compress(codec)
            .set(record::kCountAt, std::int32_t{3})
            .set(record::kLastOffsetDeltaAt, std::int32_t{2}));
    add(named("plain bytes"), "plain", two().set(record::kAttributesAt, bits));
    add(named("no bytes"), "plain", MadeBatch({"a=x"}).records("").set(record::kAttributesAt, bits));
    add(named("a cut block"), "plain", two().compress(codec).shorten(5));
    // Found by readers, not by the reference's leader.
    differs(named("a record that does not fill its size"), "plain", one("0e000000010100"), 0, kInvalidRecord);
    // The reference begins to build the batch again, and finds that it has kept nothing to build it of.
    differs(named("offset deltas that jump"), "plain", two().poke(3, 10).compress(codec), kUnknownServerError,
            0);
  }
}

void Cases::times() {
  const std::int64_t now = now_ms();
  const std::int64_t hour = 3'600'000;
  const auto at = [](std::int64_t time) { return "a=x@" + std::to_string(time); };
  const BatchOptions broker_time = {.timestamp_type = TimestampType::log_append_time};
  add("no time", "plain", MadeBatch({at(-1), at(-1)}));
  add("a wrong largest time", "plain", two().set(record::kMaxTimestampAt, std::int64_t{5}));
  add("a wrong largest time in lz4", "plain",
      two().set(record::kMaxTimestampAt, std::int64_t{5}).compress(Compression::lz4));
  add("negative times", "plain", MadeBatch({at(-5), at(-7)}));
  add("the largest time", "plain", MadeBatch({at(INT64_MAX)}));
  add("the least time", "plain", MadeBatch({at(INT64_MIN)}));
  add("two hours early", "plain", MadeBatch({at(now), at(now + 2 * hour)}));
  add("within the bounds", "bounded", MadeBatch({at(now), at(now - 23 * hour), at(-1)}));
  add("two days late", "bounded", MadeBatch({at(now), at(now - 48 * hour), at(now + 9 * hour)}));
  add("two days late in zstd", "bounded",
      MadeBatch({at(now), at(now - 48 * hour), at(now + 9 * hour)}).compress(Compression::zstd));
  add("negative times, bounded", "bounded", MadeBatch({at(-5), at(now)}));
  add("the broker's time", "append_time", two());
  for (const Compression codec : kCodecs) {
    add("the broker's time in "s.append(name_of(codec)), "append_time", two().compress(codec));
  }
  add("the broker's time, claimed", "append_time", MadeBatch({at(5), at(6)}, broker_time));
  add("the broker's time, claimed where it is not wanted", "plain", MadeBatch({at(5), at(6)}, broker_time));
  add("the broker's time, claimed with none", "plain", MadeBatch({at(-1)}, broker_time));
}

void Cases::keys() {
  add("keys", "compacted", two());
  const MadeBatch batch({"a=x", "-=y", "=z", "-=-"});
  add("missing keys", "compacted", batch);
  for (const Compression codec : kCodecs) {
    add("missing keys in "s.append(name_of(codec)), "compacted", MadeBatch(batch).compress(codec));
  }
  add("missing keys and a byte too many", "compacted", MadeBatch(batch).append("00"));
  const auto late = "b=x@" + std::to_string(now_ms() - 10'000'000);
  add("a missing key and a wrong time", "compacted_and_bounded", MadeBatch({"-=x", late, "-=y"}));
}

void Cases::limits() {
  const std::string value(1000, 'v');
  add("a large batch", "small", MadeBatch({"a=" + value}));
  add("a large batch in lz4", "small", MadeBatch({"a=" + value}).compress(Compression::lz4));
  add("a large batch that is corrupt", "small", MadeBatch({"a=" + value}).flip(500));
  add("a large batch from offset 1", "small",
      MadeBatch({"a=" + value}).set(record::kBaseOffsetAt, std::int64_t{1}));
  for (const Compression codec : kCodecs) {
    const auto named = [&](std::string_view what) {
      return std::string(what).append(" in ").append(name_of(codec));
    };
    // Nine bytes of a record are neither key nor value, when its value has a size of two bytes.
    add(named("the largest record"), "small_record",
        MadeBatch({"a=" + std::string(992, 'v')}).compress(codec));
    add(named("a larger record"), "small_record", MadeBatch({"a=" + std::string(993, 'v')}).compress(codec));
    add(named("many records"), "small_record",
        MadeBatch({"a=" + std::string(900, 'v'), "a=" + std::string(900, 'w')}).compress(codec));
  }
  add("a larger record", "small_record", MadeBatch({"a=" + value}));
}

void Cases::rebuilt_ones() {
  for (const std::string_view topic :
       {"to_none", "to_gzip", "to_snappy", "to_lz4", "to_zstd", "lz4_append_time"}) {
    const auto named = [&](std::string_view what) { return std::string(what).append(" ").append(topic); };
    add(named("plain"), topic, two());
    for (const Compression codec : kCodecs) add(named(name_of(codec)), topic, two().compress(codec));
    add(named("an attribute"), topic, two().poke(1, 0xff));
    const MadeBatch jumping = MadeBatch(two()).poke(3, 10).compress(Compression::gzip);
    if (topic == "to_gzip") {
      differs(named("jumping offsets"), topic, jumping, kUnknownServerError, 0);
    } else {
      add(named("jumping offsets"), topic, jumping);
    }
    add(named("a wrong largest time"), topic, two().set(record::kMaxTimestampAt, std::int64_t{5}));
    add(named("a producer"), topic,
        MadeBatch({"a=x@5"}, {.producer_id = static_cast<std::int64_t>(1000 + topic.size()),
                              .producer_epoch = 3,
                              .base_sequence = 0}));
    add(named("a delete horizon"), topic, MadeBatch({"a=x@7", "b=y@9"}, {.delete_horizon = 1}));
  }
  add("too large without compression", "small_to_none",
      MadeBatch({"a=" + std::string(1000, 'v')}).compress(Compression::zstd));
  add("jumping offsets, not compressed, to_lz4", "to_lz4", two().poke(3, 10));
  differs("negative times to_lz4", "to_lz4", MadeBatch({"a=x@-5", "a=x@-7"}), kUnknownServerError, 0);
}

void Cases::producers() {
  add("a producer", "plain", MadeBatch({"a=x"}, {.producer_id = 5, .producer_epoch = 0, .base_sequence = 0}));
  add("a producer without a sequence", "plain", MadeBatch({"a=x"}, {.producer_id = 6, .producer_epoch = 0}));
  add("a producer with a sequence of -2", "plain",
      MadeBatch({"a=x"}, {.producer_id = 7, .producer_epoch = 0, .base_sequence = -2}));
  add("a sequence without a producer", "plain", MadeBatch({"a=x"}, {.base_sequence = 4}));
  add("an epoch without a producer", "plain", MadeBatch({"a=x"}, {.producer_epoch = 4}));
  add("a producer of -2", "plain", MadeBatch({"a=x"}, {.producer_id = -2}));
  // The reference notices these only when it has to build the batch again, and has no error for them.
  differs("a transaction without a producer", "plain", MadeBatch({"a=x"}, {.transactional = true}), 0,
          kInvalidRecord);
  all_.back().transactional_id = "some";
  differs("a transaction without a producer to_lz4", "to_lz4", MadeBatch({"a=x"}, {.transactional = true}),
          kUnknownServerError, kInvalidRecord);
  all_.back().transactional_id = "some";
  const MadeBatch no_epoch({"a=x"}, {.producer_id = 8, .base_sequence = 0});
  differs("a producer without an epoch", "plain", no_epoch, 0, kInvalidRecord);
  differs("a producer without an epoch to_lz4", "to_lz4", no_epoch, kUnknownServerError, kInvalidRecord);
}

AppendRules rules(auto change) {
  AppendRules rules;
  change(rules);
  return rules;
}

TopicKind codec_topic(std::string_view name, std::string_view config, Compression codec) {
  return {name, {{"compression.type", config}}, rules([&](AppendRules& r) {
            r.compression = record::CompressionSpec(codec);
          })};
}

}  // namespace

const std::vector<TopicKind>& all_topics() {
  static const std::vector<TopicKind> topics = {
      {"plain", {}, {}},
      {"compacted", {{"cleanup.policy", "compact"}}, rules([](AppendRules& r) { r.compacted = true; })},
      {"append_time", {{"message.timestamp.type", "LogAppendTime"}}, rules([](AppendRules& r) {
         r.timestamp_type = TimestampType::log_append_time;
       })},
      {"bounded", {{"message.timestamp.before.max.ms", "86400000"}}, rules([](AppendRules& r) {
         r.before_max_ms = 86'400'000;
       })},
      {"compacted_and_bounded",
       {{"cleanup.policy", "compact"}, {"message.timestamp.before.max.ms", "3600000"}},
       rules([](AppendRules& r) { r.compacted = true, r.before_max_ms = 3'600'000; })},
      {"small", {{"max.message.bytes", "300"}}, rules([](AppendRules& r) { r.max_message_bytes = 300; })},
      {"small_record", {{"max.decompressed.message.bytes", "1000"}}, rules([](AppendRules& r) {
         r.max_record_bytes = 1000;
       })},
      codec_topic("to_none", "uncompressed", Compression::none),
      codec_topic("to_gzip", "gzip", Compression::gzip),
      codec_topic("to_snappy", "snappy", Compression::snappy),
      codec_topic("to_lz4", "lz4", Compression::lz4),
      codec_topic("to_zstd", "zstd", Compression::zstd),
      {"lz4_append_time",
       {{"compression.type", "lz4"}, {"message.timestamp.type", "LogAppendTime"}},
       rules([](AppendRules& r) {
         r.compression = record::CompressionSpec(Compression::lz4);
         r.timestamp_type = TimestampType::log_append_time;
       })},
      {"small_to_none",
       {{"compression.type", "uncompressed"}, {"max.message.bytes", "300"}},
       rules([](AppendRules& r) {
         r.compression = record::CompressionSpec(Compression::none);
         r.max_message_bytes = 300;
       })},
  };
  return topics;
}

std::vector<Case> all_cases() {
  Cases cases;
  cases.good_ones();
  cases.headers();
  cases.records();
  cases.packed_records();
  cases.times();
  cases.keys();
  cases.limits();
  cases.rebuilt_ones();
  cases.producers();
  return std::move(cases.all_);
}

}  // namespace ottla::append_check
