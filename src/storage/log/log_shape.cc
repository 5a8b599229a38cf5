#include <algorithm>
#include <utility>

#include "runtime/file_system.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "storage/log/log.h"

namespace ottla::storage {

Task<Result<void>> Log::start_change() {
  OTTLA_CO_CHECK(co_await get_ready());
  co_await drained();
  if (writes_.failure) OTTLA_CO_CHECK(co_await repair());
  co_return Result<void>();
}

Task<Result<void>> Log::roll() {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
  OTTLA_CO_CHECK(co_await start_change());
  co_return co_await roll_to(marks_.data_end);
}

// Segments of a log that is not compacted meet, and so the hole lies in front of the next batch. Otherwise a new
// segment says by its name where the log ends, also after a restart.
Task<Result<void>> Log::skip_to(Offset end) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
  OTTLA_CO_CHECK(co_await start_change());
  if (end <= marks_.log_end) co_return Result<void>();
  note_epoch_used();
  if (config_->compacts) co_return co_await roll_to(end);
  marks_.log_end = end;
  reserved_.reset();
  co_return Result<void>();
}

// --- Segments that go ---------------------------------------------------------------------------------------

// Its files are out of the log, durably, when this ends; they vanish later.
Task<Result<void>> Log::drop_segment(std::size_t index) {
  Segment& segment = *segments_[index];
  co_await hurry_removal(segment.base_offset());
  const Result<void> renamed = co_await segment.rename(FileStage::deleted);
  if (!renamed.ok()) co_return note_failure(renamed.error());
  tools_.logger.info("dropped a segment", field("path", segment.log_path()));
  std::unique_ptr<Segment> dropped = std::move(segments_[index]);
  segments_.erase(segments_.begin() + static_cast<std::ptrdiff_t>(index));
  const Offset base = dropped->base_offset();
  let_go(std::move(dropped));
  if (snapshots_.remove(base)) co_await remove_snapshots({base});
  co_return Result<void>();
}

void Log::let_go(std::unique_ptr<Segment> segment) {
  const auto [entry, is_only] = leaving_.try_emplace(segment->base_offset(), tasks_.cancel_token());
  OTTLA_INVARIANT(is_only, "two segments share the names of files that are deleted", segment->log_path());
  tasks_.spawn(remove_later(std::move(segment), entry->second.token()));
}

// Readers may still be sending its bytes. A stop in between leaves the files to the next start.
Task<void> Log::remove_later(std::unique_ptr<Segment> segment, Cancel hurry) {
  (void)co_await sleep_for(config_->file_delete_delay_ms, hurry);
  co_await segment->close_files();
  if (!tasks_.cancel_token().requested()) {
    const Result<void> removed = co_await segment->remove_files();
    if (!removed.ok()) {
      tools_.logger.warn("files of a deleted segment were not removed; the next start tries again",
                         field("path", segment->log_path()), field("error", removed.error().to_string()));
    }
  }
  leaving_.erase(segment->base_offset());
  left_.wake_all();
}

Task<void> Log::hurry_removal(Offset base) {
  for (auto entry = leaving_.find(base); entry != leaving_.end(); entry = leaving_.find(base)) {
    entry->second.request();
    co_await left_.wait();
  }
}

// --- Truncation ---------------------------------------------------------------------------------------------

// The owner may have to wait for who changes the log: it is asked between two turns.
Task<Result<std::unique_ptr<LogOwner::Hold>>> Log::announce_cut(Offset offset) {
  if (unsynced_.owner == nullptr) co_return std::unique_ptr<LogOwner::Hold>();
  co_return co_await unsynced_.owner->before_cut(offset);
}

Task<Result<bool>> Log::is_cut_by(Offset offset) {
  OTTLA_CO_CHECK(co_await start_change());
  if (offset < marks_.log_end) co_return true;
  if (epochs_.truncate_from_end(marks_.log_end)) ++unsynced_.epochs;
  co_return false;
}

Task<Result<bool>> Log::truncate_to(Offset offset) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  if (offset < Offset(0))
    co_return Error(Errc::invalid_argument, "truncate " + partition_ + " to a negative offset");
  {
    OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
    const bool goes_on = unsynced_.cut.has_value();  // with what failed the last time
    OTTLA_CO_TRY(const bool is_cut, co_await is_cut_by(offset));
    if (!is_cut) co_return goes_on;
  }
  OTTLA_CO_TRY(const std::unique_ptr<LogOwner::Hold> hold, co_await announce_cut(offset));
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
  OTTLA_CO_TRY(const bool is_cut, co_await is_cut_by(offset));
  if (!is_cut) co_return false;
  // A segment that a roll could not make, and that a crash brings back, would say that the log goes on there.
  const Result<void> named = co_await sync_names();
  if (!named.ok()) co_return note_failure(named.error());
  tools_.logger.info("truncate", field("log", directory_), field("offset", offset.raw()));
  ++unsynced_.truncations;
  cursors_.clear();
  tail_.clear();  // an entry may reach over the offset
  reserved_.reset();
  if (offset < segments_.front()->base_offset()) {
    unsynced_.cut = Cut{.at = offset, .new_start = offset};
  } else {
    unsynced_.cut = Cut{.at = offset};
    // What is cut off is out of the log before it is out of the files: nobody may read it again.
    marks_.log_end = offset;
    marks_.high_watermark = std::min(marks_.high_watermark, offset);
    marks_.recovery_point = std::min(marks_.recovery_point, offset);
    marks_.log_start = std::min(marks_.log_start, offset);
    marks_.local_start = std::min(marks_.local_start, offset);
    (void)epochs_.truncate_from_end(offset);
  }
  OTTLA_CO_CHECK(co_await finish_cut());
  co_return true;
}

Task<Result<void>> Log::truncate_fully_and_start_at(Offset offset, std::optional<Offset> log_start) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  const Offset begin = std::min(offset, log_start.value_or(offset));
  OTTLA_CO_TRY(const std::unique_ptr<LogOwner::Hold> hold, co_await announce_cut(begin));
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
  OTTLA_CO_CHECK(co_await start_change());
  ++unsynced_.truncations;
  cursors_.clear();
  tail_.clear();
  reserved_.reset();
  unsynced_.cut = Cut{.at = offset, .new_start = log_start.value_or(offset)};
  co_return co_await finish_cut();
}

// What fails and may pass leaves the cut to whoever changes the log next: until then it takes nothing in.
Task<Result<void>> Log::finish_cut() {
  Result<void> done;
  if (unsynced_.cut->new_start) {
    done = co_await begin_anew(unsynced_.cut->at, *unsynced_.cut->new_start);
  } else {
    if (!unsynced_.cut->in_files) done = co_await cut_files(unsynced_.cut->at);
    if (done.ok()) done = co_await save_epochs();
    if (done.ok()) done = co_await reload_producers(unsynced_.cut->at, Offset::max(), {});
    if (done.ok()) producers_.on_high_watermark(marks_.high_watermark);
  }
  if (!done.ok()) co_return note_failure(std::move(done).error());
  unsynced_.cut.reset();
  co_return done;
}

// The last segment first, so that a crash leaves no hole.
Task<Result<void>> Log::cut_files(Offset offset) {
  while (active().base_offset() > offset) OTTLA_CO_CHECK(co_await drop_segment(segments_.size() - 1));
  OTTLA_CO_CHECK(co_await active().truncate_to(offset));
  OTTLA_CO_TRY(marks_.data_end, co_await active().read_next_offset());
  ++unsynced_.epochs;  // not before: nobody may write down that records have none
  // Of those who read meanwhile.
  cursors_.clear();
  ++unsynced_.truncations;
  unsynced_.cut->in_files = true;
  co_return Result<void>();
}

Task<Result<void>> Log::begin_anew(Offset offset, Offset log_start) {
  while (segments_.size() > 1) OTTLA_CO_CHECK(co_await drop_segment(segments_.size() - 1));
  // Between the last old segment and the new one there must be one for those who read.
  auto segment = std::make_unique<Segment>(tools_, directory_, offset, *config_);
  if (active().base_offset() == offset) {
    OTTLA_CO_CHECK(co_await active().truncate_to(offset));
  } else {
    Result<void> created = co_await segment->create(*config_);
    if (!created.ok()) {
      co_await segment->close_files();
      (void)co_await segment->remove_files();
      co_return created;
    }
    segments_.push_back(std::move(segment));
    std::ranges::sort(segments_, {}, &Segment::base_offset);
    const std::size_t old = segments_.front()->base_offset() == offset ? 1 : 0;
    OTTLA_CO_CHECK(co_await drop_segment(old));
  }
  // Of those who read meanwhile, and for a flush that began meanwhile: what it synced was of the old ones.
  cursors_.clear();
  ++unsynced_.truncations;
  ++unsynced_.names;
  epochs_.clear();
  ++unsynced_.epochs;
  co_await remove_snapshots(snapshots_.take_all());
  producers_.truncate_fully_and_start_at(offset);
  marks_ = {.log_start = log_start,
            .local_start = offset,
            .high_watermark = offset,
            .log_end = offset,
            .recovery_point = std::min(marks_.recovery_point, offset),
            .data_end = offset};
  OTTLA_CO_CHECK(co_await save_epochs());
  co_return co_await sync_names();
}

// --- Retention ----------------------------------------------------------------------------------------------

void Log::raise_log_start(Offset offset) {
  marks_.local_start = std::max(marks_.local_start, offset);
  if (offset <= marks_.log_start) return;
  marks_.log_start = offset;
  // The recovery point stays: whoever opens the log before its new start is known on the disk reads from there on, and
  // would take what is missing there for the end.
  if (epochs_.truncate_from_start(offset)) ++unsynced_.epochs;
  producers_.advance_log_start(offset, snapshots_.latest());
}

Task<Result<void>> Log::advance_log_start(Offset offset) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
  if (offline_) co_return *offline_;
  if (offset > marks_.high_watermark) {
    co_return Error(Errc::not_found, "delete the records of " + partition_ + " below " + offset.to_string() +
                                         ": its high watermark is " + marks_.high_watermark.to_string());
  }
  OTTLA_CO_CHECK(co_await keep_producers(offset));
  raise_log_start(offset);
  co_return Result<void>();
}

// A segment above the high watermark is not committed, and an empty last one is what the log goes on with.
bool Log::may_go(std::size_t index) const {
  const bool last = index + 1 == segments_.size();
  const Offset end = last ? marks_.log_end : segments_[index + 1]->base_offset();
  return marks_.high_watermark >= end && !(last && segments_[index]->size() == 0);
}

// How many segments, from the first one on, have to go.
Task<Result<std::size_t>> Log::expired_segments() {
  std::size_t count = 0;
  while (count + 1 < segments_.size() && may_go(count) &&
         segments_[count + 1]->base_offset() <= marks_.log_start) {
    ++count;
  }
  if (!config_->deletes) co_return count;
  if (config_->retention_bytes >= 0) {
    auto over = static_cast<std::int64_t>(size()) - config_->retention_bytes;
    for (std::size_t i = 0; i < count; ++i) over -= static_cast<std::int64_t>(segments_[i]->size());
    while (count < segments_.size() && may_go(count) &&
           over >= static_cast<std::int64_t>(segments_[count]->size())) {
      over -= static_cast<std::int64_t>(segments_[count++]->size());
    }
  }
  if (config_->retention_ms < LogConfig::Millis(0)) co_return count;
  const std::int64_t now = to_epoch_millis(this_shard().wall_now());
  while (count < segments_.size() && may_go(count)) {
    OTTLA_CO_TRY(const std::int64_t latest, co_await segments_[count]->largest_timestamp());
    if (LogConfig::Millis(now - latest) <= config_->retention_ms) break;
    ++count;
  }
  co_return count;
}

Task<Result<std::size_t>> Log::delete_old_segments() {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
  if (offline_) co_return *offline_;
  OTTLA_CO_TRY(std::size_t count, co_await expired_segments());
  if (count == segments_.size()) {
    OTTLA_CO_CHECK(co_await start_change());
    OTTLA_CO_CHECK(co_await roll_to(marks_.data_end));
    count = std::min(count, segments_.size() - 1);
  }
  if (count > 0) OTTLA_CO_CHECK(co_await keep_producers(segments_[count]->base_offset()));
  cursors_.clear();
  for (std::size_t i = 0; i < count; ++i) {
    raise_log_start(segments_[1]->base_offset());
    OTTLA_CO_CHECK(co_await drop_segment(0));
  }
  co_return count;
}

Task<Result<void>> Log::rename_directory(std::string directory) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
  co_await drained();
  // Who writes small files or syncs the directory has its path at hand.
  OTTLA_CO_TRY(const Semaphore::Permit saving, co_await unsynced_.saving.acquire(1));
  const Result<void> renamed = co_await tools_.file_system->rename(directory_, directory, Durability::synced);
  if (!renamed.ok()) co_return note_failure(renamed.error());
  directory_ = std::move(directory);
  co_return Result<void>();
}

}  // namespace ottla::storage
