// The report as the reference prints it, byte for byte: facts on standard output, what is wrong on standard error.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "cli/dump_log/report.h"
#include "cli/output.h"

namespace ottla::cli {

// `record_metadata`: what is known of a record stands before its key and value.
class TextReport final : public Report {
 public:
  TextReport(Output& out, Output& err, bool record_metadata)
      : out_(out), err_(err), record_metadata_(record_metadata) {}

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
  void append_metadata(const BatchFacts& batch, const RecordFacts& record);
  void append_control(const ControlFacts& control);
  void append_shown(const ShownRecord& shown);
  void put_line();
  void complain(std::string_view line);

  Output& out_;
  Output& err_;
  const bool record_metadata_;
  std::string line_;  // what is being put together
};

}  // namespace ottla::cli
