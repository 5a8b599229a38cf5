#include "storage/directory/log_move.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "base/chain.h"
#include "base/mutable_buffer.h"
#include "runtime/file.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "storage/directory/common_end.h"
#include "storage/directory/log_directory.h"
#include "storage/log/stored_batch.h"

namespace ottla::storage {
namespace {

// Retention and truncation may get between any two steps, but not for ever.
constexpr std::uint32_t kMostFruitless = 16;
// A log says which epochs it has, and all of them are wanted.
constexpr LeaderEpoch kEveryEpoch(std::numeric_limits<std::int32_t>::max());

// Into memory of its own: what the log keeps in memory may be shown to others.
Task<Result<Slice>> gather(Chain chain) {
  MutableBuffer buffer = MutableBuffer::on_heap(static_cast<std::size_t>(chain.size()));
  while (!chain.empty()) {
    const auto size = static_cast<std::size_t>(chain.front().size());
    if (const Slice* const slice = chain.front().slice()) {
      buffer.append(slice->as_span());
    } else {
      const Range& range = *chain.front().range();
      auto& source = static_cast<FileRangeSource&>(range.source());
      OTTLA_CO_CHECK(co_await source.read_at(range.offset(), buffer.spare().first(size)));
      buffer.commit(size);
    }
    chain.consume(size);
  }
  co_return std::move(buffer).freeze();
}

Offset begin_of(const Log& log) {
  return std::max(log.log_start(), log.local_log_start());
}

}  // namespace

std::string_view name_of(MoveEnd end) {
  switch (end) {
    case MoveEnd::caught_up:
      return "caught_up";
    case MoveEnd::cancelled:
      return "cancelled";
    case MoveEnd::source_gone:
      return "source_gone";
    case MoveEnd::target_gone:
      return "target_gone";
    case MoveEnd::source_offline:
      return "source_offline";
    case MoveEnd::target_offline:
      return "target_offline";
    case MoveEnd::target_full:
      return "target_full";
    case MoveEnd::source_rotten:
      return "source_rotten";
    case MoveEnd::failed:
      return "failed";
  }
  return "failed";
}

std::optional<std::int64_t> LogMove::lag() const {
  Logs logs;
  if (find(logs)) return std::nullopt;
  return std::max<std::int64_t>(0, logs.source->log_end() - logs.target->log_end());
}

Task<MoveOutcome> LogMove::run(Cancel cancel) {
  const Priority before = this_shard().priority();
  this_shard().set_priority(Priority::background);
  MoveOutcome outcome = co_await copy(true, cancel);
  this_shard().set_priority(before);
  co_return outcome;
}

Task<MoveOutcome> LogMove::finish(Cancel cancel) {
  return copy(false, cancel);
}

Task<MoveOutcome> LogMove::copy(bool paced, Cancel cancel) {
  fruitless_ = 0;
  bool near = false;
  bool settled = false;
  while (true) {
    if (cancel.requested()) co_return MoveOutcome{.end = MoveEnd::cancelled};
    Logs logs;
    if (Done done = find(logs)) co_return std::move(*done);
    if (const std::optional<Cut> wanted = check(logs)) {
      if (Done done = co_await cut(*wanted)) co_return std::move(*done);
      settled = false;
      continue;
    }
    const bool all = logs.target->log_end() >= logs.source->log_end();
    if (all || (paced && near)) {
      const Offset durable = std::min(logs.source->recovery_point(), logs.target->log_end());
      if (settled && logs.target->recovery_point() >= durable) co_return MoveOutcome{};
      if (Done done = co_await settle()) co_return std::move(*done);
      settled = true;
      continue;
    }
    settled = false;
    const std::uint64_t before = copied_bytes_;
    if (Done done = co_await copy_portion(near)) co_return std::move(*done);
    if (paced && copied_bytes_ != before) (void)co_await pace_.spend(copied_bytes_ - before, cancel);
    if (this_shard().slice_spent()) co_await yield();
  }
}

LogMove::Done LogMove::find(Logs& logs) const {
  logs = {.source = logs_.find(partition_), .target = logs_.find_future(partition_)};
  if (logs.source == nullptr) return MoveOutcome{.end = MoveEnd::source_gone};
  if (logs.target == nullptr) return MoveOutcome{.end = MoveEnd::target_gone};
  if (logs.source->offline()) {
    return MoveOutcome{.end = MoveEnd::source_offline, .error = logs.source->offline()};
  }
  if (logs.target->offline()) {
    return MoveOutcome{.end = MoveEnd::target_offline, .error = logs.target->offline()};
  }
  return std::nullopt;
}

// --- Where the future log can go on -------------------------------------------------------------------------

bool LogMove::is_new_to_me(const Log& source) const {
  return seen_ != &source || seen_cuts_ != source.cuts();
}

std::optional<LogMove::Cut> LogMove::check(const Logs& logs) {
  const Log& source = *logs.source;
  const Log& target = *logs.target;
  const Offset begin = begin_of(source);
  const Offset end = target.log_end();
  if (end < begin) return Cut{.at = begin, .starts_over = true};
  if (is_new_to_me(source)) {
    // It was begun anew further down; or retention was faster here, and then little is lost.
    if (begin < target.log_start()) return Cut{.at = begin, .starts_over = true};
    const bool cannot_tell = source.epochs().empty() || target.epochs().empty();
    if (cannot_tell && target.size() > 0) {
      // Records of old formats. What is below the high watermark stays; but a log that was cut while this looked on may
      // have been written again up to anywhere.
      if (seen_ == &source) return Cut{.at = begin, .starts_over = true};
      if (target.high_watermark() < end) return Cut{.at = target.high_watermark()};
    }
  }
  const std::optional<Offset> common = common_end({.epochs = source.epochs(), .end = source.log_end()},
                                                  {.epochs = target.epochs(), .end = end});
  const Offset same = common.value_or(std::min(source.log_end(), end));
  if (same < begin && begin < end) return Cut{.at = begin, .starts_over = true};
  if (same < end) return Cut{.at = same};
  seen_ = &source;
  seen_cuts_ = source.cuts();
  return std::nullopt;
}

Task<LogMove::Done> LogMove::cut(Cut cut) {
  Logs logs;
  if (Done done = find(logs)) co_return done;
  if (cut.starts_over) {
    const Result<void> begun = co_await logs.target->truncate_fully_and_start_at(cut.at);
    co_return begun.ok() ? Done() : target_failed(begun.error());
  }
  const Result<bool> truncated = co_await logs.target->truncate_to(cut.at);
  co_return truncated.ok() ? Done() : target_failed(truncated.error());
}

// --- Copying ------------------------------------------------------------------------------------------------

Task<LogMove::Done> LogMove::copy_portion(bool& is_last) {
  Logs logs;
  if (Done done = find(logs)) co_return done;
  const Log* const source = logs.source;
  const std::uint64_t cuts = source->cuts();
  const Offset end = source->log_end();
  // More than a segment holds cannot be appended at once.
  const auto segment = static_cast<std::uint64_t>(logs.target->config().segment_bytes);
  const std::uint64_t most = std::min(pace_.portion(options_.portion_bytes), segment);
  Result<Fetched> fetched = co_await logs.source->read({.start = logs.target->log_end(), .max_bytes = most});
  Result<Slice> bytes =
      fetched.ok() ? co_await gather(std::move(fetched->records)) : Result<Slice>(fetched.error());
  const bool was_cut = logs_.find(partition_) != source || source->cuts() != cuts;
  if (!bytes.ok()) co_return source_failed(bytes.error(), was_cut);
  if (was_cut) co_return try_again(Errc::truncated);
  is_last = fetched->next >= end;
  if (bytes->empty()) co_return co_await skip_to(end);
  const Result<StoredBatch> first =
      read_stored_batch(bytes->as_span().first(std::min(bytes->size(), kBatchHeaderSize)), 0);
  if (!first.ok()) co_return source_failed(first.error(), was_cut);
  if (Done done = co_await make_way(first->base_offset)) co_return done;
  co_return co_await append(std::move(*bytes));
}

// The first batch of all may begin before the log does, when records were deleted out of its middle.
Task<LogMove::Done> LogMove::make_way(Offset first) {
  Logs logs;
  if (Done done = find(logs)) co_return done;
  if (logs.target->size() > 0 || logs.target->log_end() <= first) co_return Done();
  const Result<void> begun = co_await logs.target->truncate_fully_and_start_at(first);
  co_return begun.ok() ? Done() : target_failed(begun.error());
}

Task<LogMove::Done> LogMove::append(Slice bytes) {
  Logs logs;
  if (Done done = find(logs)) co_return done;
  const Log* const source = logs.source;
  const std::uint64_t cuts = source->cuts();
  const Offset before = logs.target->log_end();
  const std::uint64_t size = bytes.size();
  const AppendOutcome appended =
      co_await logs.target->append_as_follower(ExclusiveBytes(std::move(bytes)), kEveryEpoch);
  if (Done done = find(logs)) co_return done;
  // Readers at the tail of other logs need the memory more.
  logs.target->forget_recent();
  const bool was_cut = logs.source != source || source->cuts() != cuts;
  if (!appended.ok()) co_return refused(appended, was_cut);
  if (logs.target->log_end() <= before) {
    co_return source_failed(Error(Errc::corrupt, "no whole batch of " + partition_.to_string() +
                                                     " at offset " + before.to_string()),
                            was_cut);
  }
  fruitless_ = 0;
  copied_bytes_ += size;
  co_return co_await follow_marks();
}

// Compaction left no batch up to the log's end, which has to be the same all the same: offsets are used once.
Task<LogMove::Done> LogMove::skip_to(Offset end) {
  Logs logs;
  if (Done done = find(logs)) co_return done;
  if (logs.source->log_end() != end) co_return try_again(Errc::truncated);
  const Result<void> skipped = co_await logs.target->skip_to(end);
  co_return skipped.ok() ? Done() : target_failed(skipped.error());
}

// --- Catching up --------------------------------------------------------------------------------------------

Task<LogMove::Done> LogMove::follow_marks() {
  Logs logs;
  if (Done done = find(logs)) co_return done;
  const Offset high = logs.target->set_high_watermark(logs.source->high_watermark());
  const Offset begin = std::min(begin_of(*logs.source), high);
  if (begin <= logs.target->log_start()) co_return Done();
  const Result<void> advanced = co_await logs.target->advance_log_start(begin);
  co_return advanced.ok() ? Done() : target_failed(advanced.error());
}

// Epochs without records, those that compaction left none of, and those that began before the records did.
Task<LogMove::Done> LogMove::copy_epochs() {
  Logs logs;
  if (Done done = find(logs)) co_return done;
  const std::vector<EpochEntry> wanted =
      logs.source->epochs().entries_between(logs.target->log_start(), logs.target->log_end() + 1);
  const auto have = logs.target->epochs().entries();
  const auto differ = std::ranges::mismatch(wanted, have).in1;
  for (auto entry = differ; entry != wanted.end(); ++entry) {
    const Result<void> assigned = co_await logs.target->assign_epoch(entry->epoch, entry->start);
    if (!assigned.ok()) co_return target_failed(assigned.error());
    if (Done done = find(logs)) co_return done;
  }
  co_return Done();
}

Task<LogMove::Done> LogMove::settle() {
  if (Done done = co_await follow_marks()) co_return done;
  if (Done done = co_await copy_epochs()) co_return done;
  Logs logs;
  if (Done done = find(logs)) co_return done;
  const Result<void> flushed = co_await logs.target->flush_until(logs.source->recovery_point());
  co_return flushed.ok() ? Done() : target_failed(flushed.error());
}

// --- What can go wrong --------------------------------------------------------------------------------------

LogMove::Done LogMove::try_again(Error error) {
  if (++fruitless_ < kMostFruitless) return std::nullopt;
  return MoveOutcome{.end = error == Errc::closed ? MoveEnd::source_gone : MoveEnd::failed,
                     .error = std::move(error)};
}

LogMove::Done LogMove::source_failed(Error error, bool was_cut) {
  if (is_disk_failure(error.code())) {
    return MoveOutcome{.end = MoveEnd::source_offline, .error = std::move(error)};
  }
  // Segments and their files go away under a reader's feet.
  if (was_cut || error == Errc::closed || error == Errc::not_found) return try_again(std::move(error));
  const bool rotten = error == Errc::corrupt || error == Errc::truncated;
  return MoveOutcome{.end = rotten ? MoveEnd::source_rotten : MoveEnd::failed, .error = std::move(error)};
}

LogMove::Done LogMove::target_failed(Error error) {
  if (error == Errc::closed) return MoveOutcome{.end = MoveEnd::target_gone, .error = std::move(error)};
  if (error == Errc::no_space) return MoveOutcome{.end = MoveEnd::target_full, .error = std::move(error)};
  const bool disk = is_disk_failure(error.code());
  return MoveOutcome{.end = disk ? MoveEnd::target_offline : MoveEnd::failed, .error = std::move(error)};
}

LogMove::Done LogMove::refused(const AppendOutcome& appended, bool was_cut) {
  if (appended.error() != nullptr) return target_failed(*appended.error());
  const record::Rejection* const rejection = appended.rejection();
  if (rejection == nullptr) {
    return MoveOutcome{.end = MoveEnd::failed,
                       .error = Error(Errc::invalid_argument, appended.producer_rejection()->message)};
  }
  Error error(Errc::corrupt, "copy " + partition_.to_string() + ": " + rejection->message);
  if (was_cut) return try_again(std::move(error));
  const bool unexpected = rejection->reason == record::RejectReason::unexpected_offset;
  return MoveOutcome{.end = unexpected ? MoveEnd::failed : MoveEnd::source_rotten, .error = std::move(error)};
}

}  // namespace ottla::storage
