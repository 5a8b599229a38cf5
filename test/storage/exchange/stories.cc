#include "test/storage/exchange/stories.h"

#include <fmt/format.h>

#include <array>
#include <string_view>
#include <utility>

#include "record/batch_builder.h"
#include "record/batch_view.h"
#include "record/compressed_batch.h"
#include "record/control_record.h"

namespace ottla::exchange {
namespace {

using record::Compression;
using storage::Log;

std::span<const std::byte> bytes(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Text that a codec can do something with, and a little that it cannot.
std::string value_text(std::size_t size, std::int64_t seed) {
  std::string out;
  auto state = static_cast<std::uint32_t>(seed);
  while (out.size() < size) {
    state = state * 1'664'525U + 1'013'904'223U;
    out += fmt::format("{:x} and again ", state);
  }
  out.resize(size);
  return out;
}

void append_record(record::BatchBuilder& builder, const BatchShape& shape, std::int64_t offset) {
  const std::string key = fmt::format("key-{}", offset % 17);
  const std::string value = value_text(shape.value_bytes, offset);
  const std::array<record::HeaderView, 3> headers{record::HeaderView{.key = "first", .value = bytes("one")},
                                                  record::HeaderView{.key = "first", .value = std::nullopt},
                                                  record::HeaderView{.key = "", .value = bytes("")}};
  // Times go up and down, so that the latest one lies within the batch.
  record::NewRecord record{
      .timestamp = shape.time + (offset * 7) % 10, .key = bytes(key), .value = bytes(value)};
  if (offset % 5 == 1) record.key.reset();
  if (offset % 7 == 2) record.value.reset();
  if (offset % 11 == 3) record.value = bytes("");
  if (offset % 3 == 0) record.headers = headers;
  builder.append(record);
}

Result<void> appended(const storage::AppendOutcome& outcome) {
  if (outcome.ok()) return {};
  if (outcome.error() != nullptr) return *outcome.error();
  if (outcome.rejection() != nullptr) return Error(Errc::invalid_argument, outcome.rejection()->message);
  return Error(Errc::invalid_argument, outcome.producer_rejection()->message);
}

Task<Result<void>> lead(Log& log, Slice batch, std::int32_t epoch = 0) {
  const storage::AppendOutcome outcome = co_await log.append_as_leader(
      ExclusiveBytes(std::move(batch)), LeaderEpoch(epoch), {.origin = record::AppendOrigin::client});
  co_return appended(outcome);
}

Task<Result<void>> lead(Log& log, record::CodecPool& codecs, BatchShape shape) {
  OTTLA_CO_TRY(Slice batch, make_batch(shape, codecs));
  co_return co_await lead(log, std::move(batch), shape.leader_epoch);
}

Task<Result<void>> end(Log& log, std::int64_t producer, bool committed) {
  Slice marker = record::end_marker_batch(
      {.timestamp = kTime, .producer_id = producer, .producer_epoch = kProducerEpoch},
      {.committed = committed});
  const storage::AppendOutcome outcome = co_await log.append_as_leader(
      ExclusiveBytes(std::move(marker)), LeaderEpoch(0), {.origin = record::AppendOrigin::coordinator});
  co_return appended(outcome);
}

Task<Result<void>> follow(Log& log, Slice batch, std::int32_t epoch) {
  const storage::AppendOutcome outcome =
      co_await log.append_as_follower(ExclusiveBytes(std::move(batch)), LeaderEpoch(epoch));
  co_return appended(outcome);
}

// --- The stories --------------------------------------------------------------------------------------------

Task<Result<void>> write_codec(Log& log, record::CodecPool& codecs, Compression codec) {
  for (const std::int32_t records : {1, 3, 50, 400, 2}) {
    OTTLA_CO_CHECK(co_await lead(log, codecs, {.records = records, .codec = codec, .time = kTime + records}));
  }
  co_return co_await lead(log, codecs, {.records = 2, .codec = codec, .value_bytes = 60'000});
}

// The third one's sequence begins again at 0 within a batch.
Task<Result<void>> write_idempotent(Log& log, record::CodecPool& codecs, std::int64_t time) {
  std::array<std::int32_t, 3> sequences{0, 100, 2'147'483'600};
  for (int round = 0; round < 9; ++round) {
    for (std::size_t producer = 0; producer < sequences.size(); ++producer) {
      const auto codec = static_cast<Compression>((static_cast<std::size_t>(round) + producer) % 5);
      OTTLA_CO_CHECK(co_await lead(log, codecs,
                                   {.records = 7,
                                    .codec = codec,
                                    .time = time,
                                    .producer_id = 4000 + static_cast<std::int64_t>(producer),
                                    .sequence = sequences[producer]}));
      sequences[producer] = record::sequence_after(sequences[producer], 7);
    }
  }
  co_return Result<void>();
}

// Two producers at once, committed and aborted by turns; the third one's transaction stays open.
Task<Result<void>> write_transactions(Log& log, record::CodecPool& codecs) {
  std::array<std::int32_t, 3> sequences{};
  const auto send = [&](std::size_t producer, std::int32_t records) {
    const BatchShape shape{.records = records,
                           .codec = static_cast<Compression>(producer * 3),
                           .producer_id = 4100 + static_cast<std::int64_t>(producer),
                           .sequence = sequences[producer],
                           .transactional = true};
    sequences[producer] += records;
    return lead(log, codecs, shape);
  };
  for (int round = 0; round < 12; ++round) {
    OTTLA_CO_CHECK(co_await send(0, 3));
    OTTLA_CO_CHECK(co_await send(1, 2));
    OTTLA_CO_CHECK(co_await lead(log, codecs, {.records = 2}));
    OTTLA_CO_CHECK(co_await send(0, 1));
    OTTLA_CO_CHECK(co_await end(log, 4100, round % 2 == 0));
    OTTLA_CO_CHECK(co_await send(1, 1));
    OTTLA_CO_CHECK(co_await end(log, 4101, round % 3 == 0));
  }
  OTTLA_CO_CHECK(co_await send(0, 1));
  // As the reference does it: the third transaction's end is known to nobody.
  OTTLA_CO_CHECK(co_await end(log, 4100, false));
  co_return co_await lead(log, codecs,
                          {.records = 4, .producer_id = 4102, .sequence = 0, .transactional = true});
}

Task<Result<void>> write_segments(Log& log, record::CodecPool& codecs) {
  for (int i = 0; i < 120; ++i) {
    const std::int32_t epoch = i / 60;
    if (i % 60 == 0) OTTLA_CO_CHECK(co_await log.assign_epoch(LeaderEpoch(epoch), log.log_end()));
    if (i == 70) OTTLA_CO_CHECK(co_await log.flush());
    const std::int64_t time = kTime + 1000 * (i % 50);
    OTTLA_CO_CHECK(co_await lead(log, codecs, {.records = 10, .time = time, .leader_epoch = epoch}));
  }
  co_return Result<void>();
}

// As a follower gets it from a leader whose cleaner was there: records and batches are left out, a batch may be empty,
// and tombstones have their horizon.
Task<Result<void>> write_gaps(Log& log, record::CodecPool& codecs) {
  std::int64_t base = 5;
  for (int i = 0; i < 40; ++i) {
    record::BatchOptions options{.base_offset = Offset(base), .leader_epoch = 0};
    if (i % 4 == 3) options.delete_horizon = kTime + 1'000'000;
    if (i % 8 == 5) {
      options.producer_id = 4200;
      options.producer_epoch = kProducerEpoch;
      options.base_sequence = i * 10;
    }
    record::BatchBuilder builder(options);
    for (const int delta : {1, 4, 5}) {
      if (i % 8 == 5) break;  // nothing is left but the sequence
      const std::string key = fmt::format("key-{}", base + delta);
      record::NewRecord record{.timestamp = kTime + i, .key = bytes(key), .value = bytes("value")};
      if (i % 4 == 3) record.value.reset();
      builder.append_at(Offset(base + delta), record);
    }
    OTTLA_CO_CHECK(co_await follow(log, std::move(builder).finish(Offset(base + 9)), 0));
    base += i % 10 == 9 ? 1000 : 10 + i % 3;
  }
  co_return co_await lead(log, codecs, {.records = 3});
}

Task<Result<void>> write_appended(Log& log, record::CodecPool& codecs) {
  for (int i = 0; i < 10; ++i) {
    OTTLA_CO_CHECK(co_await lead(log, codecs, {.records = 5, .codec = static_cast<Compression>(i % 5)}));
  }
  co_return Result<void>();
}

}  // namespace

Result<Slice> make_batch(const BatchShape& shape, record::CodecPool& codecs) {
  record::BatchOptions options{.base_offset = Offset(shape.base_offset), .leader_epoch = shape.leader_epoch};
  if (shape.producer_id != record::kNoProducerId) {
    options.producer_id = shape.producer_id;
    options.producer_epoch = kProducerEpoch;
    options.base_sequence = shape.sequence;
    options.transactional = shape.transactional;
  }
  record::BatchBuilder builder(options);
  for (std::int32_t i = 0; i < shape.records; ++i) append_record(builder, shape, shape.base_offset + i);
  Slice plain = std::move(builder).finish();
  if (shape.codec == Compression::none) return plain;
  return record::compressed_batch(codecs, record::CompressionSpec(shape.codec), plain);
}

std::vector<Story> all_stories(std::int64_t producing_time) {
  std::vector<Story> stories;
  constexpr std::array<std::string_view, 5> kNames{"none", "gzip", "snappy", "lz4", "zstd"};
  for (std::size_t codec = 0; codec < kNames.size(); ++codec) {
    stories.push_back({.name = std::string(kNames.at(codec)),
                       .config = {.index_interval_bytes = 500},
                       .write = [codec](Log& log, record::CodecPool& codecs) {
                         return write_codec(log, codecs, static_cast<Compression>(codec));
                       }});
  }
  stories.push_back({.name = "idempotent",
                     .config = {.segment_bytes = 4000},
                     .write = [producing_time](Log& log, record::CodecPool& codecs) {
                       return write_idempotent(log, codecs, producing_time);
                     }});
  stories.push_back({.name = "transactions",
                     .config = {.segment_bytes = 6000, .index_interval_bytes = 300},
                     .write = write_transactions});
  stories.push_back({.name = "segments",
                     .config = {.segment_bytes = 10'000, .index_interval_bytes = 1000},
                     .write = write_segments});
  stories.push_back(
      {.name = "gaps", .config = {.segment_bytes = 1500, .index_interval_bytes = 200}, .write = write_gaps});
  return stories;
}

Story appended_story() {
  return {.name = "appended",
          .config = {.append = {.timestamp_type = record::TimestampType::log_append_time}},
          .write = write_appended};
}

}  // namespace ottla::exchange
