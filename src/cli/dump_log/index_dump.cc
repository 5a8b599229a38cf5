#include <fmt/format.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/error.h"
#include "base/result.h"
#include "cli/dump_log/batch_file.h"
#include "cli/dump_log/batch_records.h"
#include "cli/dump_log/file_dump.h"
#include "cli/dump_log/file_window.h"
#include "cli/dump_log/report.h"
#include "runtime/file.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "storage/format/index_entry.h"

namespace ottla::cli {
namespace {

// An index's file: whole entries, whatever lies behind them.
template <typename Entry>
class IndexFile {
 public:
  explicit IndexFile(File& file) : file_(file), window_(file) {}

  std::uint64_t count() const { return file_.size() / Entry::kSize; }
  bool is_even() const { return file_.size() % Entry::kSize == 0; }
  std::uint64_t size() const { return file_.size(); }

  Task<Result<const std::byte*>> at(std::uint64_t number) {
    OTTLA_CO_TRY(const std::span<const std::byte> bytes,
                 co_await window_.read(number * Entry::kSize, Entry::kSize));
    co_return bytes.data();
  }

 private:
  File& file_;
  FileWindow window_;
};

using OffsetIndexFile = IndexFile<storage::OffsetIndexEntry>;
using TimeIndexFile = IndexFile<storage::TimeIndexEntry>;

class OffsetIndexDump {
 public:
  OffsetIndexDump(DumpParts& parts, File& index, File& log, std::string path, std::int64_t base)
      : parts_(parts), index_(index), log_(log), path_(std::move(path)), base_(base) {}

  Task<Result<>> run() {
    if (index_.count() == 0) {
      parts_.report.empty_index(path_);
      co_return Result<>();
    }
    if (parts_.wishes.sanity_only) co_return co_await check_sanity();
    for (std::uint64_t i = 0; i < index_.count() && !parts_.report.stopped(); ++i) {
      OTTLA_CO_TRY(const std::byte* bytes, co_await index_.at(i));
      const auto entry = storage::load_offset_index_entry(bytes);
      // Zeros behind the last entry of an index that was preallocated.
      if (entry.relative_offset == 0 && i > 0) break;
      const std::int64_t offset = base_ + entry.relative_offset;
      OTTLA_CO_TRY(const std::int64_t found, co_await last_offset_at(entry.position));
      if (found != offset) {
        parts_.disagreements.add(parts_.absolute(path_),
                                 {.kind = Disagreement::Kind::offset, .first = offset, .second = found});
      }
      if (!parts_.wishes.verify_only) parts_.report.offset_entry(offset, entry.position);
    }
    co_return Result<>();
  }

 private:
  Task<Result<>> check_sanity() {
    OTTLA_CO_TRY(const std::byte* bytes, co_await index_.at(index_.count() - 1));
    const std::int64_t last = base_ + storage::load_offset_index_entry(bytes).relative_offset;
    if (last < base_) {
      co_return Error(
          Errc::corrupt,
          fmt::format("Corrupt index found, index file {} has non-zero size but the last offset is {} "
                      "which is less than the base offset {}",
                      parts_.absolute(path_), last, base_));
    }
    if (!index_.is_even()) {
      co_return Error(
          Errc::corrupt,
          fmt::format("Index file {} is corrupt, found {} bytes which is neither positive nor a multiple "
                      "of {}",
                      parts_.absolute(path_), index_.size(), storage::OffsetIndexEntry::kSize));
    }
    parts_.report.sane_index(path_);
    co_return Result<>();
  }

  // Of the batch at that position.
  Task<Result<std::int64_t>> last_offset_at(std::int32_t position) {
    const auto begin = static_cast<std::uint64_t>(std::max(position, 0));
    if (position < 0 || begin > log_.size()) {
      co_return Error(Errc::corrupt, fmt::format("{} points to position {}, the log has {} bytes", path_,
                                                 position, log_.size()));
    }
    const auto most = static_cast<std::uint64_t>(std::max(parts_.wishes.max_message_size, 0));
    BatchFile batches(log_, begin, begin + std::min(most, log_.size() - begin));
    auto read = co_await batches.next(Checksums::skipped);
    if (!read.ok())
      co_return std::move(read).error().with_context(fmt::format("{} points into {}", path_, log_path()));
    const std::optional<BatchFacts>& batch = *read;
    if (!batch) {
      co_return Error(Errc::corrupt,
                      fmt::format("{} points to position {}, where no whole batch of at most {} bytes "
                                  "(--max-message-size) lies",
                                  path_, position, most));
    }
    co_return batch->last_offset;
  }

  std::string log_path() const { return sibling(path_, ".log"); }

  DumpParts& parts_;
  OffsetIndexFile index_;
  File& log_;
  const std::string path_;
  const std::int64_t base_;
};

class TimeIndexDump {
 public:
  struct Files {
    File& time_index;
    File& offset_index;
    File& log;
  };
  TimeIndexDump(DumpParts& parts, Files files, std::string path, std::int64_t base)
      : parts_(parts),
        times_(files.time_index),
        offsets_(files.offset_index),
        log_(files.log),
        path_(std::move(path)),
        base_(base) {}

  Task<Result<>> run() {
    if (parts_.wishes.sanity_only) co_return co_await check_sanity();
    std::int64_t previous = -1;
    for (std::uint64_t i = 0; i < times_.count() && !parts_.report.stopped(); ++i) {
      OTTLA_CO_TRY(const Entry entry, co_await entry_at(i));
      // Zeros behind the last entry of an index that was preallocated.
      if (entry.offset == base_ && i > 0) break;
      Result<> compared = co_await compare(entry, previous);
      if (!compared.ok()) {
        co_return std::move(compared).error().with_context(
            fmt::format("{} and its log, at the offset {}", path_, entry.offset));
      }
      if (!parts_.wishes.verify_only) parts_.report.time_entry(entry.timestamp, entry.offset);
      previous = entry.timestamp;
    }
    co_return Result<>();
  }

 private:
  struct Entry {
    std::int64_t timestamp = 0;
    std::int64_t offset = 0;
  };

  Task<Result<Entry>> entry_at(std::uint64_t number) {
    OTTLA_CO_TRY(const std::byte* bytes, co_await times_.at(number));
    const auto entry = storage::load_time_index_entry(bytes);
    co_return Entry{.timestamp = entry.timestamp, .offset = base_ + entry.relative_offset};
  }

  Task<Result<>> check_sanity() {
    if (times_.count() > 0) {
      OTTLA_CO_TRY(const Entry first, co_await entry_at(0));
      OTTLA_CO_TRY(const Entry last, co_await entry_at(times_.count() - 1));
      const std::string head =
          fmt::format("Corrupt time index found, time index file ({}) has non-zero size but the last ",
                      parts_.absolute(path_));
      if (last.timestamp < first.timestamp) {
        co_return Error(Errc::corrupt,
                        fmt::format("{}timestamp is {} which is less than the first timestamp {}", head,
                                    last.timestamp, first.timestamp));
      }
      if (last.offset < base_) {
        co_return Error(Errc::corrupt, fmt::format("{}offset is {} which is less than the first offset {}",
                                                   head, last.offset, base_));
      }
    }
    if (!times_.is_even()) {
      co_return Error(
          Errc::corrupt,
          fmt::format("Time index file {} is corrupt, found {} bytes which is neither positive nor a "
                      "multiple of {}",
                      parts_.absolute(path_), times_.size(), storage::TimeIndexEntry::kSize));
    }
    parts_.report.sane_index(path_);
    co_return Result<>();
  }

  Task<Result<>> compare(Entry entry, std::int64_t previous) {
    OTTLA_CO_TRY(const std::uint64_t from, co_await position_before(entry.offset));
    BatchFile batches(log_, from, log_.size());
    std::optional<BatchFacts> batch;
    do {
      OTTLA_CO_TRY(batch, co_await batches.next(Checksums::skipped));
    } while (batch && batch->last_offset < entry.offset);
    if (!batch || batch->last_offset != entry.offset) {
      note(Disagreement::Kind::missing_offset, entry.offset, batch ? batch->last_offset : -1);
      co_return Result<>();
    }
    OTTLA_CO_TRY(const auto bytes, co_await batches.load(batch->position, batch->size));
    std::int64_t largest = -1;
    OTTLA_CO_CHECK(parts_.records.each(*batch, bytes, [&](const FoundRecord& record) {
      largest = std::max(largest, record.facts.timestamp);
      return Result<>();
    }));
    if (largest != entry.timestamp) note(Disagreement::Kind::timestamp, entry.timestamp, largest);
    if (previous >= entry.timestamp) note(Disagreement::Kind::order, entry.timestamp, previous);
    co_return Result<>();
  }

  void note(Disagreement::Kind kind, std::int64_t first, std::int64_t second) {
    parts_.disagreements.add(parts_.absolute(path_), {.kind = kind, .first = first, .second = second});
  }

  // Where a search for that offset begins: what the offset index says, or the start of the log.
  Task<Result<std::uint64_t>> position_before(std::int64_t offset) {
    std::uint64_t low = 0;
    std::uint64_t high = offsets_.count();
    std::int32_t position = 0;
    while (low < high) {
      const std::uint64_t middle = low + (high - low) / 2;
      OTTLA_CO_TRY(const std::byte* bytes, co_await offsets_.at(middle));
      const auto entry = storage::load_offset_index_entry(bytes);
      // What lies behind the last entry of a preallocated index leads the search back.
      const bool unused = entry.relative_offset == 0 && middle > 0;
      if (unused || base_ + entry.relative_offset > offset) {
        high = middle;
      } else {
        position = entry.position;
        low = middle + 1;
      }
    }
    const auto from = static_cast<std::uint64_t>(std::max(position, 0));
    if (position >= 0 && from <= log_.size()) co_return from;
    co_return Error(Errc::corrupt, fmt::format("the offset index points to position {}, the log has {} bytes",
                                               position, log_.size()));
  }

  DumpParts& parts_;
  TimeIndexFile times_;
  OffsetIndexFile offsets_;
  File& log_;
  const std::string path_;
  const std::int64_t base_;
};

}  // namespace

Task<Result<>> dump_offset_index(DumpParts& parts, std::string path) {
  OTTLA_CO_TRY(const std::int64_t base, offset_of(file_name_of(path)));
  OTTLA_CO_TRY(const std::unique_ptr<File> log, co_await parts.files.open(sibling(path, ".log"), kReadOnly));
  auto index = co_await parts.files.open(path, kReadOnly);
  Result<> done;
  if (index.ok()) {
    OffsetIndexDump dump(parts, **index, *log, path, base);
    done = co_await dump.run();
    co_await (*index)->close();
  } else {
    done = std::move(index).error();
  }
  co_await log->close();
  co_return done;
}

Task<Result<>> dump_time_index(DumpParts& parts, std::string path) {
  OTTLA_CO_TRY(const std::int64_t base, offset_of(file_name_of(path)));
  OTTLA_CO_TRY(const std::unique_ptr<File> log, co_await parts.files.open(sibling(path, ".log"), kReadOnly));
  auto offsets = co_await parts.files.open(sibling(path, ".index"), kReadOnly);
  auto times = co_await parts.files.open(path, kReadOnly);
  Result<> done;
  if (offsets.ok() && times.ok()) {
    TimeIndexDump dump(parts, {.time_index = **times, .offset_index = **offsets, .log = *log}, path, base);
    done = co_await dump.run();
  } else {
    done = offsets.ok() ? times.error() : offsets.error();
  }
  if (offsets.ok()) co_await (*offsets)->close();
  if (times.ok()) co_await (*times)->close();
  co_await log->close();
  co_return done;
}

}  // namespace ottla::cli
