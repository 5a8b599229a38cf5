#include "cli/dump_log/text_report.h"

#include <fmt/format.h>

#include <cstdint>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/hex.h"
#include "cli/dump_log/java_text.h"
#include "cli/dump_log/report.h"
#include "cli/output.h"
#include "record/record_view.h"
#include "storage/format/index_entry.h"
#include "storage/format/producer_snapshot.h"

namespace ottla::cli {
namespace {

std::string optional_long(std::optional<std::int64_t> value) {
  return value ? fmt::format("OptionalLong[{}]", *value) : "OptionalLong.empty";
}

struct Wording {
  std::string_view head;  // before the path, if `names_path`
  bool names_path;
  std::string_view pair;
};

Wording wording_of(Disagreement::Kind kind) {
  switch (kind) {
    case Disagreement::Kind::offset:
      return {"Mismatches in :", true, "  Index offset: {}, log offset: {}\n"};
    case Disagreement::Kind::timestamp:
      return {"Found timestamp mismatch in :", true, "  Index timestamp: {}, log timestamp: {}\n"};
    case Disagreement::Kind::order:
      return {"Found out of order timestamp in :", true,
              "  Index timestamp: {}, Previously indexed timestamp: {}\n"};
    case Disagreement::Kind::missing_offset:
      return {"The following indexed offsets are not found in :", true,
              "Indexed offset: {}, found log offset: {}\n"};
    case Disagreement::Kind::gap:
      break;
  }
  return {"Non-consecutive offsets in ", true, "  {} is followed by {}\n"};
}

}  // namespace

void TextReport::put_line() {
  line_ += '\n';
  out_.write(line_);
  line_.clear();
}

// The two outputs may be one terminal: what was found before stands before.
void TextReport::complain(std::string_view line) {
  static_cast<void>(out_.flush());  // a failure stays with it
  err_.write(line);
  err_.write("\n");
  static_cast<void>(err_.flush());
}

void TextReport::file(std::string_view path) {
  line_ = fmt::format("Dumping {}", path);
  put_line();
}

void TextReport::unknown_file(std::string_view path) {
  complain(fmt::format("Ignoring unknown file {}", path));
}

void TextReport::starting_offset(std::int64_t offset) {
  line_ = fmt::format("Log starting offset: {}", offset);
  put_line();
}

void TextReport::bootstrap_snapshot() {
  line_ = "KRaft bootstrap snapshot";
  put_line();
}

void TextReport::snapshot(std::int64_t end_offset, std::int32_t epoch) {
  line_ = fmt::format("Snapshot end offset: {}, epoch: {}", end_offset, epoch);
  put_line();
}

void TextReport::batch(const BatchFacts& batch) {
  const auto out = std::back_inserter(line_);
  if (batch.is_legacy()) {
    fmt::format_to(out, "offset: {}", batch.last_offset);
  } else {
    fmt::format_to(out,
                   "baseOffset: {} lastOffset: {} count: {} baseSequence: {} lastSequence: {} producerId: {} "
                   "producerEpoch: {} partitionLeaderEpoch: {} isTransactional: {} isControl: {} "
                   "deleteHorizonMs: {}",
                   batch.base_offset, batch.last_offset, batch.count, batch.base_sequence,
                   batch.last_sequence, batch.producer_id, batch.producer_epoch, batch.leader_epoch,
                   batch.transactional, batch.control, optional_long(batch.delete_horizon));
  }
  fmt::format_to(out, " position: {} {}: {} size: {} magic: {} compresscodec: {} crc: {} isvalid: {}",
                 batch.position, name_of(batch.time_kind), batch.max_timestamp, batch.size, batch.magic,
                 codec_name(batch.codec), batch.crc, batch.valid);
  put_line();
}

void TextReport::record(const BatchFacts& batch, const RecordFacts& record) {
  if (record_metadata_) append_metadata(batch, record);
  append_shown(record.shown);
  put_line();
}

void TextReport::append_metadata(const BatchFacts& batch, const RecordFacts& record) {
  const auto out = std::back_inserter(line_);
  fmt::format_to(out, "| offset: {} {}: {} keySize: {} valueSize: {}", record.offset,
                 name_of(batch.time_kind), record.timestamp, record.key_size, record.value_size);
  if (batch.is_legacy()) {
    fmt::format_to(out, " isValid: {} crc: {}", record.valid, record.crc);
  } else {
    fmt::format_to(out, " sequence: {} headerKeys: [", record.sequence);
    const char* between = "";
    for (const record::HeaderView& header : record.headers) {
      line_ += between;
      append_java_text(line_, header.key);
      between = ",";
    }
    line_ += ']';
  }
  if (record.control) append_control(*record.control);
}

void TextReport::append_control(const ControlFacts& control) {
  const auto out = std::back_inserter(line_);
  if (control.name == "ABORT" || control.name == "COMMIT") {
    fmt::format_to(out, " endTxnMarker: {} coordinatorEpoch: {}", control.name, control.coordinator_epoch);
  } else if (control.name == "LeaderChange") {
    fmt::format_to(out, " LeaderChange: {}", control.json);
  } else if (!control.name.empty()) {
    fmt::format_to(out, " {} {}", control.name, control.json);
  } else {
    fmt::format_to(out, " controlType: UNKNOWN({})", control.type);
  }
}

void TextReport::append_shown(const ShownRecord& shown) {
  const auto append = [this](std::string_view name, const std::optional<Shown>& part) {
    if (!part) return;
    line_ += line_.empty() ? "| " : " ";
    line_ += name;
    if (part->form == Shown::Form::json) {
      line_ += part->text;
    } else if (part->form == Shown::Form::bytes) {
      line_ += hex_encode(std::as_bytes(std::span(part->text)));
    } else {
      append_java_text(line_, part->text);
    }
  };
  append("key: ", shown.key);
  append("payload: ", shown.payload);
}

void TextReport::invalid_bytes(std::uint64_t count, std::string_view file_name) {
  line_ = fmt::format("Found {} invalid bytes at the end of {}", count, file_name);
  put_line();
}

void TextReport::empty_index(std::string_view path) {
  line_ = fmt::format("{} is empty.", path);
  put_line();
}

void TextReport::sane_index(std::string_view path) {
  line_ = fmt::format("{} passed sanity check.", path);
  put_line();
}

void TextReport::offset_entry(std::int64_t offset, std::int32_t position) {
  fmt::format_to(std::back_inserter(line_), "offset: {} position: {}", offset, position);
  put_line();
}

void TextReport::time_entry(std::int64_t timestamp, std::int64_t offset) {
  fmt::format_to(std::back_inserter(line_), "timestamp: {} offset: {}", timestamp, offset);
  put_line();
}

void TextReport::aborted(const storage::AbortedTransaction& transaction) {
  fmt::format_to(std::back_inserter(line_),
                 "version: {} producerId: {} firstOffset: {} lastOffset: {} lastStableOffset: {}",
                 storage::AbortedTransaction::kVersion, transaction.producer_id,
                 transaction.first_offset.raw(), transaction.last_offset.raw(),
                 transaction.last_stable_offset.raw());
  put_line();
}

void TextReport::producer(const storage::ProducerSnapshotEntry& entry) {
  const auto out = std::back_inserter(line_);
  fmt::format_to(
      out,
      "producerId: {} producerEpoch: {} coordinatorEpoch: {} currentTxnFirstOffset: {} lastTimestamp: {}",
      entry.producer_id, entry.epoch, entry.coordinator_epoch,
      optional_long(entry.transaction_first_offset >= 0 ? std::optional(entry.transaction_first_offset)
                                                        : std::nullopt),
      entry.timestamp);
  if (entry.last_offset >= 0) {
    fmt::format_to(out, " firstSequence: {} lastSequence: {} lastOffset: {} offsetDelta: {} timestamp: {}",
                   first_sequence_of(entry), entry.last_sequence, entry.last_offset, entry.offset_delta,
                   entry.timestamp);
  }
  put_line();
}

void TextReport::disagreements(Disagreement::Kind kind, std::string_view path,
                               std::span<const std::pair<std::int64_t, std::int64_t>> pairs,
                               std::uint64_t more) {
  const Wording wording = wording_of(kind);
  static_cast<void>(out_.flush());
  err_.write(wording.head);
  if (wording.names_path) err_.write(path);
  err_.write("\n");
  for (const auto& [first, second] : pairs)
    err_.write(fmt::format(fmt::runtime(wording.pair), first, second));
  if (more > 0) err_.write(fmt::format("  and {} more\n", more));
}

void TextReport::problem(const Error& error) {
  complain(message_of(error));
}

}  // namespace ottla::cli
