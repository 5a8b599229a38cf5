#include "storage/log/log.h"

#include <algorithm>
#include <utility>

#include "runtime/file_system.h"
#include "runtime/shard.h"
#include "runtime/whole_file.h"
#include "storage/log/log_loader.h"

namespace ottla::storage {
namespace {

// The name by which replace_file() makes it, too: nothing else is left behind by who dies on the way.
std::string fresh(const std::string& path) {
  return path + ".tmp";
}

}  // namespace

Log::Log(LogOpening opening)
    : tools_(opening.tools),
      directory_(std::move(opening.directory)),
      partition_(std::move(opening.partition)),
      config_(std::move(opening.config)),
      tail_(*tools_.recent),
      producers_(opening.producers, *opening.tools.guards, this_shard().random().next()) {
  unsynced_.last_flush = this_shard().now();
  unsynced_.owner = opening.owner;
}

Task<Result<std::unique_ptr<Log>>> Log::open(LogOpening opening) {
  auto seen = std::exchange(opening.seen, std::nullopt);
  std::unique_ptr<Log> log(new Log(opening));
  opening.seen = std::move(seen);
  LogLoader loader(*log, opening);
  const Result<void> loaded = co_await loader.load();
  if (!loaded.ok()) {
    co_await log->tasks_.stop();
    for (const std::unique_ptr<Segment>& segment : log->segments_) co_await segment->close_files();
    co_return Error(loaded.error()).with_context("open the log " + log->directory_);
  }
  co_return log;
}

Offset Log::last_stable_offset() const {
  return producers_.last_stable_offset(marks_.high_watermark, marks_.log_start);
}

std::uint64_t Log::size() const {
  std::uint64_t sum = 0;
  for (const std::unique_ptr<Segment>& segment : segments_) sum += segment->size();
  return sum;
}

Offset Log::set_high_watermark(Offset offset) {
  marks_.high_watermark = std::clamp(offset, marks_.log_start, marks_.log_end);
  producers_.on_high_watermark(marks_.high_watermark);
  return marks_.high_watermark;
}

// What an open() after a clean stop relies on: the end of the log, its indexes, epochs and producers are all in their
// files.
Task<Result<void>> Log::leave_clean() {
  if (writes_.failure) OTTLA_CO_CHECK(co_await repair());
  active().finish();
  OTTLA_CO_CHECK(co_await make_durable(marks_.log_end));
  if (unsynced_.epochs_saved < unsynced_.epochs) OTTLA_CO_CHECK(co_await save_epochs());
  // Nothing is lost with the name of a log that holds nothing.
  if (!active().is_made()) co_return Result<void>();
  if (active().indexes_loaded()) OTTLA_CO_CHECK(co_await active().sync_indexes());
  co_await write_snapshot();
  co_return co_await sync_names();
}

Task<void> Log::stop() {
  co_await gate_.close();
  co_await drained();
  co_await tasks_.stop();
}

Task<Result<void>> Log::settle() {
  co_await gate_.close();
  co_await drained();
  Result<void> settled;
  if (unsynced_.cut && !offline_) settled = co_await finish_cut();
  co_await tasks_.stop();
  co_return offline_ ? Result<void>(*offline_) : settled;
}

Task<Result<void>> Log::close() {
  Result<void> closed = co_await settle();
  if (closed.ok()) closed = co_await leave_clean();
  co_await abandon();
  co_return closed;
}

Task<void> Log::abandon() {
  co_await stop();
  for (const std::unique_ptr<Segment>& segment : segments_) co_await segment->close_files();
  tail_.clear();
}

// --- Closing many -------------------------------------------------------------------------------------------

bool Log::is_durable() const {
  Segment& last = *segments_.back();
  if (marks_.recovery_point < marks_.log_end || unsynced_.epochs_saved < unsynced_.epochs) return false;
  if (!last.is_made()) return true;  // nothing is lost with its name
  return unsynced_.names_synced >= unsynced_.names && (!last.indexes_loaded() || last.indexes_durable());
}

Task<Result<bool>> Log::come_to_rest() {
  OTTLA_CO_CHECK(co_await settle());
  const Result<void> written = co_await write_down();
  if (!written.ok()) co_return note_failure(written.error());
  co_return !is_durable();
}

Task<Result<void>> Log::write_down() {
  if (writes_.failure) OTTLA_CO_CHECK(co_await repair());
  active().finish();
  for (std::size_t at = floor_segment(marks_.recovery_point); at < segments_.size(); ++at) {
    OTTLA_CO_CHECK(co_await segments_[at]->write_indexes());
  }
  if (unsynced_.epochs_saved < unsynced_.epochs) {
    OTTLA_CO_CHECK(co_await write_whole_file(*tools_.file_system, fresh(epochs_path()), epochs_text()));
  }
  if (active().is_made()) co_await write_snapshot();
  co_return Result<void>();
}

Task<Result<bool>> Log::take_names() {
  if (unsynced_.epochs_saved >= unsynced_.epochs) co_return false;
  const std::string path = epochs_path();
  const Result<void> renamed = co_await tools_.file_system->rename(fresh(path), path, Durability::deferred);
  if (!renamed.ok()) co_return note_failure(renamed.error());
  unsynced_.epochs_saved = unsynced_.epochs;
  co_return true;
}

Task<void> Log::end_durable() {
  marks_.recovery_point = marks_.log_end;
  return abandon();
}

}  // namespace ottla::storage
