#include "quorum/snapshot_parser.h"

#include <fmt/format.h>

#include <variant>

#include "base/arena.h"
#include "base/budget.h"
#include "protocol/codec.h"
#include "protocol/messages/raft_records.h"
#include "quorum/data_records.h"
#include "raft/control_codec.h"
#include "record/batch_records.h"
#include "record/control_record.h"

namespace ottla::quorum {
namespace {

using record::ControlType;

constexpr std::size_t kMostDecodedBytes = std::size_t{64} << 10;

template <typename Message>
Result<Message> decode_value(const record::RecordView& record, std::string_view what) {
  Budget budget("snapshot control record", kMostDecodedBytes);
  Arena arena(budget);
  Message message;
  const std::span<const std::byte> bytes = record.value.value_or(std::span<const std::byte>());
  const auto size = protocol::decode({.bytes = bytes, .version = 0}, arena, message);
  if (!size.ok()) return Error(size.error()).with_context(fmt::format("the snapshot's {}", what));
  if (message.version != 0) {
    return Error(Errc::unsupported,
                 fmt::format("the snapshot's {} is of version {}, and 0 is known", what, message.version));
  }
  return message;
}

}  // namespace

std::vector<raft::ControlEntry> control_of(const SnapshotFacts& facts, const raft::LogPosition& id) {
  std::vector<raft::ControlEntry> entries;
  const Offset last = id.offset - 1;
  if (facts.kraft_version) entries.push_back({last, raft::KRaftVersionChange{*facts.kraft_version}});
  if (facts.voters) entries.push_back({last, raft::VotersChange{*facts.voters}});
  return entries;
}

Result<std::span<const SnapshotParser::RecordBytes>> SnapshotParser::take(const record::BatchView& batch) {
  if (!batch.crc_holds()) return Error(Errc::corrupt, "a batch of the snapshot fails its checksum");
  if (ended_) return Error(Errc::malformed, "records follow the snapshot's footer");
  if (batch.base_offset() != next_) {
    return Error(Errc::malformed, fmt::format("a batch begins at offset {}, where {} was expected",
                                              batch.base_offset().raw(), next_.raw()));
  }
  OTTLA_TRY(const Offset last, batch.last_offset());
  if (last < next_) return Error(Errc::malformed, "a batch of the snapshot ends before it begins");
  records_.clear();
  unpacked_.clear();
  const bool control = batch.attributes().is_control();
  if (!begun_ && !control) return Error(Errc::malformed, "the first record is not a snapshot's header");
  OTTLA_CHECK(control ? take_control(batch) : take_data(batch));
  OTTLA_TRY(next_, last.checked_add(1));
  return std::span<const RecordBytes>(records_);
}

Result<> SnapshotParser::take_data(const record::BatchView& batch) {
  return data_records_of(batch, codecs_, unpacked_, records_);
}

Result<> SnapshotParser::take_control(const record::BatchView& batch) {
  OTTLA_TRY(record::BatchRecords records, record::BatchRecords::of(batch, codecs_, {}));
  for (;;) {
    OTTLA_TRY(const std::optional<record::RecordView> record, records.next());
    if (!record) break;
    if (ended_) return Error(Errc::malformed, "records follow the snapshot's footer");
    OTTLA_TRY(const std::optional<ControlType> type, record::read_control_type(*record));
    if (!begun_) {
      OTTLA_CHECK(type == ControlType::snapshot_header
                      ? take_header(*record)
                      : Error(Errc::malformed, "the first record is not a snapshot's header"));
    } else if (type == ControlType::snapshot_header) {
      return Error(Errc::malformed, "the snapshot has two headers");
    } else if (type == ControlType::snapshot_footer) {
      OTTLA_CHECK(take_footer(*record));
    }
  }
  if (!begun_) return Error(Errc::malformed, "the first record is not a snapshot's header");
  OTTLA_TRY(const std::vector<raft::ControlEntry> entries, raft::read_control(batch, codecs_));
  for (const raft::ControlEntry& entry : entries) {
    if (const auto* change = std::get_if<raft::KRaftVersionChange>(&entry.record)) {
      facts_.kraft_version = change->version;
    } else if (const auto* voters = std::get_if<raft::VotersChange>(&entry.record)) {
      facts_.voters = voters->voters;
    }
  }
  return {};
}

Result<> SnapshotParser::take_header(const record::RecordView& record) {
  OTTLA_TRY(const protocol::SnapshotHeaderRecord header,
            decode_value<protocol::SnapshotHeaderRecord>(record, "header"));
  begun_ = true;
  facts_.last_append_ms = header.last_contained_log_timestamp;
  return {};
}

Result<> SnapshotParser::take_footer(const record::RecordView& record) {
  OTTLA_TRY(const protocol::SnapshotFooterRecord footer,
            decode_value<protocol::SnapshotFooterRecord>(record, "footer"));
  static_cast<void>(footer);
  ended_ = true;
  return {};
}

Result<> SnapshotParser::finish() const {
  if (!begun_) return Error(Errc::truncated, "the snapshot is empty");
  if (!ended_) return Error(Errc::truncated, "the snapshot has no footer: it is not whole");
  return {};
}

}  // namespace ottla::quorum
