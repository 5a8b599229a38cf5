#include <algorithm>
#include <chrono>
#include <cstdint>
#include <utility>

#include "base/histogram.h"
#include "runtime/file_system.h"
#include "runtime/shard.h"
#include "runtime/whole_file.h"
#include "storage/format/leader_epoch_checkpoint.h"
#include "storage/format/partition_metadata.h"
#include "storage/log/log.h"

namespace ottla::storage {

bool Log::flush_due() const {
  return marks_.recovery_point < marks_.log_end && config_->flush_ms != LogConfig::Millis::max() &&
         this_shard().now() - unsynced_.last_flush >= config_->flush_ms;
}

Task<Result<void>> Log::flush_until(Offset end) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  co_return co_await make_durable(end);
}

// The recovery point says that nobody need look at what lies below: that is told last. After a truncation it is
// other batches that lie there, and the sync may have been of the old ones.
Task<Result<void>> Log::make_durable(Offset end) {
  while (true) {
    if (offline_) co_return *offline_;
    end = std::min(end, marks_.log_end);
    if (end <= marks_.recovery_point) co_return Result<void>();
    const std::uint64_t truncations = unsynced_.truncations;
    Result<void> done = co_await sync_names();
    if (done.ok()) done = co_await save_epochs();
    if (done.ok()) done = co_await sync_segments(end);
    if (!done.ok()) co_return note_failure(std::move(done).error());
    if (truncations != unsynced_.truncations) continue;
    marks_.recovery_point = std::max(marks_.recovery_point, end);
    unsynced_.last_flush = this_shard().now();
    co_return Result<void>();
  }
}

Task<Result<void>> Log::sync_names() {
  const std::uint64_t wanted = unsynced_.names;
  if (unsynced_.names_synced >= wanted) co_return Result<void>();
  OTTLA_CO_TRY(const Semaphore::Permit saving, co_await unsynced_.saving.acquire(1));
  if (offline_) co_return *offline_;  // the sync that was waited for failed, and another one proves nothing
  if (unsynced_.names_synced >= wanted) co_return Result<void>();
  const std::uint64_t version = unsynced_.names;
  if (unsynced_.birth) OTTLA_CO_CHECK(co_await sync_birth());
  OTTLA_CO_CHECK(co_await tools_.file_system->sync_directory(directory_));
  unsynced_.names_synced = std::max(unsynced_.names_synced, version);
  co_return Result<void>();
}

Task<Result<void>> Log::sync_birth() {
  FileSystem& files = *tools_.file_system;
  Result<std::unique_ptr<File>> id =
      co_await files.open(directory_ + '/' + std::string(kPartitionMetadata), kReadWrite);
  if (id.ok()) {
    const Result<void> synced = co_await (*id)->sync();
    co_await (*id)->close();
    OTTLA_CO_CHECK(synced);
  } else if (id.error() != Errc::not_found) {
    co_return std::move(id).error();
  }
  const std::string parent = directory_.substr(0, directory_.find_last_of('/'));
  OTTLA_CO_CHECK(co_await files.sync_directory(parent.empty() ? "/" : parent));
  unsynced_.birth = false;
  co_return Result<void>();
}

std::string Log::epochs_path() const {
  return directory_ + '/' + std::string(kLeaderEpochCheckpoint);
}

Chain Log::epochs_text() const {
  return Chain(Slice::copy_of(encode_leader_epochs(epochs_.entries())));
}

Task<Result<void>> Log::save_epochs() {
  const std::uint64_t wanted = unsynced_.epochs;
  if (unsynced_.epochs_saved >= wanted) co_return Result<void>();
  OTTLA_CO_TRY(const Semaphore::Permit saving, co_await unsynced_.saving.acquire(1));
  if (offline_) co_return *offline_;
  if (unsynced_.epochs_saved >= wanted) co_return Result<void>();
  const std::uint64_t version = unsynced_.epochs;
  OTTLA_CO_CHECK(co_await replace_file(*tools_.file_system, epochs_path(), epochs_text()));
  unsynced_.epochs_saved = std::max(unsynced_.epochs_saved, version);
  co_return Result<void>();
}

// The indexes of the active segment need not be durable: an unclean start reads all of the segment in which the
// recovery point lies.
Task<Result<void>> Log::sync_segments(Offset end) {
  Offset from = marks_.recovery_point;
  while (true) {
    Segment& segment = *segments_[floor_segment(from)];
    Result<Gate::Pass> pass = segment.enter();
    if (!pass.ok()) co_return Result<void>();  // the log is being closed
    const Instant begun = this_shard().exact_now();
    OTTLA_CO_CHECK(co_await segment.sync_log());
    // It may have been left meanwhile.
    const bool active = &segment == segments_.back().get();
    if (!active) OTTLA_CO_CHECK(co_await segment.sync_indexes());
    note_flush(begun);
    const auto next = std::ranges::upper_bound(segments_, segment.base_offset(), {}, &Segment::base_offset);
    if (next == segments_.end() || (*next)->base_offset() >= end) co_return Result<void>();
    from = (*next)->base_offset();
  }
}

void Log::note_flush(Instant begun) const {
  if (tools_.flush_times == nullptr) return;
  const Duration took = this_shard().exact_now() - begun;
  tools_.flush_times->record(
      static_cast<std::uint64_t>(std::chrono::floor<std::chrono::microseconds>(took).count()));
}

Task<void> Log::flush_in_background(Offset end) {
  this_shard().set_priority(Priority::background);
  const Result<void> flushed = co_await make_durable(end);
  if (flushed.ok() || offline_) co_return;
  tools_.logger.warn("a segment that was left is not durable yet", field("log", directory_),
                     field("error", flushed.error().to_string()));
}

Error Log::note_failure(Error error) {
  const bool harmless = error == Errc::no_space || error == Errc::too_many_files ||
                        error == Errc::out_of_budget || error == Errc::cancelled || error == Errc::closed;
  if (!harmless && !offline_) {
    tools_.logger.error("the log takes no more changes until it is opened anew", field("log", directory_),
                        field("error", error.to_string()));
    offline_ = error;
  }
  return error;
}

Task<Result<void>> Log::assign_epoch(LeaderEpoch epoch, Offset start) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  if (offline_) co_return *offline_;
  if (!epochs_.assign(epoch, start)) co_return Result<void>();
  if (start >= marks_.log_end) {
    unsynced_.epoch_waits = true;
    co_return Result<void>();
  }
  ++unsynced_.epochs;
  const Result<void> saved = co_await save_epochs();
  if (!saved.ok()) co_return note_failure(saved.error());
  co_return saved;
}

}  // namespace ottla::storage
