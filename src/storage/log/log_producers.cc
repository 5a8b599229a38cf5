#include <algorithm>
#include <utility>

#include "record/batch_view.h"
#include "runtime/file_system.h"
#include "runtime/shard.h"
#include "runtime/whole_file.h"
#include "storage/log/log.h"
#include "storage/log/segment_scan.h"

namespace ottla::storage {
namespace {

constexpr std::uint64_t kLargestSnapshot = std::uint64_t{256} << 20;

// Some transaction has ended that the snapshot, which is a good one, can tell of.
bool has_ends(std::span<const std::byte> snapshot) {
  Result<SnapshotReader> reader = SnapshotReader::open(snapshot);
  while (const auto entry = reader->next()) {
    if (entry->coordinator_epoch >= 0) return true;
  }
  return false;
}

// Where the earliest transaction began that was open at `offset`, of which the snapshot is; or that offset itself. Of
// a bad snapshot, where any may have begun.
Offset first_open(std::span<const std::byte> snapshot, Offset offset) {
  Result<SnapshotReader> reader = SnapshotReader::open(snapshot);
  if (!reader.ok()) return Offset(0);
  Offset first = offset;
  while (const auto entry = reader->next()) {
    if (entry->transaction_first_offset >= 0)
      first = std::min(first, Offset(entry->transaction_first_offset));
  }
  return first;
}

}  // namespace

std::string Log::snapshot_path(Offset offset) const {
  return directory_ + '/' +
         to_string(
             FileName{.offset = offset, .kind = FileKind::producer_snapshot, .stage = FileStage::in_use});
}

// A snapshot saves work, and holds nothing that the log does not as long as the records below it are there: without it,
// and with one that a crash tore, the start takes longer.
Task<void> Log::write_snapshot() {
  if (!producers_.wants_snapshot()) co_return;
  const Offset offset = producers_.map_end_offset();
  const Result<void> written = co_await write_whole_file(*tools_.file_system, snapshot_path(offset),
                                                         Chain(producers_.encode_snapshot()));
  if (written.ok()) {
    producers_.snapshot_written(offset);
    snapshots_.add(offset);
    co_return;
  }
  tools_.logger.warn("a snapshot of producers was not written", field("log", directory_),
                     field("error", written.error().to_string()));
  (void)co_await tools_.file_system->remove(snapshot_path(offset));
}

// Of producers whose records go, the snapshot at the log's new beginning alone will tell. It has to be durable before
// they go, or a crash makes them unknown, and what they send again is taken for new.
Task<Result<void>> Log::keep_producers(Offset start) {
  const Offset base = segments_[floor_segment(start)]->base_offset();
  if (base == segments_.front()->base_offset() || !snapshots_.contains(base)) co_return Result<void>();
  Result<std::unique_ptr<File>> file = co_await tools_.file_system->open(snapshot_path(base), kReadWrite);
  Result<void> synced = file.ok() ? Result<void>() : file.error();
  if (file.ok()) {
    synced = co_await (*file)->sync();
    co_await (*file)->close();
  }
  if (!synced.ok() && (synced.error() == Errc::no_space || synced.error() == Errc::not_found)) {
    // A full disk must not keep records from going that give it room.
    tools_.logger.warn("a snapshot of producers is lost; after a crash some may be unknown",
                       field("path", snapshot_path(base)), field("error", synced.error().to_string()));
    snapshots_.remove(base);
    co_await remove_snapshots({base});
    co_return Result<void>();
  }
  if (synced.ok()) {
    ++unsynced_.names;
    synced = co_await sync_names();
  }
  if (!synced.ok()) co_return note_failure(std::move(synced).error());
  co_return Result<void>();
}

Task<void> Log::remove_snapshots(std::vector<Offset> offsets) {
  for (const Offset offset : offsets) {
    const Result<void> removed = co_await tools_.file_system->remove(snapshot_path(offset));
    if (removed.ok() || removed.error() == Errc::not_found) continue;
    tools_.logger.warn("a snapshot of producers was not removed", field("log", directory_),
                       field("error", removed.error().to_string()));
  }
}

Task<Result<Slice>> Log::read_snapshot(Offset offset, const SeenSnapshots& seen) {
  const auto known = seen.find(offset);
  if (known != seen.end()) co_return Slice::copy_of(known->second);
  co_return co_await read_whole_file(*tools_.file_system, snapshot_path(offset), kLargestSnapshot);
}

Task<Result<void>> Log::reload_producers(Offset end, Offset known, const SeenSnapshots& seen) {
  producers_.forget_from(end);
  // That of the first segment stays: it tells of records that are gone. One that lies at or below the first argument
  // goes.
  const Offset first = segments_.front()->base_offset();
  co_await remove_snapshots(snapshots_.take_outside(first - 1, end));
  const std::int64_t now = to_epoch_millis(this_shard().wall_now());
  while (const std::optional<Offset> latest = snapshots_.latest()) {
    const Result<Slice> bytes = co_await read_snapshot(*latest, seen);
    const Result<> loaded =
        bytes.ok() ? producers_.load(bytes->as_span(), *latest, now) : Result<>(bytes.error());
    if (loaded.ok()) {
      if (*latest > known && has_ends(bytes->as_span())) {
        co_await suspect_transactions(known, *latest, seen);
      }
      co_return co_await replay_producers(end);
    }
    tools_.logger.warn("a snapshot of producers cannot be read; an earlier one and the log will do",
                       field("path", snapshot_path(*latest)), field("error", loaded.error().to_string()));
    snapshots_.remove(*latest);
    co_await remove_snapshots({*latest});
  }
  // Records that are deleted may still be there: who wrote them is known as long as they are.
  producers_.start_at(segments_.front()->base_offset());
  co_return co_await replay_producers(end);
}

// A snapshot above the high watermark does not tell where those transactions began that have ended by then. One below
// it has those that were open there, and the others began behind it.
Task<void> Log::suspect_transactions(Offset known, Offset snapshot, const SeenSnapshots& seen) {
  Offset first = marks_.log_start;
  const auto above = std::ranges::upper_bound(snapshots_.all(), known);
  if (above != snapshots_.all().begin()) {
    const Offset earlier = *std::prev(above);
    const Result<Slice> bytes = co_await read_snapshot(earlier, seen);
    if (bytes.ok()) first = std::max(first, first_open(bytes->as_span(), earlier));
  }
  producers_.suspect(first, snapshot);
}

std::vector<CompletedTransaction> Log::replay_batch(const record::BatchView& batch) {
  if (!batch.has_producer()) return {};
  ProducerAppend& replaying = *tools_.producer_append;
  replaying.begin({.origin = record::AppendOrigin::replication});
  if (!producers_.prepare(replaying, batch).is_fresh()) return {};
  const Result<Offset> last = batch.last_offset();
  producers_.apply(replaying, last.ok() ? *last + 1 : batch.base_offset());
  return {replaying.completed().begin(), replaying.completed().end()};
}

Task<Result<void>> Log::replay_producers(Offset end) {
  for (std::size_t index = floor_segment(producers_.map_end_offset()); index < segments_.size(); ++index) {
    Segment& segment = *segments_[index];
    const Offset from = producers_.map_end_offset();
    if (segment.base_offset() >= end || from >= end) break;
    OTTLA_CO_TRY(const std::optional<StoredBatch> first, co_await segment.find(from));
    if (!first) continue;
    OTTLA_CO_TRY(const SegmentFiles::Use log, co_await segment.open_log());
    SegmentScan scan(*log, first->position, segment.size());
    while (true) {
      OTTLA_CO_TRY(const auto batch, co_await scan.next());
      if (!batch || batch->header.base_offset >= end) break;
      if (batch->header.magic != record::kMagic || batch->is_damaged()) continue;
      OTTLA_CO_TRY(const record::BatchView view, record::BatchView::first_of(batch->bytes));
      (void)replay_batch(view);
    }
  }
  producers_.set_map_end_offset(end);
  co_return Result<void>();
}

}  // namespace ottla::storage
