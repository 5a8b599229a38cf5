#include "quorum/snapshot_files.h"

#include <algorithm>
#include <utility>

#include "base/chain.h"
#include "base/mutable_buffer.h"
#include "runtime/sleep.h"

namespace ottla::quorum {

using raft::LogPosition;

std::string SnapshotFiles::path_of(const LogPosition& id, SnapshotStage stage) const {
  return directory_ + '/' + to_string(SnapshotName{id, stage});
}

Task<Result<void>> SnapshotFiles::list() {
  OTTLA_CO_TRY(const std::vector<DirectoryEntry> entries, co_await files_.list(directory_));
  for (const DirectoryEntry& entry : entries) {
    const Result<SnapshotName> name = parse_snapshot_name(entry.name);
    if (!name.ok() && name.error() == Errc::not_found) continue;
    if (!name.ok()) co_return Error(name.error()).with_context(directory_);
    if (entry.is_directory) continue;
    if (name->stage != SnapshotStage::whole) {
      leftovers_.push_back(entry.name);
      continue;
    }
    OTTLA_CO_TRY(const FileStatus status, co_await files_.status(directory_ + '/' + entry.name));
    whole_[name->id] = static_cast<std::int64_t>(status.size);
  }
  co_return Result<void>();
}

Task<Result<void>> SnapshotFiles::remove_leftovers(Offset log_start) {
  for (const std::string& name : std::exchange(leftovers_, {})) {
    OTTLA_CO_CHECK(co_await files_.remove(directory_ + '/' + name));
    logger_.info("removed a snapshot that was not whole or not needed", field("name", name));
  }
  std::vector<LogPosition> old;
  for (const auto& [id, size] : whole_) {
    if (id.offset < log_start) old.push_back(id);
  }
  for (const LogPosition& id : old) {
    whole_.erase(id);
    OTTLA_CO_CHECK(co_await files_.remove(path_of(id)));
    logger_.info("removed a snapshot from before the log", field("snapshot", id));
  }
  co_return Result<void>();
}

void SnapshotFiles::set_aside(const LogPosition& id) {
  whole_.erase(id);
  broken_.insert(id);
}

Task<Result<Slice>> SnapshotFiles::read(LogPosition id, std::int64_t position, std::int32_t max_bytes) {
  const auto known = whole_.find(id);
  if (known == whole_.end()) co_return Errc::not_found;
  if (position < 0 || position > known->second || max_bytes < 0) co_return Errc::invalid_argument;
  const auto size = static_cast<std::size_t>(std::min<std::int64_t>(known->second - position, max_bytes));
  OTTLA_CO_TRY(const std::unique_ptr<File> file, co_await files_.open(path_of(id), kReadOnly));
  MutableBuffer buffer = MutableBuffer::on_heap(size);
  const Result<std::size_t> count =
      co_await file->read_at(static_cast<std::uint64_t>(position), buffer.spare().first(size));
  co_await file->close();
  if (!count.ok()) co_return count.error();
  buffer.commit(*count);
  co_return buffer.take_front(*count);
}

Task<Result<void>> SnapshotFiles::write_piece(LogPosition id, std::int64_t position, Slice bytes) {
  if (position == 0) {
    OTTLA_CO_CHECK(co_await close_piece(id));
    const OpenOptions options{
        .access = Access::read_write, .creation = Creation::open_or_create, .truncate = true};
    OTTLA_CO_TRY(pieces_[id], co_await files_.open(path_of(id, SnapshotStage::part), options));
  }
  const auto piece = pieces_.find(id);
  const bool continues =
      piece != pieces_.end() && piece->second->size() == static_cast<std::uint64_t>(position);
  if (!continues) co_return Error(Errc::invalid_argument, "a piece of a snapshot out of its order");
  OTTLA_CO_CHECK(co_await piece->second->append(Chain(std::move(bytes))));
  co_return Result<void>();
}

Task<Result<void>> SnapshotFiles::close_piece(LogPosition id) {
  const auto piece = pieces_.find(id);
  if (piece == pieces_.end()) co_return Result<void>();
  const std::unique_ptr<File> file = std::move(piece->second);
  pieces_.erase(piece);
  co_await file->close();
  co_return Result<void>();
}

Task<Result<void>> SnapshotFiles::finish_pieces(LogPosition id) {
  const auto piece = pieces_.find(id);
  if (piece == pieces_.end()) co_return Error(Errc::invalid_argument, "a snapshot that was not written");
  OTTLA_CO_CHECK(co_await piece->second->sync());
  co_return co_await close_piece(id);
}

Task<Result<raft::SnapshotFile>> SnapshotFiles::publish(LogPosition id) {
  const std::string part = path_of(id, SnapshotStage::part);
  OTTLA_CO_TRY(const FileStatus status, co_await files_.status(part));
  OTTLA_CO_CHECK(co_await files_.rename(part, path_of(id), Durability::synced));
  broken_.erase(id);
  const auto size = static_cast<std::int64_t>(status.size);
  whole_[id] = size;
  co_return raft::SnapshotFile{id, size};
}

Task<Result<void>> SnapshotFiles::discard(LogPosition id) {
  OTTLA_CO_CHECK(co_await close_piece(id));
  const Result<void> removed = co_await files_.remove(path_of(id, SnapshotStage::part));
  if (!removed.ok() && !(removed.error() == Errc::not_found)) co_return removed;
  co_return Result<void>();
}

Task<Result<std::size_t>> SnapshotFiles::drop_before(LogPosition id) {
  std::vector<LogPosition> old;
  for (const auto& [each, size] : whole_) {
    if (each < id) old.push_back(each);
  }
  for (const LogPosition& each : old) whole_.erase(each);
  for (const LogPosition& each : old) {
    std::string gone = path_of(each, SnapshotStage::deleted);
    const Result<void> renamed = co_await files_.rename(path_of(each), gone, Durability::deferred);
    if (!renamed.ok() && !(renamed.error() == Errc::not_found)) co_return renamed.error();
    logger_.info("a snapshot is not needed any more", field("snapshot", each));
    if (renamed.ok() && removals_.open()) {
      removals_.spawn([this, gone](Cancel cancel) { return remove_later(gone, cancel); });
    }
  }
  co_return old.size();
}

Task<void> SnapshotFiles::remove_later(std::string path, Cancel cancel) {
  // A stop in between leaves it to the next start.
  if (!(co_await sleep_for(delay_, cancel)).ok()) co_return;
  const Result<void> removed = co_await files_.remove(path);
  if (!removed.ok() && !(removed.error() == Errc::not_found)) {
    logger_.warn("a deleted snapshot was not removed; the next start tries again", field("path", path),
                 field("error", removed.error()));
  }
}

Task<void> SnapshotFiles::close() {
  co_await removals_.stop();
  while (!pieces_.empty()) (void)co_await close_piece(pieces_.begin()->first);
}

}  // namespace ottla::quorum
