#include "cli/dump_log/json_report.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/base64.h"
#include "base/error.h"
#include "base/json_text.h"
#include "cli/dump_log/java_text.h"
#include "cli/dump_log/report.h"
#include "cli/output.h"
#include "record/record_view.h"
#include "storage/format/index_entry.h"
#include "storage/format/producer_snapshot.h"

namespace ottla::cli {
namespace {

void add(JsonText& json, std::string_view name, std::int64_t value) {
  json.key(name);
  json.integer(value);
}

void add_text(JsonText& json, std::string_view name, std::string_view value) {
  json.key(name);
  json.text(value);
}

void add_flag(JsonText& json, std::string_view name, bool value) {
  json.key(name);
  json.boolean(value);
}

// Text where it is text, else {"base64": …}.
void put_bytes(JsonText& json, std::string_view bytes, bool as_text) {
  if (as_text && is_utf8(bytes)) return json.text(bytes);
  json.begin_object();
  json.key("base64");
  json.text(base64_encode(std::as_bytes(std::span(bytes)), Base64Alphabet::standard, Base64Padding::equals));
  json.end_object();
}

std::string_view name_of(Disagreement::Kind kind) {
  constexpr std::array<std::string_view, 5> kNames = {"offset", "timestamp", "order", "missing-offset",
                                                      "gap"};
  return kNames[static_cast<std::size_t>(kind)];
}

}  // namespace

template <typename F>
void JsonReport::line(std::string_view type, F fill) {
  line_.clear();
  JsonText json(line_);
  json.begin_object();
  add_text(json, "type", type);
  fill(json);
  json.end_object();
  line_ += '\n';
  out_.write(line_);
}

void JsonReport::file(std::string_view path) {
  line("file", [&](JsonText& json) { add_text(json, "path", path); });
}

void JsonReport::unknown_file(std::string_view path) {
  line("unknown-file", [&](JsonText& json) { add_text(json, "path", path); });
}

void JsonReport::starting_offset(std::int64_t offset) {
  line("segment", [&](JsonText& json) { add(json, "startOffset", offset); });
}

void JsonReport::bootstrap_snapshot() {
  line("snapshot", [&](JsonText& json) { add_flag(json, "bootstrap", true); });
}

void JsonReport::snapshot(std::int64_t end_offset, std::int32_t epoch) {
  line("snapshot", [&](JsonText& json) {
    add_flag(json, "bootstrap", false);
    add(json, "endOffset", end_offset);
    add(json, "epoch", epoch);
  });
}

void JsonReport::batch(const BatchFacts& batch) {
  line("batch", [&](JsonText& json) {
    add(json, "position", static_cast<std::int64_t>(batch.position));
    add(json, "size", static_cast<std::int64_t>(batch.size));
    add(json, "magic", batch.magic);
    if (!batch.is_legacy()) add(json, "baseOffset", batch.base_offset);
    add(json, "lastOffset", batch.last_offset);
    if (!batch.is_legacy()) {
      add(json, "count", batch.count);
      add(json, "baseSequence", batch.base_sequence);
      add(json, "lastSequence", batch.last_sequence);
      add(json, "producerId", batch.producer_id);
      add(json, "producerEpoch", batch.producer_epoch);
      add(json, "partitionLeaderEpoch", batch.leader_epoch);
      add_flag(json, "isTransactional", batch.transactional);
      add_flag(json, "isControl", batch.control);
      if (batch.delete_horizon) add(json, "deleteHorizonMs", *batch.delete_horizon);
    }
    add_text(json, "timestampType", ottla::cli::name_of(batch.time_kind));
    add(json, "maxTimestamp", batch.max_timestamp);
    add_text(json, "compression", codec_name(batch.codec));
    add(json, "crc", batch.crc);
    add_flag(json, "isValid", batch.valid);
  });
}

void JsonReport::record(const BatchFacts& batch, const RecordFacts& record) {
  line("record", [&](JsonText& json) {
    if (record_metadata_) add_metadata(json, batch, record);
    add_shown(json, "key", record.shown.key);
    add_shown(json, "payload", record.shown.payload);
  });
}

void JsonReport::add_metadata(JsonText& json, const BatchFacts& batch, const RecordFacts& record) {
  add(json, "offset", record.offset);
  add(json, "timestamp", record.timestamp);
  add(json, "keySize", record.key_size);
  add(json, "valueSize", record.value_size);
  if (batch.is_legacy()) {
    add_flag(json, "isValid", record.valid);
    add(json, "crc", record.crc);
    return;
  }
  add(json, "sequence", record.sequence);
  add_headers(json, record);
  if (!record.control) return;
  json.key("control");
  json.begin_object();
  add(json, "type", record.control->type);
  if (!record.control->name.empty()) add_text(json, "name", record.control->name);
  if (!record.control->json.empty()) {
    json.key("data");
    json.raw(record.control->json);
  } else if (!record.control->name.empty()) {
    add(json, "coordinatorEpoch", record.control->coordinator_epoch);
  }
  json.end_object();
}

void JsonReport::add_headers(JsonText& json, const RecordFacts& record) {
  json.key("headers");
  json.begin_array();
  for (const record::HeaderView& header : record.headers) {
    json.begin_object();
    json.key("key");
    put_bytes(json, header.key, true);
    if (contents_) {
      json.key("value");
      if (header.value) {
        put_bytes(json, {reinterpret_cast<const char*>(header.value->data()), header.value->size()}, true);
      } else {
        json.null();
      }
    }
    json.end_object();
  }
  json.end_array();
}

void JsonReport::add_shown(JsonText& json, std::string_view name, const std::optional<Shown>& shown) {
  if (!shown) return;
  json.key(name);
  if (shown->form == Shown::Form::json) return json.raw(shown->text);
  put_bytes(json, shown->text, shown->form == Shown::Form::text);
}

void JsonReport::invalid_bytes(std::uint64_t count, std::string_view /*file_name*/) {
  line("invalid-bytes", [&](JsonText& json) { add(json, "count", static_cast<std::int64_t>(count)); });
}

void JsonReport::empty_index(std::string_view /*path*/) {
  line("index", [&](JsonText& json) { add_text(json, "state", "empty"); });
}

void JsonReport::sane_index(std::string_view /*path*/) {
  line("index", [&](JsonText& json) { add_text(json, "state", "sane"); });
}

void JsonReport::offset_entry(std::int64_t offset, std::int32_t position) {
  line("offset-entry", [&](JsonText& json) {
    add(json, "offset", offset);
    add(json, "position", position);
  });
}

void JsonReport::time_entry(std::int64_t timestamp, std::int64_t offset) {
  line("time-entry", [&](JsonText& json) {
    add(json, "timestamp", timestamp);
    add(json, "offset", offset);
  });
}

void JsonReport::aborted(const storage::AbortedTransaction& transaction) {
  line("aborted-transaction", [&](JsonText& json) {
    add(json, "producerId", transaction.producer_id);
    add(json, "firstOffset", transaction.first_offset.raw());
    add(json, "lastOffset", transaction.last_offset.raw());
    add(json, "lastStableOffset", transaction.last_stable_offset.raw());
  });
}

void JsonReport::producer(const storage::ProducerSnapshotEntry& entry) {
  line("producer", [&](JsonText& json) {
    add(json, "producerId", entry.producer_id);
    add(json, "producerEpoch", entry.epoch);
    add(json, "coordinatorEpoch", entry.coordinator_epoch);
    if (entry.transaction_first_offset >= 0) {
      add(json, "currentTxnFirstOffset", entry.transaction_first_offset);
    }
    add(json, "lastTimestamp", entry.timestamp);
    if (entry.last_offset < 0) return;
    add(json, "firstSequence", first_sequence_of(entry));
    add(json, "lastSequence", entry.last_sequence);
    add(json, "lastOffset", entry.last_offset);
    add(json, "offsetDelta", entry.offset_delta);
  });
}

void JsonReport::disagreements(Disagreement::Kind kind, std::string_view path,
                               std::span<const std::pair<std::int64_t, std::int64_t>> pairs,
                               std::uint64_t more) {
  const bool times = kind == Disagreement::Kind::timestamp || kind == Disagreement::Kind::order;
  const bool gap = kind == Disagreement::Kind::gap;
  const std::string_view first = gap ? "before" : times ? "indexTimestamp" : "indexOffset";
  const std::string_view second = gap                                     ? "after"
                                  : kind == Disagreement::Kind::order     ? "previousTimestamp"
                                  : kind == Disagreement::Kind::timestamp ? "logTimestamp"
                                                                          : "logOffset";
  for (const auto& pair : pairs) {
    line("disagreement", [&](JsonText& json) {
      add_text(json, "kind", name_of(kind));
      add_text(json, "path", path);
      add(json, first, pair.first);
      add(json, second, pair.second);
    });
  }
  if (more == 0) return;
  line("disagreement", [&](JsonText& json) {
    add_text(json, "kind", name_of(kind));
    add_text(json, "path", path);
    add(json, "more", static_cast<std::int64_t>(more));
  });
}

void JsonReport::problem(const Error& error) {
  static_cast<void>(out_.flush());  // a failure stays with it
  err_.write(message_of(error));
  err_.write("\n");
  static_cast<void>(err_.flush());
}

}  // namespace ottla::cli
