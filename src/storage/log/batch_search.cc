#include "storage/log/batch_search.h"

#include <algorithm>
#include <utility>

#include "record/batch_view.h"
#include "record/compression/decompressor.h"
#include "record/legacy_records.h"
#include "record/legacy_view.h"
#include "record/record_runs.h"
#include "record/record_walker.h"

namespace ottla::storage {
namespace {

using Found = std::optional<RecordPlace>;

// What a batch may unpack to; the leader's check was stricter.
constexpr std::uint64_t kMostUnpacked = std::uint64_t{4} << 30;
// The messages in one of an old format are unpacked in one piece.
constexpr std::uint64_t kMostUnpackedLegacy = std::uint64_t{128} << 20;

class UnpackedRuns final : public record::RecordRuns {
 public:
  explicit UnpackedRuns(record::Decompressor decompressor) : decompressor_(std::move(decompressor)) {}
  Result<std::span<const std::byte>> next() override { return decompressor_.next(); }

 private:
  record::Decompressor decompressor_;
};

Result<Found> walk(record::RecordRuns& runs, const record::BatchView& batch, std::int64_t timestamp,
                   Offset from) {
  const bool broker_time = batch.attributes().timestamp_type() == record::TimestampType::log_append_time;
  record::RecordWalker walker(runs, batch.count());
  record::RecordHead head;
  while (walker.next(head)) {
    const std::int64_t time = broker_time ? batch.max_timestamp() : batch.timestamp_at(head.timestamp_delta);
    const Result<Offset> offset = batch.base_offset().checked_add(head.offset_delta);
    if (!offset.ok()) return Error(Errc::corrupt, "a record of the batch has an impossible offset");
    if (time >= timestamp && *offset >= from) return Found(RecordPlace{.timestamp = time, .offset = *offset});
  }
  if (walker.fault() == record::WalkFault::none) return Found();
  return Error(Errc::corrupt,
               "the records of the batch at offset " + batch.base_offset().to_string() + " cannot be read");
}

// Of magic 0 and 1: one message, or those that are compressed in it.
Result<Found> find_legacy(record::CodecPool& codecs, std::span<const std::byte> bytes, std::int64_t timestamp,
                          Offset from) {
  OTTLA_TRY(const record::LegacyView message, record::LegacyView::first_of(bytes));
  OTTLA_TRY(record::LegacyRecords records,
            record::LegacyRecords::of(message, codecs, {.max_output = kMostUnpackedLegacy}));
  while (!records.at_end()) {
    OTTLA_TRY(const record::LegacyRecord record, records.next());
    if (record.timestamp < timestamp || record.offset < from) continue;
    return Found(RecordPlace{.timestamp = record.timestamp, .offset = record.offset});
  }
  return Found();
}

}  // namespace

Found find_by_header(const StoredBatch& batch, Offset from) {
  if (!batch.has_all_records() || (!batch.broker_time && batch.records > 1)) return std::nullopt;
  return RecordPlace{.timestamp = batch.max_timestamp, .offset = std::max(batch.base_offset, from)};
}

Result<Found> find_record(record::CodecPool& codecs, const StoredBatch& header,
                          std::span<const std::byte> batch, std::int64_t timestamp, Offset from) {
  if (header.magic != record::kMagic) return find_legacy(codecs, batch, timestamp, from);
  OTTLA_TRY(const record::BatchView view, record::BatchView::first_of(batch));
  const record::Compression codec = view.attributes().compression();
  if (!view.attributes().compression_is_known()) return Error(Errc::corrupt, "a batch with an unknown codec");
  if (codec == record::Compression::none) {
    record::PlainRun run(view.records());
    return walk(run, view, timestamp, from);
  }
  OTTLA_TRY(record::Decompressor decompressor,
            record::Decompressor::open(codecs, codec, view.records(), {.max_output = kMostUnpacked}));
  UnpackedRuns runs(std::move(decompressor));
  return walk(runs, view, timestamp, from);
}

}  // namespace ottla::storage
