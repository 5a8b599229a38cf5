#include "test/storage/log/log_workload.h"

#include <algorithm>
#include <utility>

#include "storage/cleaner/offset_map.h"

namespace ottla::storage {
namespace {

TopicPartition partition() {
  return {"topic", PartitionId(0)};
}

std::string show(Offset offset) {
  return offset.to_string();
}

CleanerSettings cleaner_settings(Random random) {
  return {.dedupe_bytes = OffsetMap::kEntrySize * (20 + random.below(60)),
          .io_buffer_size = static_cast<std::size_t>(random.between(100, 4000))};
}

LogConfig planted_config(LogConfig config, Plant plant) {
  if (plant == Plant::tombstones_go_early) config.delete_retention_ms = LogConfig::Millis(0);
  return config;
}

}  // namespace

LogWorkload::LogWorkload(std::uint64_t seed, Plant plant)
    : seed_(seed), plant_(plant), random_(seed), config_(draw_config()) {}

LogWorkload::LogWorkload(std::uint64_t seed, Plant plant, LogConfig config, LogScript script)
    : seed_(seed), plant_(plant), random_(seed), config_(config), script_(std::move(script)) {}

void LogWorkload::follow(LogScript script) {
  script_ = std::move(script);
}

std::uint64_t LogWorkload::expectation() const {
  Fingerprint print;
  model_.print(print);
  for (const Offset offset : {saved_.recovery, saved_.log_start, saved_.clean_end.value_or(Offset(-1)),
                              restarting_at_.value_or(Offset(-1)), deleted_end_}) {
    print.add(offset.raw());
  }
  print.add(saved_.clean_shutdown ? 1 : 0);
  return print.value();
}

LogConfig LogWorkload::draw_config() {
  LogConfig config;
  config.segment_bytes = static_cast<std::int32_t>(random_.between(1500, 20'000));
  config.index_interval_bytes = static_cast<std::int32_t>(random_.between(0, 1000));
  config.segment_index_bytes = random_.chance(1, 3) ? 120 : 10 << 20;
  config.flush_messages = random_.chance(1, 4) ? random_.between(1, 20) : INT64_MAX;
  config.retention_bytes = random_.chance(1, 2) ? random_.between(2000, 50'000) : -1;
  config.retention_ms = LogConfig::Millis(-1);
  config.file_delete_delay_ms = LogConfig::Millis(random_.below(20));
  config.preallocate = random_.chance(1, 4);
  config.compacts = random_.chance(1, 2);
  if (config.compacts) {
    config.segment_bytes = static_cast<std::int32_t>(random_.between(1500, 6000));
    config.deletes = random_.chance(1, 4);
    config.min_cleanable_dirty_ratio = random_.chance(1, 2) ? 0 : 0.5;
    config.delete_retention_ms =
        LogConfig::Millis(random_.chance(1, 2) ? random_.below(3) : random_.below(100));
  }
  return config;
}

void LogWorkload::find(std::string what) {
  what = "life " + std::to_string(counts_.lives) + ": " + std::move(what);
  for (const std::string& event : notes_) what += "\n    " + event;
  findings_.push_back(std::move(what));
}

void LogWorkload::note(std::string what) {
  notes_.push_back(std::move(what));
  if (notes_.size() > 40) notes_.pop_front();
}

void LogWorkload::rotted(std::string what) {
  note(what);
  rot_ = std::move(what);
}

// --- Lives --------------------------------------------------------------------------------------------------

LogWorkload::Life::Life(LogWorkload& workload, FileSystem& doors, LogConfig config, std::size_t recent_bytes)
    : of(workload),
      log(Place{"/place"}, planted_config(config, workload.plant_), 8, recent_bytes, &doors),
      cleaner(doors, cleaner_settings(Random(workload.seed_)), *this, metrics, {}) {}

Task<Result<void>> LogWorkload::Life::save_checkpoint(std::string, TopicPartition,
                                                      std::optional<Offset> offset) {
  of.note("clean below " + (offset ? show(*offset) : "nothing"));
  if (offset && *offset > log->log_end()) of.find("more is clean than there is");
  if (of.plant_ == Plant::clean_end_ahead && offset) offset = of.model_.committed_end();
  of.saved_.clean_end = offset;
  if (offset) of.model_.cleaned(*offset);
  ++of.counts_.cleanings;
  co_return Result<void>();
}

Task<int> LogWorkload::main(Process& process, Cancel cancel) {
  ++counts_.lives;
  side_by_side_ = random_.chance(1, 2);
  const std::unique_ptr<FileSystem> broken =
      break_doors(process.shard(ShardId(0)).files(), plant_, seed_, flipped_);
  Life life(*this, *broken, config_, random_.chance(1, 2) ? 1 << 20 : 3000);
  if (!co_await open(life)) {
    co_await life.log.end_closed();
    co_return 0;
  }
  if (!rot_.empty()) {
    co_await live_with_rot(life, cancel);
  } else {
    // What a death left of a beginning anew is of no use: it is finished first.
    if (restarting_at_) co_await restart(life, *restarting_at_);
    if (life.works) co_await check(life);
    while (life.works && !cancel.requested() && good()) {
      const std::optional<LogStep> step = next_step();
      if (!step) break;
      co_await take(life, *step);
      life.works &= !life.log->offline();
    }
  }
  co_await close(life);
  co_return 0;
}

Task<bool> LogWorkload::open(Life& life) {
  LogUnderTest& log = life.log;
  log.recovery_point = plant_ == Plant::recovery_point_ahead ? model_.next() : saved_.recovery;
  log.log_start = saved_.log_start;
  log.high_watermark = model_.committed_end();
  log.clean =
      saved_.clean_shutdown || (plant_ == Plant::clean_after_a_crash && death_ != LogModel::Death::none);
  log.producers = {.verifies_transactions = false};
  saved_.clean_shutdown = false;
  note("life " + std::to_string(counts_.lives) + " after death " + std::to_string(static_cast<int>(death_)) +
       (log.clean ? ", clean" : "") + ", recovery point " + show(saved_.recovery));
  const std::string opened = co_await try_open(life);
  if (opened != "ok") {
    note("does not open: " + opened);
    // A broken disk may refuse, and so may rotten files; whole ones may not.
    const bool disk = opened == "io_error" || opened == "no_space" || opened == "sync_failed";
    const bool rot = opened == "corrupt" || opened == "malformed" || opened == "truncated" ||
                     opened == "unsupported" || opened == "too_large";
    if (!disk && (rot_.empty() || !rot)) find("cannot be opened: " + opened);
    co_return false;
  }
  std::string shape = "opened " + show(log->log_start()) + " to " + show(log->log_end()) + ":";
  for (const auto& segment : log->segments()) {
    shape += " " + show(segment->base_offset()) + "+" + std::to_string(segment->size());
  }
  note(std::move(shape));
  life.opened_end = log->log_end();
  saved_.recovery = std::min(saved_.recovery, log->recovery_point());  // as load_directory sees to it
  life.compaction = break_compaction(*log, plant_);
  if (config_.compacts) {
    life.cleaner.add({.partition = partition(),
                      .log = life.compaction.get(),
                      .log_directory = "/place",
                      .checkpoint = saved_.clean_end});
  }
  co_return true;
}

// By itself, or by an owner of many, who syncs all that there is at once.
Task<std::string> LogWorkload::try_open(Life& life) {
  LogUnderTest& log = life.log;
  log.synced_by_owner = !log.clean && !script_ && random_.chance(1, 2);
  if (!log.synced_by_owner) co_return co_await log.try_open();
  FileSystem& files = this_shard().files();
  const std::string before = co_await outcome(files.sync_everything("/"));
  if (before != "ok") co_return before;
  std::string opened = co_await log.try_open();
  if (opened != "ok") co_return opened;
  opened = co_await outcome(files.sync_everything("/"));
  if (opened != "ok") co_await log->abandon();
  co_return opened;
}

Task<Result<void>> LogWorkload::sync_all(Plant forgotten) {
  if (plant_ == forgotten) co_return Result<void>();
  co_return co_await this_shard().files().sync_everything("/");
}

// As one of many.
Task<Result<void>> LogWorkload::close_with_others(Log& log) {
  const Result<bool> unsynced = co_await log.come_to_rest();
  if (!unsynced.ok()) {
    co_await log.abandon();
    co_return unsynced.error();
  }
  if (!*unsynced) co_return co_await log.close();
  Result<void> durable = co_await sync_all(Plant::no_sync_of_what_closes);
  if (durable.ok()) {
    const Result<bool> renamed = co_await log.take_names();
    durable = renamed.ok() ? Result<void>() : renamed.error();
    if (renamed.ok() && *renamed) durable = co_await sync_all(Plant::no_sync_of_taken_names);
  }
  co_await (durable.ok() ? log.end_durable() : log.abandon());
  co_return durable;
}

Task<void> LogWorkload::close(Life& life) {
  LogUnderTest& log = life.log;
  if (config_.compacts) co_await life.cleaner.remove(partition(), false);
  co_await life.tasks.stop();
  if (life.works && good() && rot_.empty()) co_await check(life);
  if (life.works && good()) {
    saved_.log_start = log->log_start();
    const Offset end = log->log_end();
    const bool with_others = !script_ && random_.chance(1, 2);
    const Result<void> closed = co_await (with_others ? close_with_others(*log) : log->close());
    note("closed at " + show(end) + (closed.ok() ? "" : ": " + closed.error().to_string()));
    if (closed.ok()) {
      saved_.recovery = end;
      model_.flushed(end);
      saved_.clean_shutdown = true;
    }
  } else {
    co_await log->abandon();
    died(LogModel::Death::process);
  }
  co_await log.end_closed();
}

// --- What is done -------------------------------------------------------------------------------------------

bool LogWorkload::fine(Life& life, const Result<void>& result) {
  if (result.ok()) return true;
  ++counts_.refused;
  note("refused: " + result.error().to_string());
  const Errc code = result.error().code();
  const bool rot =
      !rot_.empty() && (code == Errc::corrupt || code == Errc::malformed || code == Errc::truncated);
  if (code != Errc::no_space && code != Errc::io_error && code != Errc::sync_failed && !rot) {
    find("failed: " + result.error().to_string());
  }
  life.works &= code == Errc::no_space;
  return false;
}

std::optional<LogStep> LogWorkload::next_step() {
  if (!script_) return draw_step();
  if (script_->empty()) return std::nullopt;
  std::deque<LogStep>& steps = script_->front();
  if (steps.empty()) {
    script_->pop_front();
    return std::nullopt;
  }
  const LogStep step = steps.front();
  steps.pop_front();
  return step;
}

LogStep LogWorkload::draw_step() {
  using enum LogStep::What;
  struct Share {
    std::uint64_t below;
    LogStep::What what;
  };
  static constexpr Share kShares[] = {
      {54, append}, {56, append_again},     {65, flush}, {70, roll},  {76, truncate},  {77, restart},
      {82, expire}, {88, save_checkpoints}, {90, look},  {95, clean}, {100, pass_time}};
  const std::uint64_t drawn = random_.below(100);
  return {.what = std::ranges::upper_bound(kShares, drawn, {}, &Share::below)->what};
}

Task<void> LogWorkload::take(Life& life, LogStep step) {
  using What = LogStep::What;
  LogUnderTest& log = life.log;
  switch (step.what) {
    case What::append:
      co_await append_some(life, step.amount);
      co_return;
    case What::append_again:
      co_await append_again(life);
      co_return;
    case What::flush: {
      const Offset end = log->log_end();
      if (fine(life, co_await log->flush())) model_.flushed(end);
      co_return;
    }
    case What::roll:
      note("roll at " + show(log->log_end()));
      (void)fine(life, co_await log->roll());
      co_return;
    case What::truncate:
      co_await truncate(life, step.amount);
      co_return;
    case What::restart:
      co_await restart(life, Offset(step.amount.value_or(random_.between(0, log->log_end().raw() + 10))));
      co_return;
    case What::delete_records:
    case What::expire:
      co_await shorten(life, step.amount, step.what == What::expire);
      co_return;
    case What::save_checkpoints:
      saved_.recovery = log->recovery_point();
      saved_.log_start = log->log_start();
      co_return;
    case What::look:
      co_await check(life);
      co_return;
    case What::clean:
      begin_cleaning(life, script_.has_value());
      co_return;
    case What::wait_clean:
      while (life.cleaning) co_await life.cleaned.wait();
      co_return;
    case What::next_epoch:
      co_return co_await take_over(life);
    case What::pass_time:
      (void)co_await sleep_for(
          std::chrono::microseconds(step.amount.value_or(static_cast<std::int64_t>(random_.below(3000)))));
      co_return;
    case What::die:
      script_->pop_front();
      life.works = false;
  }
}

// As a leader of the next epoch, which nothing may be written in.
Task<void> LogWorkload::take_over(Life& life) {
  ++epoch_;
  (void)fine(life, co_await life.log->assign_epoch(LeaderEpoch(epoch_), life.log->log_end()));
}

// While what is done next goes on.
void LogWorkload::begin_cleaning(Life& life, bool all) {
  if (!config_.compacts) return;
  // The high watermark is at the end of some batch.
  const Offset end = life.log->log_end();
  Offset committed = end;
  if (!all && random_.chance(1, 2) && !model_.batches().empty()) {
    committed = model_.batches()[random_.below(model_.batches().size())].last + 1;
  }
  committed = life.log->set_high_watermark(std::clamp(committed, std::min(model_.committed_end(), end), end));
  const std::int64_t now = to_epoch_millis(this_shard().wall_now());
  model_.committed(committed, now);
  if (config_.deletes) deleted_end_ = std::max(deleted_end_, committed);  // the cleaner sees to that, too
  if (life.cleaning) return;
  life.cleaning = true;
  note("clean up to " + show(committed) + " at " + std::to_string(now));
  life.tasks.spawn([&life](Cancel cancel) -> Task<void> {
    (void)co_await life.cleaner.clean_next(cancel);
    if (life.cleaner.is_uncleanable(partition()) && life.of.rot_.empty()) life.of.find("cannot be cleaned");
    life.cleaning = false;
    life.cleaned.wake_all();
  });
}

Task<void> LogWorkload::truncate(Life& life, std::optional<std::int64_t> span) {
  LogUnderTest& log = life.log;
  const CleanerManager::Pause pause = co_await life.cleaner.pause(partition());
  ++counts_.truncations;
  if (!span) {
    const std::int64_t most = std::min<std::int64_t>(log->log_end() - log->log_start(), 30);
    span = random_.between(0, std::max<std::int64_t>(most, 0));
  }
  const Offset target = log->log_end() - *span;
  // Nobody truncates below the high watermark, and the cleaner relies on it.
  if (target < log->log_start() || (config_.compacts && target < model_.committed_end())) co_return;
  // Nobody may trust what stands above, even if the crash comes now.
  if (plant_ != Plant::point_stays_when_cut) saved_.recovery = std::min(saved_.recovery, target);
  model_.truncation_begins(target);
  note("truncate " + show(log->log_end()) + " to " + show(target));
  begin_reading(life);
  const Result<bool> truncated = co_await log->truncate_to(target);
  if (!truncated.ok()) {
    (void)fine(life, truncated.error());
    life.works = false;
    co_return;
  }
  if (*truncated) model_.truncation_ends(target);
  ++epoch_;
}

// A follower that has nothing in common with its leader begins anew where that one's log begins.
Task<void> LogWorkload::restart(Life& life, Offset target) {
  LogUnderTest& log = life.log;
  const CleanerManager::Pause pause = co_await life.cleaner.pause(partition());
  ++counts_.truncations;
  restarting_at_ = target;
  saved_.recovery = std::min(saved_.recovery, target);
  saved_.log_start = std::min(saved_.log_start, target);
  saved_.clean_end.reset();
  if (config_.compacts) life.cleaner.truncated(partition(), Offset(0));
  model_.restart_begins(target);
  note("restart " + log.segments() + " at " + show(target));
  begin_reading(life);
  const Result<void> restarted = co_await log->truncate_fully_and_start_at(target);
  if (!restarted.ok()) {
    (void)fine(life, restarted);
    life.works = false;
    co_return;
  }
  model_.restart_ends(target);
  restarting_at_.reset();
  life.just_opened = false;
  death_ = LogModel::Death::none;
  note("restarted: " + log.segments());
  saved_.log_start = target;
  deleted_end_ = target;
  ++epoch_;
}

Task<void> LogWorkload::shorten(Life& life, std::optional<std::int64_t> deleted, bool expires) {
  LogUnderTest& log = life.log;
  const CleanerManager::Pause pause = co_await life.cleaner.pause(partition());
  if (!config_.compacts) log->set_high_watermark(log->log_end());
  if (!deleted && random_.chance(1, 4)) {
    const auto span = static_cast<std::uint64_t>(log->high_watermark() - log->log_start());
    deleted = static_cast<std::int64_t>(random_.below(span + 1));
  }
  if (deleted && !fine(life, co_await log->advance_log_start(log->log_start() + *deleted))) co_return;
  if (!expires) co_return;
  const Offset deleted_end = std::exchange(deleted_end_, std::max(deleted_end_, log->high_watermark()));
  note("expire " + log.segments() + " end " + show(log->log_end()));
  const Result<std::size_t> expired = co_await log->delete_old_segments();
  deleted_end_ = std::max(deleted_end, log->log_start());
  note("expired " + log.segments() + " start " + show(log->log_start()));
  if (!expired.ok()) (void)fine(life, expired.error());
}

}  // namespace ottla::storage
