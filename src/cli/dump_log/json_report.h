// The report as one JSON object a line, for programs. Everything but problems stands on standard output.
//
// Form:   each object begins with "type": file, unknown-file, segment, snapshot, batch, record, invalid-bytes, index,
//         offset-entry, time-entry, aborted-transaction, producer, disagreement. docs/tools.md lists their fields,
//         which only grow.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_text.h"
#include "cli/dump_log/report.h"
#include "cli/output.h"

namespace ottla::cli {

class JsonReport final : public Report {
 public:
  // `record_metadata`: as for text. `contents`: keys and values are shown, so headers are too, with their values.
  JsonReport(Output& out, Output& err, bool record_metadata, bool contents)
      : out_(out), err_(err), record_metadata_(record_metadata), contents_(contents) {}

  bool stopped() const override { return out_.failed(); }

  void file(std::string_view path) override;
  void unknown_file(std::string_view path) override;
  void starting_offset(std::int64_t offset) override;
  void bootstrap_snapshot() override;
  void snapshot(std::int64_t end_offset, std::int32_t epoch) override;
  void batch(const BatchFacts& batch) override;
  void record(const BatchFacts& batch, const RecordFacts& record) override;
  void invalid_bytes(std::uint64_t count, std::string_view file_name) override;
  void empty_index(std::string_view path) override;
  void sane_index(std::string_view path) override;
  void offset_entry(std::int64_t offset, std::int32_t position) override;
  void time_entry(std::int64_t timestamp, std::int64_t offset) override;
  void aborted(const storage::AbortedTransaction& transaction) override;
  void producer(const storage::ProducerSnapshotEntry& entry) override;
  void disagreements(Disagreement::Kind kind, std::string_view path,
                     std::span<const std::pair<std::int64_t, std::int64_t>> pairs,
                     std::uint64_t more) override;
  void problem(const Error& error) override;

 private:
  // Writes one line: calls `fill` between the type and the end.
  template <typename F>
  void line(std::string_view type, F fill);
  void add_metadata(JsonText& json, const BatchFacts& batch, const RecordFacts& record);
  void add_headers(JsonText& json, const RecordFacts& record);
  void add_shown(JsonText& json, std::string_view name, const std::optional<Shown>& shown);

  Output& out_;
  Output& err_;
  const bool record_metadata_;
  const bool contents_;
  std::string line_;
};

}  // namespace ottla::cli
