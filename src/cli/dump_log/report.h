// What dump-log found, fact by fact, and who tells it: as the reference's text, or as one JSON object a line.
//
// Lifetime:    facts are borrowed for the call.
// Concurrency: confined to one shard.
// Errors:      none: a report whose output failed swallows the rest, and stopped() says so.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "record/record_view.h"
#include "storage/format/index_entry.h"
#include "storage/format/producer_snapshot.h"

namespace ottla::cli {

// A key or a value as a decoder gives it.
struct Shown {
  enum class Form : std::uint8_t {
    text,   // for people; valid UTF-8 or not
    json,   // a JSON value
    bytes,  // as they lie in the record
  };
  Form form = Form::text;
  std::string text;
};

// Of one record; a key or a payload that is not shown, or null, is missing.
struct ShownRecord {
  std::optional<Shown> key;
  std::optional<Shown> payload;
};

enum class TimeKind : std::uint8_t { none, create, append };

struct BatchFacts {
  std::int8_t magic = 2;
  std::int64_t base_offset = 0;
  std::int64_t last_offset = 0;
  std::int32_t count = 0;
  std::int32_t base_sequence = -1;
  std::int32_t last_sequence = -1;
  std::int64_t producer_id = -1;
  std::int16_t producer_epoch = -1;
  std::int32_t leader_epoch = -1;
  bool transactional = false;
  bool control = false;
  std::optional<std::int64_t> delete_horizon;
  std::uint64_t position = 0;
  TimeKind time_kind = TimeKind::create;
  std::int64_t base_timestamp = -1;
  std::int64_t max_timestamp = -1;
  std::uint64_t size = 0;
  std::uint8_t codec = 0;
  std::uint32_t crc = 0;
  bool valid = false;

  // Those from before Kafka 0.11: a batch has neither producers nor epochs.
  bool is_legacy() const { return magic < 2; }
};

// A control record: what it is, and the JSON of what it says.
struct ControlFacts {
  std::int16_t type = 0;
  std::string_view name;  // empty when a later version invented it
  std::string json;
  std::int32_t coordinator_epoch = 0;  // of the end of a transaction
};

struct RecordFacts {
  std::int64_t offset = 0;
  std::int64_t timestamp = -1;
  std::int32_t key_size = -1;
  std::int32_t value_size = -1;
  std::int32_t sequence = -1;
  record::HeaderList headers;
  std::uint32_t crc = 0;  // of a legacy record, like `valid`
  bool valid = true;
  std::optional<ControlFacts> control;
  ShownRecord shown;
};

// What indexes and the log do not agree upon.
struct Disagreement {
  enum class Kind : std::uint8_t { offset, timestamp, order, missing_offset, gap };
  Kind kind;
  std::int64_t first = 0;   // what the index says; of a gap: the offset before it
  std::int64_t second = 0;  // what the log says, or the entry before; of a gap: the offset behind it
};

class Report {
 public:
  Report() = default;
  Report(const Report&) = delete;
  Report& operator=(const Report&) = delete;
  virtual ~Report() = default;

  // Nobody reads any more.
  virtual bool stopped() const = 0;

  virtual void file(std::string_view path) = 0;
  virtual void unknown_file(std::string_view path) = 0;
  virtual void starting_offset(std::int64_t offset) = 0;
  virtual void bootstrap_snapshot() = 0;
  virtual void snapshot(std::int64_t end_offset, std::int32_t epoch) = 0;
  virtual void batch(const BatchFacts& batch) = 0;
  virtual void record(const BatchFacts& batch, const RecordFacts& record) = 0;
  virtual void invalid_bytes(std::uint64_t count, std::string_view file_name) = 0;

  virtual void empty_index(std::string_view path) = 0;
  virtual void sane_index(std::string_view path) = 0;
  virtual void offset_entry(std::int64_t offset, std::int32_t position) = 0;
  virtual void time_entry(std::int64_t timestamp, std::int64_t offset) = 0;
  virtual void aborted(const storage::AbortedTransaction& transaction) = 0;
  virtual void producer(const storage::ProducerSnapshotEntry& entry) = 0;

  // At the end: all of one kind in one file. `more` were found beyond those that are listed.
  virtual void disagreements(Disagreement::Kind kind, std::string_view path,
                             std::span<const std::pair<std::int64_t, std::int64_t>> pairs,
                             std::uint64_t more) = 0;
  // Of the file that was named last, or of none.
  virtual void problem(const Error& error) = 0;
};

// The text of the error and of what is beneath it, in one line: "/data/00.log: at position 7: truncated".
std::string message_of(const Error& error);
// "gzip"; "unknown(5)".
std::string codec_name(std::uint8_t id);
// As the reference prints its own type.
std::string_view name_of(TimeKind kind);
// Of the producer's last batch.
std::int32_t first_sequence_of(const storage::ProducerSnapshotEntry& entry);

}  // namespace ottla::cli
