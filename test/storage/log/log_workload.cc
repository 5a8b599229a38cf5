#include "test/storage/log/log_workload.h"

#include <algorithm>

#include "record/control_record.h"
#include "storage/log/index_state.h"

namespace ottla::storage {
namespace {

constexpr std::int64_t kProducers = 3;

std::string show(Offset offset) {
  return offset.to_string();
}

}  // namespace

LogWorkload::LogWorkload(std::uint64_t seed, Plant plant)
    : seed_(seed), plant_(plant), random_(seed), config_(draw_config()) {}

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
  return config;
}

void LogWorkload::find(std::string what) {
  what = "life " + std::to_string(counts_.lives) + ": " + std::move(what);
  for (const std::string& event : notes_) what += "\n    " + event;
  findings_.push_back(std::move(what));
}

void LogWorkload::note(std::string what) {
  notes_.push_back(std::move(what));
  if (notes_.size() > 25) notes_.pop_front();
}

Task<int> LogWorkload::main(Process& process, Cancel cancel) {
  ++counts_.lives;
  side_by_side_ = random_.chance(1, 2);
  const std::unique_ptr<FileSystem> broken = break_doors(process.shard(ShardId(0)).files(), plant_, seed_);
  LogUnderTest log(Place{"/place"}, config_, 8, random_.chance(1, 2) ? 1 << 20 : 3000, broken.get());
  log.recovery_point = plant_ == Plant::recovery_point_ahead ? model_.next() : saved_recovery_;
  log.log_start = saved_start_;
  log.clean = clean_ || (plant_ == Plant::clean_after_a_crash && death_ != LogModel::Death::none);
  log.producers = {.verifies_transactions = false};
  clean_ = false;
  note("life " + std::to_string(counts_.lives) + " after death " + std::to_string(static_cast<int>(death_)) +
       (log.clean ? ", clean" : "") + ", recovery point " + show(saved_recovery_));
  const std::string opened = co_await log.try_open();
  if (opened == "ok") {
    std::string shape = "opened " + show(log->log_start()) + " to " + show(log->log_end()) + ":";
    for (const auto& segment : log->segments()) {
      shape += " " + show(segment->base_offset()) + "+" + std::to_string(segment->size());
    }
    note(std::move(shape));
  }
  if (opened != "ok") {
    // A broken disk may refuse; a whole one may not.
    if (opened != "io_error" && opened != "no_space" && opened != "sync_failed")
      find("cannot be opened: " + opened);
    co_await log.end_closed();
    co_return 0;
  }
  just_opened_ = true;
  saved_recovery_ = std::min(saved_recovery_, log->recovery_point());  // as load_directory sees to it
  co_await check(log);
  bool works = true;
  while (works && !cancel.requested() && findings_.empty()) works = co_await act(log);
  if (works && findings_.empty()) {
    co_await check(log);
    saved_start_ = log->log_start();
    const Offset end = log->log_end();
    const Result<void> closed = co_await log->close();
    note("closed at " + show(end) + (closed.ok() ? "" : ": " + closed.error().to_string()));
    if (closed.ok()) {
      saved_recovery_ = end;
      model_.flushed(end);
      clean_ = true;
    }
  } else {
    co_await log->abandon();
    died(LogModel::Death::process);
  }
  co_await log.end_closed();
  co_return 0;
}

// --- What it shows ------------------------------------------------------------------------------------------

Task<void> LogWorkload::check(LogUnderTest& log) {
  co_await check_batches(log);
  if (!findings_.empty()) co_return;
  log->set_high_watermark(log->log_end());
  co_await check_indexes(log);
  co_await check_lookups(log);
  co_await check_transactions(log);
}

Task<void> LogWorkload::check_batches(LogUnderTest& log) {
  const std::vector<ModelBatch>& expected = model_.batches();
  std::size_t index = model_.index_of(log->log_start());
  Offset at = log->log_start();
  if (at < saved_start_) find("begins at " + show(at) + ", below " + show(saved_start_));
  const bool files_only = random_.chance(1, 2);
  if (files_only) log.forget_recent();
  const std::uint64_t max_bytes = 1 + random_.below(4000);
  while (at < log->log_end()) {
    const Result<Fetched> fetched = co_await log->read({.start = at, .max_bytes = max_bytes});
    if (!fetched.ok()) co_return find("cannot read at " + show(at) + ": " + fetched.error().to_string());
    const std::string bytes = co_await bytes_of(fetched->records.clone());
    if (bytes.empty()) break;
    std::string_view left = bytes;
    while (!left.empty()) {
      if (index == expected.size()) co_return find("more than was ever appended at " + show(at));
      const ModelBatch& batch = expected[index];
      if (!left.starts_with(batch.bytes)) {
        const auto differs = std::ranges::mismatch(left, batch.bytes).in2 - batch.bytes.begin();
        co_return find("other bytes than were appended at " + show(batch.base) + ", from byte " +
                       std::to_string(differs) + " of " + std::to_string(batch.bytes.size()) +
                       (files_only ? ", in files" : "") + ": " + describe(std::as_bytes(std::span(left))));
      }
      left.remove_prefix(batch.bytes.size());
      ++index;
    }
    at = fetched->next;
  }
  const std::size_t must = model_.must_have(death_);
  if (index < must) {
    co_return find("has " + std::to_string(index) + " batches of " + std::to_string(must) + " after death " +
                   std::to_string(static_cast<int>(death_)));
  }
  // Where a truncation met the inside of a batch, the end is remembered by the process alone.
  if (death_ != LogModel::Death::none || just_opened_) {
    if (log->log_end() > model_.next()) co_return find("goes on at " + show(log->log_end()));
    counts_.recovered += index;
    counts_.lost += expected.size() - index;
    model_.came_back(index, log->log_end());
  } else if (log->log_end() != model_.next()) {
    find("ends at " + show(log->log_end()) + ", not at " + show(model_.next()));
  }
  just_opened_ = false;
  death_ = LogModel::Death::none;
}

// An index made anew has the entries that one kept online has.
Task<void> LogWorkload::check_indexes(LogUnderTest& log) {
  for (const auto& segment : log->segments()) {
    const Result<void> loaded = co_await segment->load_indexes();
    if (!loaded.ok()) co_return find("cannot load indexes: " + loaded.error().to_string());
    IndexState state;
    std::uint64_t position = 0;
    std::uint32_t entries = 0;
    for (std::size_t i = model_.index_of(segment->base_offset());
         i < model_.batches().size() && position < segment->size(); ++i) {
      const ModelBatch& batch = model_.batches()[i];
      StoredBatch stored;
      stored.position = position;
      stored.max_timestamp = batch.timestamp;
      state.note(stored, static_cast<std::uint64_t>(config_.index_interval_bytes));
      if (state.offset_entries != entries) {
        if (entries >= segment->offsets().count()) {
          co_return find("segment " + show(segment->base_offset()) + " of " +
                         std::to_string(segment->size()) + " bytes lacks index entry " +
                         std::to_string(entries) + " at " + std::to_string(position));
        }
        const Result<OffsetPosition> entry = co_await segment->offsets().entry(entries);
        if (!entry.ok() || entry->offset != batch.last || entry->position != position) {
          co_return find("index entry " + std::to_string(entries) + " of segment " +
                         show(segment->base_offset()) + " is wrong");
        }
        entries = state.offset_entries;
      }
      position += batch.bytes.size();
    }
    if (segment->offsets().count() != entries) {
      co_return find("the index of segment " + show(segment->base_offset()) + " has " +
                     std::to_string(segment->offsets().count()) + " entries, not " + std::to_string(entries));
    }
  }
}

Task<void> LogWorkload::check_lookups(LogUnderTest& log) {
  if (model_.batches().empty()) co_return;
  for (int i = 0; i < 4; ++i) {
    const ModelBatch& some = model_.batches()[random_.below(model_.batches().size())];
    const std::int64_t time = some.timestamp + random_.between(-2, 2);
    const auto found = co_await log->offset_for_timestamp(time);
    if (!found.ok()) co_return find("no lookup by time: " + found.error().to_string());
    const std::optional<Offset> expected = model_.first_at(time, log->log_start());
    const std::optional<Offset> got = *found ? std::optional((*found)->offset) : std::nullopt;
    if (got != expected) {
      co_return find("time " + std::to_string(time) + " is at " + (got ? show(*got) : "none") + ", not at " +
                     (expected ? show(*expected) : "none"));
    }
  }
}

Task<void> LogWorkload::check_transactions(LogUnderTest& log) {
  if (log->log_start() != Offset(0)) co_return;  // what was deleted is known to the model alone
  const Offset stable = model_.first_open_transaction();
  if (log->last_stable_offset() != stable) {
    co_return find("the last stable offset is " + show(log->last_stable_offset()) + ", not " + show(stable));
  }
  if (log->producers().encode_snapshot().as_string_view() != model_.snapshot()) {
    co_return find("producers are not what their batches make them");
  }
  if (stable == Offset(0)) co_return;
  const Offset start(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(stable.raw()))));
  const Result<Fetched> fetched = co_await log->read(
      {.start = start, .max_bytes = random_.below(5000), .isolation = Isolation::committed});
  if (!fetched.ok()) co_return find("cannot read what is committed: " + fetched.error().to_string());
  std::vector<AbortedTransaction> aborted = fetched->aborted;
  for (AbortedTransaction& one : aborted) one.last_stable_offset = {};
  if (fetched->records.empty()) co_return;
  if (aborted != model_.aborted_in(start, fetched->next)) {
    find("aborted transactions from " + show(start) + " to " + show(fetched->next) +
         " are wrong: " + std::to_string(aborted.size()));
  }
}

// --- What is done -------------------------------------------------------------------------------------------

bool LogWorkload::fine(const Result<void>& result) {
  if (result.ok()) return true;
  ++counts_.refused;
  note("refused: " + result.error().to_string());
  const Errc code = result.error().code();
  if (code != Errc::no_space && code != Errc::io_error && code != Errc::sync_failed) {
    find("failed: " + result.error().to_string());
  }
  return code == Errc::no_space;
}

Task<bool> LogWorkload::act(LogUnderTest& log) {
  const std::uint64_t what = random_.below(100);
  if (what < 55) co_return co_await append_some(log);
  if (what < 65) {
    const Offset end = log->log_end();
    const Result<void> flushed = co_await log->flush();
    if (flushed.ok()) model_.flushed(end);
    co_return fine(flushed);
  }
  if (what < 70) {
    note("roll at " + show(log->log_end()));
    co_return fine(co_await log->roll());
  }
  if (what < 76) co_return co_await truncate(log);
  if (what < 82) co_return co_await shorten(log);
  if (what < 90) {
    saved_recovery_ = log->recovery_point();
    saved_start_ = log->log_start();
    co_return true;
  }
  if (what < 94) {
    co_await check(log);
    co_return true;
  }
  (void)co_await sleep_for(std::chrono::microseconds(random_.below(3000)));
  co_return true;
}

ModelBatch LogWorkload::draw_batch() {
  const bool has_producer = random_.chance(1, 2);
  ModelBatch batch;
  batch.base = model_.next();
  batch.timestamp = to_epoch_millis(this_shard().wall_now()) + random_.between(-5, 5);
  batch.epoch = epoch_;
  record::BatchOptions options{.base_offset = batch.base, .leader_epoch = epoch_};
  if (has_producer) {
    batch.producer = random_.between(1, kProducers);
    options.producer_id = batch.producer;
    options.producer_epoch = 0;
    options.base_sequence = model_.next_sequence(batch.producer);
    options.transactional = batch.producer == 1 || model_.open_transaction_of(batch.producer).has_value();
    if (options.transactional) batch.kind = ModelBatch::Kind::in_transaction;
  }
  record::BatchBuilder builder(options);
  const auto count = static_cast<std::int32_t>(random_.between(1, 4));
  const std::string value = contract::pattern(random_.below(300), static_cast<unsigned>(random_.next()));
  for (std::int32_t i = 0; i < count; ++i) {
    builder.append({.timestamp = batch.timestamp, .value = std::as_bytes(std::span(value))});
  }
  batch.bytes = std::string(std::move(builder).finish().as_string_view());
  batch.last = batch.base + (count - 1);
  if (has_producer) batch.last_sequence = options.base_sequence + count - 1;
  return batch;
}

ModelBatch LogWorkload::draw_marker(std::int64_t producer) {
  const bool commit = random_.chance(1, 2);
  ModelBatch batch{.base = model_.next(),
                   .last = model_.next(),
                   .timestamp = to_epoch_millis(this_shard().wall_now()),
                   .epoch = epoch_,
                   .bytes = {},
                   .producer = producer,
                   .kind = commit ? ModelBatch::Kind::commit : ModelBatch::Kind::abort};
  batch.bytes = std::string(record::end_marker_batch({.offset = batch.base,
                                                      .leader_epoch = epoch_,
                                                      .timestamp = batch.timestamp,
                                                      .producer_id = producer,
                                                      .producer_epoch = 0},
                                                     {.committed = commit, .coordinator_epoch = 0})
                                .as_string_view());
  return batch;
}

Task<bool> LogWorkload::append_one(LogUnderTest& log, ModelBatch batch, AppendTerms terms) {
  std::string bytes = batch.bytes;
  std::fill(bytes.begin(), bytes.begin() + 8, '\0');  // the log gives the offset
  const Offset base = batch.base;
  const Offset last = batch.last;
  model_.attempt(std::move(batch));
  const AppendOutcome outcome =
      co_await log->append_as_leader(ExclusiveBytes(Slice::copy_of(bytes)), LeaderEpoch(epoch_), terms);
  if (outcome.ok()) {
    ++counts_.appended;
    if (outcome.info().first_offset != base || outcome.info().last_offset != last) {
      find("appended at " + show(outcome.info().first_offset) + ", not at " + show(base));
    }
    model_.answer(last);
    if (config_.flush_messages == 1) model_.flushed(last + 1);
    co_return true;
  }
  if (outcome.error() == nullptr) {
    find("refused: " + (outcome.rejection() != nullptr ? outcome.rejection()->message
                                                       : outcome.producer_rejection()->message));
    co_return false;
  }
  co_return fine(*outcome.error());
}

Task<bool> LogWorkload::append_some(LogUnderTest& log) {
  if (random_.chance(1, 10)) ++epoch_;
  const bool alone = !side_by_side_ || random_.chance(1, 3);
  const std::uint64_t count = alone ? 1 : 2 + random_.below(11);
  bool works = true;
  TaskGroup group;
  for (std::uint64_t i = 0; i < count; ++i) {
    const auto producer = random_.between(1, kProducers);
    const bool ends = model_.open_transaction_of(producer).has_value() && random_.chance(1, 2);
    ModelBatch batch = ends ? draw_marker(producer) : draw_batch();
    const std::size_t before = model_.batches().size();
    if (alone) {
      works = co_await append_one(log, std::move(batch), {.origin = record::AppendOrigin::coordinator});
      // A failed flush leaves what was appended; a failed write does not.
      const bool there = log->log_end() == model_.next();
      if (model_.batches().size() > before && !there && !log->offline()) model_.take_back();
      break;
    }
    // Offsets are drawn in the order in which the turns are taken: each begins before the next is drawn.
    group.spawn([this, &log, &works, batch = std::move(batch)](Cancel) mutable -> Task<void> {
      works &= co_await append_one(log, std::move(batch), {.origin = record::AppendOrigin::coordinator});
    });
    co_await yield();
  }
  co_await group.wait();
  co_return works && !log->offline();
}

Task<bool> LogWorkload::truncate(LogUnderTest& log) {
  ++counts_.truncations;
  const std::int64_t span = std::min<std::int64_t>(log->log_end() - log->log_start(), 30);
  const Offset target = log->log_end() - random_.between(0, std::max<std::int64_t>(span, 0));
  if (target < log->log_start()) co_return true;
  // Nobody may trust what stands above, even if the crash comes now.
  saved_recovery_ = std::min(saved_recovery_, target);
  model_.truncation_begins(target);
  note("truncate " + show(log->log_end()) + " to " + show(target));
  const Result<bool> truncated = co_await log->truncate_to(target);
  if (!truncated.ok()) co_return fine(truncated.error()) && false;
  if (*truncated) model_.truncation_ends(target);
  ++epoch_;
  co_return true;
}

Task<bool> LogWorkload::shorten(LogUnderTest& log) {
  log->set_high_watermark(log->log_end());
  if (random_.chance(1, 4)) {
    const auto span = static_cast<std::uint64_t>(log->log_end() - log->log_start());
    const Offset start = log->log_start() + static_cast<std::int64_t>(random_.below(span + 1));
    const Result<void> advanced = co_await log->advance_log_start(start);
    if (!advanced.ok()) co_return fine(advanced);
  }
  note("expire " + log.segments() + " end " + show(log->log_end()));
  const Result<std::size_t> deleted = co_await log->delete_old_segments();
  note("expired " + log.segments() + " start " + show(log->log_start()));
  if (!deleted.ok()) co_return fine(deleted.error());
  co_return true;
}

}  // namespace ottla::storage
