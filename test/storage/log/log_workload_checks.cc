// What a log shows, held against the model.
#include <algorithm>
#include <set>
#include <utility>

#include "record/batch_records.h"
#include "storage/log/index_state.h"
#include "test/storage/log/log_workload.h"

namespace ottla::storage {
namespace {

std::string show(Offset offset) {
  return offset.to_string();
}

std::span<const std::byte> span_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

bool same(const std::optional<std::string>& expected, const std::optional<std::span<const std::byte>>& got) {
  if (expected.has_value() != got.has_value()) return false;
  return !expected || std::ranges::equal(span_of(*expected), *got);
}

}  // namespace

Task<void> LogWorkload::check(Life& life) {
  co_await check_batches(life);
  if (!life.works || !good()) co_return;
  // Segments stay what they are for the rest.
  const CleanerManager::Pause pause = co_await life.cleaner.pause({"topic", PartitionId(0)});
  if (config_.compacts) co_await read_all(life);
  if (!life.works || !good()) co_return;
  if (!config_.compacts) life.log->set_high_watermark(life.log->log_end());
  co_await check_indexes(life);
  if (life.works && good()) co_await check_lookups(life);
  if (life.works && good()) co_await check_producers(life);
  if (life.works && good()) co_await check_committed(life);
}

// --- Batches ------------------------------------------------------------------------------------------------

Task<void> LogWorkload::check_batches(Life& life) {
  Log& log = *life.log;
  const bool reopened = std::exchange(life.just_opened, false);
  if (log.log_start() < saved_.log_start)
    co_return find("begins at " + show(log.log_start()) + ", below " + show(saved_.log_start));
  const Offset may_begin = std::max({saved_.log_start, deleted_end_, restarting_at_.value_or(Offset(0))});
  if (reopened && log.log_start() > may_begin)
    co_return find("begins at " + show(log.log_start()) + ", and nobody deleted what lies before");
  const Offset clean_end = model_.clean_end();  // a cleaning may end while it is read
  if (!co_await read_all(life)) {
    life.just_opened = reopened;
    co_return;
  }
  const Offset end = log.log_end();
  const bool settled = model_.settled() == model_.batches().size();
  if (end > model_.next()) co_return find("goes on at " + show(end) + ", not at " + show(model_.next()));
  if (!judge_losses(end)) co_return;
  // Where a truncation met the inside of a batch, the end is remembered by the process alone.
  if (reopened || !settled) {
    counts_.recovered += shown_.size();
    counts_.lost += model_.batches().size() - model_.index_of(end);
    model_.came_back(log.log_start(), end, came_at_);
  } else if (end != model_.next()) {
    co_return find("ends at " + show(end) + ", not at " + show(model_.next()));
  }
  death_ = LogModel::Death::none;
  if (!config_.compacts || !judge_compaction(std::min(clean_end, model_.clean_end()))) co_return;
  judge_last_sequences(log.log_start());
}

// False when something is wrong, with the log or with the disk.
Task<bool> LogWorkload::read_all(Life& life) {
  Log& log = *life.log;
  shown_.clear();
  came_at_.clear();
  const bool files_only = random_.chance(1, 2);
  if (files_only) log.forget_recent();
  const std::uint64_t max_bytes = 1 + random_.below(4000);
  for (Offset at = log.log_start(); at < log.log_end();) {
    const Result<Fetched> fetched = co_await log.read({.start = at, .max_bytes = max_bytes});
    if (!fetched.ok() && at < log.log_start()) {  // the cleaner lets retention at the log meanwhile
      shown_.clear();
      came_at_.clear();
      at = log.log_start();
      continue;
    }
    if (!fine(life, fetched.ok() ? Result<void>() : fetched.error())) co_return false;
    const Result<std::string> bytes = co_await try_bytes_of(fetched->records.clone());
    if (!fine(life, bytes.ok() ? Result<void>() : bytes.error())) co_return false;
    if (bytes->empty()) break;
    for (std::string_view left = *bytes; !left.empty();) {
      std::size_t taken = 0;
      if (!take_shown(left, taken)) {
        note(files_only ? "read in files" : "read in memory or files");
        co_return false;
      }
      left.remove_prefix(taken);
    }
    at = fetched->next;
  }
  co_return true;
}

bool LogWorkload::take_shown(std::string_view left, std::size_t& taken) {
  const Result<record::BatchView> batch = record::BatchView::first_of(span_of(left));
  const Offset behind = shown_.empty() ? Offset(0) : shown_.back().last + 1;
  if (!batch.ok() || !batch->crc_holds()) {
    find("no good batch behind " + show(behind));
    return false;
  }
  taken = batch->size();
  const Offset base = batch->base_offset();
  if (base < behind) {
    find("batch " + show(base) + " stands behind " + show(behind));
    return false;
  }
  const std::string_view bytes = left.substr(0, taken);
  std::optional<Shown> taken_in = take_settled(*batch, bytes);
  if (!taken_in) taken_in = take_unsettled(base, bytes);
  if (!taken_in) {
    find("other bytes than were appended at " + show(base) + ": " + describe(span_of(bytes)));
    return false;
  }
  taken_in->base = base;
  taken_in->last = *batch->last_offset();
  taken_in->size = taken;
  taken_in->max_timestamp = batch->max_timestamp();
  shown_.push_back(std::move(*taken_in));
  return true;
}

std::optional<LogWorkload::Shown> LogWorkload::take_settled(const record::BatchView& batch,
                                                            std::string_view bytes) {
  const std::size_t number = model_.index_of(batch.base_offset());
  if (number >= model_.settled()) return std::nullopt;
  if (model_.batches()[number].bytes == bytes) return Shown{.number = number};
  return config_.compacts ? take_cleaned(batch, number) : std::nullopt;
}

// Who was refused may stand there or not, and moves up who comes behind.
std::optional<LogWorkload::Shown> LogWorkload::take_unsettled(Offset base, std::string_view bytes) {
  const std::size_t from = came_at_.empty() ? model_.settled() : came_at_.rbegin()->first + 1;
  // Two markers may be the same but for their places.
  for (const bool answered : {true, false}) {
    for (std::size_t i = from; i < model_.batches().size(); ++i) {
      const ModelBatch& batch = model_.batches()[i];
      if (batch.answered != answered || (answered && batch.base != base)) continue;
      if (!batch.same_but_offset(bytes)) continue;
      came_at_[i] = base;
      Shown shown;
      shown.number = i;
      return shown;
    }
  }
  return std::nullopt;
}

// What compaction left: the header, and some of the records.
std::optional<LogWorkload::Shown> LogWorkload::take_cleaned(const record::BatchView& batch,
                                                            std::size_t number, bool at_its_place) {
  const ModelBatch& original = model_.batches()[number];
  const auto header = record::BatchView::first_of(span_of(original.bytes)).value();
  if (at_its_place &&
      (batch.base_offset() != original.base || batch.leader_epoch() != header.leader_epoch())) {
    return std::nullopt;
  }
  if (batch.last_offset_delta() != header.last_offset_delta() ||
      batch.producer_id() != header.producer_id() || batch.producer_epoch() != header.producer_epoch() ||
      batch.base_sequence() != header.base_sequence() ||
      batch.attributes().is_control() != header.attributes().is_control() ||
      batch.attributes().is_transactional() != header.attributes().is_transactional()) {
    return std::nullopt;
  }
  Shown left{.number = number, .whole = false};
  record::CodecPool codecs;
  Result<record::BatchRecords> records = record::BatchRecords::of(batch, codecs, {});
  if (!records.ok()) return std::nullopt;
  while (true) {
    const auto record = records->next();
    if (!record.ok()) return std::nullopt;
    if (!*record) return left;
    const std::int64_t delta = (*record)->offset_delta;
    left.records.push_back(original.base + delta);
    if (original.is_marker()) continue;
    if (delta < 0 || delta >= static_cast<std::int64_t>(original.records.size())) return std::nullopt;
    const ModelRecord& expected = original.records[static_cast<std::size_t>(delta)];
    if (!same(expected.key, (*record)->key) || !same(expected.value, (*record)->value) ||
        batch.timestamp_at((*record)->timestamp_delta) != original.timestamp) {
      return std::nullopt;
    }
  }
}

// D1, D15: what is missing at the end, or in the middle, must be what a death may take. Compaction is another matter.
bool LogWorkload::judge_losses(Offset end) {
  std::size_t next = 0;
  for (const Shown& shown : shown_) {
    // A flush that failed leaves what was appended; a write does not.
    const ModelBatch& batch = model_.batches()[shown.number];
    if (batch.refused && death_ == LogModel::Death::none && config_.flush_messages == INT64_MAX) {
      find("has " + show(batch.base) + ", which was refused");
    }
  }
  std::size_t i = shown_.empty() ? model_.index_of(end) : shown_.front().number;
  if (shown_.empty() && i < model_.settled() && model_.batches()[i].base < end)
    ++i;  // the log begins inside of it
  for (; i < model_.batches().size(); ++i) {
    while (next < shown_.size() && shown_[next].number < i) ++next;
    if (next < shown_.size() && shown_[next].number == i) continue;
    const ModelBatch& batch = model_.batches()[i];
    if (config_.compacts && i < model_.settled() && batch.base < end) continue;
    const bool in_the_middle = i < model_.settled() && batch.base < end;
    if (!in_the_middle && !model_.must_stand(batch, death_)) continue;
    find("has lost " + show(batch.base) + " after death " + std::to_string(static_cast<int>(death_)) +
         ", and ends at " + show(end));
    return false;
  }
  return good();
}

// D14
bool LogWorkload::judge_compaction(Offset clean_end) {
  const CompactionModel may(model_, clean_end,
                            {.retention_millis = config_.delete_retention_ms.count(),
                             .now_millis = to_epoch_millis(this_shard().wall_now())});
  const auto wrong = [this](const char* what, const ModelBatch& batch, std::size_t record) {
    find(std::string(what) + " " + show(batch.base + static_cast<std::int64_t>(record)) +
         (record < batch.records.size() ? " " + batch.records[record].key : " marker") +
         ", committed below " + show(model_.committed_end()) + ", clean below " + show(model_.clean_end()));
    return false;
  };
  std::size_t next = shown_.empty() ? model_.batches().size() : model_.index_of(shown_.front().base);
  for (const Shown& shown : shown_) {
    const std::size_t number = model_.index_of(shown.base);  // others may have gone since it was looked at
    for (; next < number; ++next) {
      if (!may.may_be_gone(next)) return wrong("compaction took", model_.batches()[next], 0);
    }
    next = number + 1;
    const ModelBatch& batch = model_.batches()[number];
    for (std::size_t j = 0; j < batch.records.size(); ++j) {
      const Offset offset = batch.base + static_cast<std::int64_t>(j);
      const bool there = shown.whole || std::ranges::binary_search(shown.records, offset);
      if (there && offset >= deleted_end_ && may.must_be_gone(number, j))
        return wrong("compaction left", batch, j);
      if (!there && !may.may_be_gone(number, j)) return wrong("compaction took", batch, j);
    }
  }
  for (; next < model_.batches().size(); ++next) {
    if (!may.may_be_gone(next)) return wrong("compaction took", model_.batches()[next], 0);
  }
  return true;
}

// Of each producer the last batch stays, if only as a header, so that its sequences can be learned again. Once batches
// were lost behind it, it may have gone before it was the last.
void LogWorkload::judge_last_sequences(Offset log_start) {
  for (std::int64_t producer = 1; producer <= 3; ++producer) {
    const ModelBatch* const last = model_.last_of(producer);
    if (last == nullptr || model_.lost_batches(producer) || last->base < std::max(log_start, deleted_end_))
      continue;
    if (!std::ranges::binary_search(shown_, last->base, {}, &Shown::base)) {
      find("the last batch of producer " + std::to_string(producer) + " is gone: " + show(last->base));
    }
  }
}

// --- Indexes ------------------------------------------------------------------------------------------------

// An index made anew has the entries that one kept online has.
Task<void> LogWorkload::check_indexes(Life& life) {
  for (const auto& segment : life.log->segments()) {
    // Of what lies before the log's start in a compacted segment nobody knows what it is.
    if (config_.compacts && segment->base_offset() < life.log->log_start()) continue;
    co_await check_index(life, *segment);
    if (!life.works || !good()) co_return;
  }
}

Task<void> LogWorkload::check_index(Life& life, Segment& segment) {
  if (!fine(life, co_await segment.load_indexes())) co_return;
  std::vector<std::pair<Offset, StoredBatch>> batches;
  std::uint64_t position = 0;
  const auto add = [&](Offset last, std::size_t size, std::int64_t timestamp) {
    if (position >= segment.size()) return;
    StoredBatch stored;
    stored.position = position;
    stored.max_timestamp = timestamp;
    batches.emplace_back(last, stored);
    position += size;
  };
  if (config_.compacts) {
    for (const Shown& shown : shown_) {
      if (shown.base >= segment.base_offset()) add(shown.last, shown.size, shown.max_timestamp);
    }
  } else {
    for (std::size_t i = model_.index_of(segment.base_offset()); i < model_.batches().size(); ++i) {
      const ModelBatch& batch = model_.batches()[i];
      add(batch.last, batch.bytes.size(), batch.timestamp);
    }
  }
  IndexState state;
  std::uint32_t entries = 0;
  const std::string name = "segment " + show(segment.base_offset());
  for (const auto& [last, stored] : batches) {
    state.note(stored, static_cast<std::uint64_t>(config_.index_interval_bytes));
    if (state.offset_entries == entries) continue;
    if (entries >= segment.offsets().count()) {
      co_return find(name + " of " + std::to_string(segment.size()) + " bytes lacks index entry " +
                     std::to_string(entries) + " at " + std::to_string(stored.position));
    }
    const Result<OffsetPosition> entry = co_await segment.offsets().entry(entries);
    if (!fine(life, entry.ok() ? Result<void>() : entry.error())) co_return;
    if (entry->offset != last || entry->position != stored.position) {
      co_return find("index entry " + std::to_string(entries) + " of " + name + " is " + show(entry->offset) +
                     " at " + std::to_string(entry->position) + ", not " + show(last) + " at " +
                     std::to_string(stored.position));
    }
    entries = state.offset_entries;
  }
  if (segment.offsets().count() != entries) {
    co_return find("the index of " + name + " has " + std::to_string(segment.offsets().count()) +
                   " entries, not " + std::to_string(entries));
  }
}

std::optional<Offset> LogWorkload::first_shown_at(std::int64_t timestamp, Offset from) const {
  for (const Shown& shown : shown_) {
    if (model_.batches()[model_.index_of(shown.base)].timestamp < timestamp) continue;
    if (shown.whole && shown.last >= from) return std::max(shown.base, from);
    const auto record = std::ranges::lower_bound(shown.records, from);
    if (record != shown.records.end()) return *record;
  }
  return std::nullopt;
}

// D17
Task<void> LogWorkload::check_lookups(Life& life) {
  if (model_.batches().empty()) co_return;
  Log& log = *life.log;
  for (int i = 0; i < 4; ++i) {
    const ModelBatch& some = model_.batches()[random_.below(model_.batches().size())];
    const std::int64_t time = some.timestamp + random_.between(-2, 2);
    const auto found = co_await log.offset_for_timestamp(time);
    if (!fine(life, found.ok() ? Result<void>() : found.error())) co_return;
    const std::optional<Offset> expected = first_shown_at(time, log.log_start());
    const std::optional<Offset> got = *found ? std::optional((*found)->offset) : std::nullopt;
    if (got != expected) {
      co_return find("time " + std::to_string(time) + " is at " + (got ? show(*got) : "none") + ", not at " +
                     (expected ? show(*expected) : "none"));
    }
  }
}

// --- What batches mean --------------------------------------------------------------------------------------

// D5, D10, D15
Task<void> LogWorkload::check_producers(Life& life) {
  Log& log = *life.log;
  for (const Shown& shown : shown_) {
    if (shown.last < deleted_end_) continue;
    const std::optional<LeaderEpoch> epoch = log.epochs().epoch_for(shown.last);
    const std::int32_t expected = model_.batches()[model_.index_of(shown.base)].epoch;
    if (epoch != LeaderEpoch(expected)) {
      co_return find("offset " + show(shown.base) + " is of epoch " + std::to_string(expected) +
                     ", which the epochs do not say: " + encode_leader_epochs(log.epochs().entries()) +
                     ", deleted " + show(deleted_end_));
    }
  }
  if (log.log_start() != Offset(0)) co_return;  // what was deleted is known to the model alone
  // A transaction counts until its marker lies below the high watermark. Where one began that ended above it before
  // the log was opened, nobody may know any more; then more than the transaction is held back.
  const Offset stable = model_.first_open_transaction(log.high_watermark());
  const bool knows_all = log.high_watermark() >= std::min(life.opened_end, log.log_end());
  if (log.last_stable_offset() > stable || (knows_all && log.last_stable_offset() < stable)) {
    co_return find("the last stable offset is " + show(log.last_stable_offset()) + ", not " + show(stable));
  }
  if (config_.compacts && model_.committed_end() > Offset(0)) co_return;
  if (entries_of(log.producers()) != model_.producers()) {
    find("producers are not what their batches make them");
  }
}

Task<void> LogWorkload::check_committed(Life& life) {
  Log& log = *life.log;
  const Offset stable = log.last_stable_offset();
  const std::int64_t span = stable - log.log_start();
  if (span <= 0) co_return;
  const Offset start =
      log.log_start() + static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(span)));
  const Result<Fetched> fetched = co_await log.read(
      {.start = start, .max_bytes = random_.below(5000), .isolation = Isolation::committed});
  if (!fine(life, fetched.ok() ? Result<void>() : fetched.error())) co_return;
  const Result<std::string> bytes = co_await try_bytes_of(fetched->records.clone());
  if (!fine(life, bytes.ok() ? Result<void>() : bytes.error())) co_return;
  if (bytes->empty()) co_return;
  if (fetched->next > stable && config_.compacts == false) co_return find("shows more than is committed");
  check_consumer(*bytes, fetched->aborted);
  if (config_.compacts || log.log_start() != Offset(0)) co_return;
  std::vector<AbortedTransaction> aborted = fetched->aborted;
  for (AbortedTransaction& one : aborted) one.last_stable_offset = {};
  if (aborted != model_.aborted_in(start, fetched->next)) {
    find("aborted transactions from " + show(start) + " to " + show(fetched->next) +
         " are wrong: " + std::to_string(aborted.size()));
  }
}

// D7, T1, T10: goes through the batches as a consumer of committed records does.
void LogWorkload::check_consumer(std::string_view bytes, std::vector<AbortedTransaction> aborted) {
  const CompactionModel decided(model_, Offset(0), {});
  std::ranges::sort(aborted, {}, &AbortedTransaction::first_offset);
  std::set<std::int64_t> skipped;
  auto next = aborted.begin();
  for (std::string_view left = bytes; !left.empty();) {
    const auto batch = record::BatchView::first_of(span_of(left)).value();
    left.remove_prefix(batch.size());
    for (; next != aborted.end() && next->first_offset <= *batch.last_offset(); ++next) {
      skipped.insert(next->producer_id);
    }
    const std::size_t number = model_.index_of(batch.base_offset());
    const ModelBatch& original = model_.batches()[number];
    if (original.kind == ModelBatch::Kind::abort) skipped.erase(original.producer);
    if (original.kind != ModelBatch::Kind::in_transaction || batch.count() == 0) continue;
    const std::optional<bool> was_aborted = decided.aborted(number);
    if (!was_aborted) return find("shows " + show(original.base) + ", whose transaction is open");
    if (*was_aborted != skipped.contains(original.producer)) {
      return find("a consumer takes " + show(original.base) + " for " +
                  (*was_aborted ? "committed" : "aborted"));
    }
  }
}

}  // namespace ottla::storage
