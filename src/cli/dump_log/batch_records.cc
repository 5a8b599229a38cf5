#include "cli/dump_log/batch_records.h"

#include <fmt/format.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "cli/dump_log/report.h"
#include "record/batch_layout.h"
#include "record/batch_view.h"
#include "record/compression/decompressor.h"
#include "record/legacy_records.h"
#include "record/legacy_view.h"
#include "record/record_runs.h"
#include "record/record_stream.h"
#include "record/record_view.h"

namespace ottla::cli {
namespace {

class DecompressedRuns final : public record::RecordRuns {
 public:
  explicit DecompressedRuns(record::Decompressor plain) : plain_(std::move(plain)) {}
  Result<std::span<const std::byte>> next() override { return plain_.next(); }

 private:
  record::Decompressor plain_;
};

std::int32_t size_of(const std::optional<std::span<const std::byte>>& bytes) {
  return bytes ? static_cast<std::int32_t>(bytes->size()) : -1;
}

// Wraps around, as in the reference: the bytes may say anything.
std::int64_t sum(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

FoundRecord found(const BatchFacts& batch, const record::RecordView& record) {
  FoundRecord found;
  found.facts.offset = sum(batch.base_offset, record.offset_delta);
  found.facts.timestamp = batch.time_kind == TimeKind::append
                              ? batch.max_timestamp
                              : sum(batch.base_timestamp, record.timestamp_delta);
  found.facts.key_size = size_of(record.key);
  found.facts.value_size = size_of(record.value);
  if (batch.base_sequence >= 0) {
    found.facts.sequence = record::sequence_after(batch.base_sequence, record.offset_delta);
  }
  found.facts.headers = record.headers;
  found.key = record.key;
  found.value = record.value;
  return found;
}

Result<> walk(const BatchFacts& batch, record::RecordRuns& runs, const BatchRecords::Take& take) {
  record::RecordStream records(runs, batch.count, BatchRecords::kMost);
  for (;;) {
    OTTLA_TRY(const std::optional<record::RecordView> record, records.next());
    if (!record) return {};
    OTTLA_CHECK(take(found(batch, *record)));
  }
}

}  // namespace

Result<> BatchRecords::each(const BatchFacts& batch, std::span<const std::byte> bytes, const Take& take) {
  if (batch.is_legacy()) return each_legacy(bytes, take);
  if (bytes.size() < record::kRecordsAt) {
    return Error(Errc::corrupt, fmt::format("a batch of {} bytes is shorter than its header", bytes.size()));
  }
  return each_modern(batch, bytes.subspan(record::kRecordsAt), take);
}

Result<> BatchRecords::each_modern(const BatchFacts& batch, std::span<const std::byte> records,
                                   const Take& take) {
  if (batch.count == 0) return {};  // what compaction left: nothing is looked at
  const auto codec = static_cast<record::Compression>(batch.codec);
  if (codec == record::Compression::none) {
    record::PlainRun run(records);
    return walk(batch, run, take);
  }
  OTTLA_TRY(record::Decompressor plain,
            record::Decompressor::open(codecs_, codec, records, {.max_output = kMostPlain}));
  DecompressedRuns runs(std::move(plain));
  return walk(batch, runs, take);
}

Result<> BatchRecords::each_legacy(std::span<const std::byte> bytes, const Take& take) {
  OTTLA_TRY(const record::LegacyView message, record::LegacyView::first_of(bytes));
  OTTLA_TRY(record::LegacyRecords records,
            record::LegacyRecords::of(message, codecs_, {.max_output = kMost}));
  while (!records.at_end()) {
    OTTLA_TRY(const record::LegacyRecord record, records.next());
    FoundRecord found;
    found.facts.offset = record.offset.raw();
    found.facts.timestamp = record.timestamp;
    found.key = record.message.key();
    found.value = record.message.value();
    found.facts.key_size = size_of(found.key);
    found.facts.value_size = size_of(found.value);
    found.facts.crc = record.message.crc();
    found.facts.valid = record.message.crc_holds();
    OTTLA_CHECK(take(found));
  }
  return {};
}

}  // namespace ottla::cli
