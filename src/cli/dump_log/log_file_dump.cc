#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "cli/dump_log/batch_file.h"
#include "cli/dump_log/batch_records.h"
#include "cli/dump_log/control_facts.h"
#include "cli/dump_log/file_dump.h"
#include "cli/dump_log/record_decoder.h"
#include "cli/dump_log/report.h"
#include "record/batch_layout.h"
#include "runtime/file.h"
#include "runtime/file_system.h"
#include "runtime/task.h"

namespace ottla::cli {
namespace {

template <typename T>
bool reads_as(std::string_view digits, T& value) {
  const auto read = std::from_chars(digits.begin(), digits.end(), value);
  return read.ec == std::errc() && read.ptr == digits.end();
}

// 00000000000000000082-0000000001.checkpoint
Result<> tell_snapshot(Report& report, std::string_view name) {
  constexpr std::size_t kOffsetDigits = 20;
  constexpr std::size_t kEpochDigits = 10;
  std::int64_t offset = 0;
  std::int32_t epoch = 0;
  if (name == "bootstrap.checkpoint") {
    report.bootstrap_snapshot();
    return {};
  }
  if (name.size() <= kOffsetDigits + kEpochDigits || !reads_as(name.substr(0, kOffsetDigits), offset) ||
      !reads_as(name.substr(kOffsetDigits + 1, kEpochDigits), epoch)) {
    return Error(Errc::malformed,
                 fmt::format("{}: the name of a snapshot is twenty digits of an offset, a dash and "
                             "ten digits of an epoch",
                             name));
  }
  report.snapshot(offset, epoch);
  return {};
}

constexpr auto kLastCodec = static_cast<std::uint8_t>(record::Compression::zstd);

class LogDump {
 public:
  LogDump(DumpParts& parts, File& file, std::string path)
      : parts_(parts), file_(file), path_(std::move(path)), absolute_(parts.absolute(path_)) {}

  Task<Result<>> run() {
    const auto limit = static_cast<std::uint64_t>(parts_.wishes.max_bytes);
    BatchFile batches(file_, 0, std::min(file_.size(), limit));
    for (;;) {
      OTTLA_CO_TRY(const std::optional<BatchFacts> batch, co_await batches.next(Checksums::compared));
      if (!batch || parts_.report.stopped()) break;
      parts_.report.batch(*batch);
      if (batch->codec > kLastCodec) {
        co_return Error(Errc::corrupt, fmt::format("Unknown compression type id: {}", batch->codec))
            .with_context(at(*batch));
      }
      if (!parts_.wishes.deep) continue;
      OTTLA_CO_TRY(const auto bytes, co_await batches.load(batch->position, batch->size));
      Result<> shown =
          parts_.records.each(*batch, bytes, [&](const FoundRecord& found) { return tell(*batch, found); });
      if (!shown.ok()) co_return std::move(shown).error().with_context(at(*batch));
    }
    const std::uint64_t left = file_.size() - batches.position();
    if (left > 0 && parts_.wishes.max_bytes == INT32_MAX) {
      parts_.report.invalid_bytes(left, file_name_of(path_));
    }
    co_return Result<>();
  }

 private:
  static std::string at(const BatchFacts& batch) {
    return fmt::format("the batch at position {} with the offset {}", batch.position, batch.base_offset);
  }

  Result<> tell(const BatchFacts& batch, const FoundRecord& found) {
    if (parts_.report.stopped()) return {};
    RecordFacts facts = found.facts;
    note_gap(facts.offset);
    // A record that cannot be read to its end is told as far as it goes.
    Result<> read = read_further(batch, found, facts);
    parts_.report.record(batch, facts);
    return read;
  }

  Result<> read_further(const BatchFacts& batch, const FoundRecord& found, RecordFacts& facts) {
    if (batch.control) {
      if (!parts_.wishes.metadata) return {};
      OTTLA_TRY(facts.control, control_facts(parts_.texts, found.key, found.value));
    } else if (parts_.wishes.contents) {
      OTTLA_TRY(facts.shown,
                parts_.decoder->decode({.offset = facts.offset, .key = found.key, .value = found.value}));
    }
    return {};
  }

  void note_gap(std::int64_t offset) {
    if (static_cast<std::uint64_t>(offset) != static_cast<std::uint64_t>(last_offset_) + 1) {
      parts_.disagreements.add(absolute_,
                               {.kind = Disagreement::Kind::gap, .first = last_offset_, .second = offset});
    }
    last_offset_ = offset;
  }

  DumpParts& parts_;
  File& file_;
  const std::string path_;
  const std::string absolute_;
  std::int64_t last_offset_ = -1;
};

}  // namespace

Task<Result<>> dump_log_file(DumpParts& parts, std::string path) {
  const std::string_view name = file_name_of(path);
  if (name.ends_with(".log")) {
    OTTLA_CO_TRY(const std::int64_t offset, offset_of(name));
    parts.report.starting_offset(offset);
  } else {
    OTTLA_CO_CHECK(tell_snapshot(parts.report, name));
  }
  if (parts.wishes.max_bytes < 0) {
    co_return Error(Errc::invalid_argument,
                    fmt::format("--max-bytes {}: give 0 or more", parts.wishes.max_bytes));
  }
  OTTLA_CO_TRY(const std::unique_ptr<File> file, co_await parts.files.open(path, kReadOnly));
  LogDump dump(parts, *file, path);
  Result<> done = co_await dump.run();
  co_await file->close();
  if (!done.ok()) co_return std::move(done).error().with_context(path);
  co_return done;
}

}  // namespace ottla::cli
