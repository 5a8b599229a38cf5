#include "test/storage/exchange/batch_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <limits>
#include <optional>
#include <string_view>

#include "base/crc32c.h"
#include "record/batch_records.h"
#include "record/batch_view.h"
#include "record/control_record.h"
#include "record/legacy_records.h"
#include "record/legacy_view.h"

namespace ottla::exchange {
namespace {

using record::TimestampType;

constexpr std::size_t kMostInFull = 40;
constexpr std::uint64_t kMostPlain = std::uint64_t{1} << 30;
constexpr std::array<std::string_view, 5> kCodecs{"none", "gzip", "snappy", "lz4", "zstd"};

std::string text_of(std::optional<std::span<const std::byte>> bytes) {
  if (!bytes) return "-";
  if (bytes->size() > kMostInFull) return fmt::format("{}:{:x}", bytes->size(), crc32c(*bytes));
  std::string out = "x";
  for (const std::byte byte : *bytes) out += fmt::format("{:02x}", static_cast<unsigned>(byte));
  return out;
}

std::string_view name_of(TimestampType type) {
  return type == TimestampType::log_append_time ? "LogAppendTime" : "CreateTime";
}

void note_time(std::set<std::int64_t>& times, std::int64_t time) {
  for (std::int64_t near = time - 1; near <= time + 1; ++near) times.insert(near);
}

Result<std::string> control_text(const record::RecordView& record) {
  constexpr std::array<std::string_view, 7> kNames{"abort",           "commit",          "leader_change",
                                                   "snapshot_header", "snapshot_footer", "kraft_version",
                                                   "kraft_voters"};
  OTTLA_TRY(const std::optional<record::ControlType> type, record::read_control_type(record));
  if (!type) return std::string(" unknown");
  std::string out = fmt::format(" {}", kNames.at(static_cast<std::size_t>(*type)));
  if (*type == record::ControlType::abort || *type == record::ControlType::commit) {
    OTTLA_TRY(const record::EndMarker marker, record::read_end_marker(*type, record));
    out += fmt::format(" {}", marker.coordinator_epoch);
  }
  return out;
}

Result<BatchFacts> tell_legacy(std::span<const std::byte> bytes, record::CodecPool& codecs,
                               std::set<std::int64_t>& times) {
  OTTLA_TRY(const record::LegacyView message, record::LegacyView::first_of(bytes));
  const std::string_view type = message.magic() == 0 ? "NoTimestampType" : name_of(message.timestamp_type());
  BatchFacts facts{
      .lines = fmt::format("batch {} magic {} {} {} bytes epoch -1 producer -1 -1 -1 time {} {}\n",
                           message.offset().raw(), message.magic(), kCodecs.at(message.compression_id()),
                           message.size(), message.timestamp(), type),
      .last_offset = message.offset(),
      .size = message.size()};
  OTTLA_TRY(record::LegacyRecords records,
            record::LegacyRecords::of(message, codecs, {.max_output = kMostPlain}));
  while (!records.at_end()) {
    OTTLA_TRY(const record::LegacyRecord record, records.next());
    facts.lines += fmt::format("record {} {} {} {}\n", record.offset.raw(), record.timestamp,
                               text_of(record.message.key()), text_of(record.message.value()));
    note_time(times, record.timestamp);
  }
  return facts;
}

std::string headline(const record::BatchView& batch) {
  const record::Attributes attributes = batch.attributes();
  std::string out = fmt::format(
      "batch {} magic 2 {} {} bytes epoch {} producer {} {} {} time {} {}{}{}",
      batch.base_offset().raw() + batch.last_offset_delta(), kCodecs.at(attributes.compression_id()),
      batch.size(), batch.leader_epoch(), batch.producer_id(), batch.producer_epoch(), batch.base_sequence(),
      batch.max_timestamp(), name_of(attributes.timestamp_type()),
      attributes.is_transactional() ? " transactional" : "", attributes.is_control() ? " control" : "");
  if (attributes.has_delete_horizon()) out += fmt::format(" horizon {}", batch.base_timestamp());
  return out + "\n";
}

}  // namespace

Result<BatchFacts> tell_batch(std::span<const std::byte> bytes, record::CodecPool& codecs,
                              std::set<std::int64_t>& times) {
  OTTLA_TRY(const record::BatchFront front, record::read_front(bytes));
  if (front.magic != record::kMagic) return tell_legacy(bytes, codecs, times);
  OTTLA_TRY(const record::BatchView batch, record::BatchView::first_of(bytes));
  if (!batch.crc_holds()) return Error(Errc::corrupt, "the batch at " + batch.base_offset().to_string());
  OTTLA_TRY(const Offset last, batch.last_offset());
  BatchFacts facts{.lines = headline(batch), .last_offset = last, .size = batch.size()};
  OTTLA_TRY(record::BatchRecords records, record::BatchRecords::of(batch, codecs, {}));
  while (true) {
    OTTLA_TRY(const std::optional<record::RecordView> record, records.next());
    if (!record) return facts;
    const std::int64_t time = batch.attributes().timestamp_type() == TimestampType::log_append_time
                                  ? batch.max_timestamp()
                                  : batch.timestamp_at(record->timestamp_delta);
    facts.lines += fmt::format("record {} {} {} {}", batch.base_offset().raw() + record->offset_delta, time,
                               text_of(record->key), text_of(record->value));
    for (const record::HeaderView& header : record->headers) {
      facts.lines +=
          fmt::format(" header {}={}", text_of(std::as_bytes(std::span(header.key))), text_of(header.value));
    }
    if (batch.attributes().is_control()) {
      OTTLA_TRY(const std::string control, control_text(*record));
      facts.lines += control;
    }
    facts.lines += '\n';
    note_time(times, time);
  }
}

}  // namespace ottla::exchange
