#include "quorum/log_look.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "raft/control_codec.h"
#include "record/batch_view.h"
#include "runtime/file.h"
#include "runtime/whole_file.h"
#include "storage/format/file_name.h"
#include "storage/format/index_entry.h"
#include "storage/format/leader_epoch_checkpoint.h"
#include "storage/leader_epochs.h"
#include "storage/log/segment_scan.h"
#include "storage/log/stored_batch.h"

namespace ottla::quorum {
namespace {

using storage::FileKind;
using storage::StoredBatch;
using storage::TimeIndexEntry;

constexpr std::uint64_t kLargestCheckpoint = std::uint64_t{64} << 20;

class LogLook {
 public:
  LogLook(FileSystem& files, std::string folder, record::CodecPool& codecs)
      : files_(files), folder_(std::move(folder)), codecs_(codecs) {}

  Task<Result<LogFindings>> run();

 private:
  // The last entry of a segment's index of times.
  struct Told {
    std::string path;
    TimeIndexEntry entry;
    bool seen = false;  // in the log
  };

  Task<Result<void>> list();
  Task<Result<void>> read_epochs();
  Task<Result<void>> look_at(Offset base);
  Task<Result<void>> scan(File& file, Offset base, std::optional<Told> told);
  Task<Result<std::optional<Told>>> read_told(Offset base);
  void note(const StoredBatch& batch, std::span<const std::byte> bytes, Offset base);
  std::optional<std::string> fault_of(const StoredBatch& batch, std::span<const std::byte> bytes) const;
  void compare(const StoredBatch& batch);
  void check_rest();
  void find_bad(const std::string& path, std::string what);
  void find_stranger(const std::string& path, std::string what);
  std::string path_of(Offset base, FileKind kind) const {
    return folder_ + '/' + to_string(storage::FileName{.offset = base, .kind = kind});
  }

  FileSystem& files_;
  const std::string folder_;
  record::CodecPool& codecs_;
  std::map<Offset, std::set<FileKind>> segments_;
  storage::LeaderEpochs epochs_;
  bool any_ = false;  // a batch, or a segment that says where one belongs
  LogFindings found_;
};

Task<Result<LogFindings>> LogLook::run() {
  OTTLA_CO_CHECK(co_await list());
  if (!found_.has_folder) co_return std::move(found_);
  OTTLA_CO_CHECK(co_await read_epochs());
  for (const auto& [base, kinds] : segments_) {
    if (kinds.contains(FileKind::log)) OTTLA_CO_CHECK(co_await look_at(base));
  }
  check_rest();
  found_.reaches = std::max(found_.reaches, found_.end);
  co_return std::move(found_);
}

Task<Result<void>> LogLook::list() {
  const Result<std::vector<DirectoryEntry>> entries = co_await files_.list(folder_);
  if (!entries.ok() && entries.error() == Errc::not_found) co_return Result<void>();
  if (!entries.ok()) co_return entries.error();
  found_.has_folder = true;
  for (const DirectoryEntry& entry : *entries) {
    const Result<storage::FileName> name = storage::parse_file_name(entry.name);
    // Foreign names are for who opens the log to tell.
    if (entry.is_directory || !name.ok() || name->stage != storage::FileStage::in_use) continue;
    if (name->kind != FileKind::producer_snapshot) {
      segments_[name->offset].insert(name->kind);
    } else if (!found_.closed_at || *found_.closed_at < name->offset) {
      found_.closed_at = name->offset;
      found_.closed_by = entry.name;
    }
  }
  co_return Result<void>();
}

Task<Result<void>> LogLook::read_epochs() {
  const std::string path = folder_ + '/' + std::string(storage::kLeaderEpochCheckpoint);
  const Result<Slice> text = co_await read_whole_file(files_, path, kLargestCheckpoint);
  if (!text.ok() && text.error() == Errc::not_found) co_return Result<void>();
  if (!text.ok()) co_return text.error();
  OTTLA_CO_TRY(const std::vector<storage::EpochEntry> entries,
               storage::parse_leader_epochs(text->as_string_view(), path));
  epochs_ = storage::LeaderEpochs(entries);
  co_return Result<void>();
}

Task<Result<void>> LogLook::look_at(Offset base) {
  const std::string path = path_of(base, FileKind::log);
  OTTLA_CO_TRY(const std::unique_ptr<File> file, co_await files_.open(path, kReadOnly));
  const bool is_empty = file->size() == 0;
  Result<std::optional<Told>> told = co_await read_told(base);
  Result<void> scanned = told.ok() ? Result<void>() : told.error();
  if (!any_) found_.start = found_.end = base;
  // An empty one may be left of a roll that failed, while the one before it went on.
  const bool hole = any_ && (is_empty ? base > found_.end : base != found_.end);
  any_ = true;
  if (hole && !found_.bad) {
    find_bad(path,
             fmt::format("the segment begins at offset {}, where {} goes on", base.raw(), found_.end.raw()));
  }
  if (!is_empty) {
    found_.reaches = std::max(found_.reaches, base);
    if (scanned.ok()) scanned = co_await scan(*file, base, *std::move(told));
  }
  co_await file->close();
  co_return scanned;
}

// Batches behind a bad one are looked at, too, as far as it says where they are.
Task<Result<void>> LogLook::scan(File& file, Offset base, std::optional<Told> told) {
  storage::SegmentScan scan(file, 0, file.size());
  while (true) {
    const Result<std::optional<storage::SegmentScan::Batch>> batch = co_await scan.next();
    if (!batch.ok() && batch.error() != Errc::corrupt) co_return batch.error();
    if (!batch.ok() && !found_.bad) find_bad(path_of(base, FileKind::log), std::string(batch.error().text()));
    if (!batch.ok() || !*batch) break;
    const StoredBatch& header = (*batch)->header;
    note(header, (*batch)->bytes, base);
    if (told && told->entry.timestamp == header.max_timestamp) {
      const Offset offset = base + told->entry.relative_offset;
      told->seen |= header.base_offset <= offset && offset <= header.last_offset;
    }
  }
  if (told && !told->seen) {
    find_stranger(told->path,
                  fmt::format("it ends with a batch of time {} at offset {}, and the log has no such one. "
                              "If the log is the right one, remove this file: it is made anew",
                              told->entry.timestamp, base.raw() + told->entry.relative_offset));
  }
  co_return Result<void>();
}

void LogLook::note(const StoredBatch& batch, std::span<const std::byte> bytes, Offset base) {
  const std::optional<std::string> fault = fault_of(batch, bytes);
  if (found_.bad) {
    if (!fault || batch.base_offset > found_.end)
      found_.reaches = std::max(found_.reaches, batch.last_offset + 1);
    return;
  }
  if (fault) return find_bad(path_of(base, FileKind::log), *fault);
  found_.end = batch.last_offset + 1;
  compare(batch);
  const Result<record::BatchView> view = record::BatchView::first_of(bytes);
  if (!view.ok()) return;
  const Result<std::vector<raft::ControlEntry>> control = raft::read_control(*view, codecs_);
  if (!control.ok()) return;
  for (const raft::ControlEntry& entry : *control) {
    if (const auto* change = std::get_if<raft::VotersChange>(&entry.record)) found_.voters = change->voters;
  }
}

std::optional<std::string> LogLook::fault_of(const StoredBatch& batch,
                                             std::span<const std::byte> bytes) const {
  if (!storage::checksum_holds(bytes, batch.magic)) {
    return fmt::format("the checksum of the batch at byte {} does not hold", batch.position);
  }
  if (batch.base_offset == found_.end && batch.last_offset >= batch.base_offset) return std::nullopt;
  return fmt::format("the batch at byte {} has offset {} where {} goes on", batch.position,
                     batch.base_offset.raw(), found_.end.raw());
}

// No checksum covers a batch's epoch.
void LogLook::compare(const StoredBatch& batch) {
  const std::optional<LeaderEpoch> epoch = epochs_.epoch_for(batch.base_offset);
  if (!epoch || epoch->raw() == batch.leader_epoch) return;
  find_stranger(folder_ + '/' + std::string(storage::kLeaderEpochCheckpoint),
                fmt::format("it says that offset {} is of epoch {}, and the log has it of epoch {}",
                            batch.base_offset.raw(), epoch->raw(), batch.leader_epoch));
}

// What was of a log that is not there.
void LogLook::check_rest() {
  for (const auto& [base, kinds] : segments_) {
    if (kinds.contains(FileKind::log) || found_.bad) continue;
    find_bad(path_of(base, FileKind::log), "the file is missing, and what belongs to it is there");
  }
  const std::optional<storage::EpochEntry> latest = epochs_.latest();
  if (!latest || latest->start <= found_.end || found_.bad) return;
  find_bad(folder_, fmt::format("the log ends at offset {}, and {} has an epoch that begins at {}",
                                found_.end.raw(), storage::kLeaderEpochCheckpoint, latest->start.raw()));
}

// Nothing when there is no index, or none that says anything: one that was not closed ends with zeros.
Task<Result<std::optional<LogLook::Told>>> LogLook::read_told(Offset base) {
  if (!segments_[base].contains(FileKind::time_index)) co_return std::optional<Told>();
  Told told;
  told.path = path_of(base, FileKind::time_index);
  OTTLA_CO_TRY(const std::unique_ptr<File> file, co_await files_.open(told.path, kReadOnly));
  std::array<std::byte, TimeIndexEntry::kSize> bytes;
  const std::uint64_t size = file->size();
  const bool holds_entries = size >= bytes.size() && size % bytes.size() == 0;
  Result<std::size_t> read = std::size_t{0};
  if (holds_entries) read = co_await file->read_at(size - bytes.size(), bytes);
  co_await file->close();
  if (!read.ok()) co_return read.error();
  if (*read < bytes.size()) co_return std::optional<Told>();
  told.entry = storage::load_time_index_entry(bytes.data());
  if (told.entry.timestamp <= 0) co_return std::optional<Told>();
  co_return std::optional(std::move(told));
}

void LogLook::find_bad(const std::string& path, std::string what) {
  found_.bad = {.path = path, .what = std::move(what)};
}

void LogLook::find_stranger(const std::string& path, std::string what) {
  if (!found_.stranger) found_.stranger = {.path = path, .what = std::move(what)};
}

}  // namespace

Task<Result<LogFindings>> look_at_log(FileSystem& files, std::string folder, record::CodecPool& codecs) {
  LogLook look(files, std::move(folder), codecs);
  co_return co_await look.run();
}

}  // namespace ottla::quorum
