#include <algorithm>
#include <utility>

#include "record/batch_view.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "storage/log/log.h"
#include "storage/log/turn_clock.h"

namespace ottla::storage {
namespace {

// So much is worth a write of its own, at once: the checksum has just brought it into the processor's cache, and nothing
// is won by waiting for more.
constexpr std::uint64_t kWorthAWrite = 64 * 1024;

}  // namespace

Task<AppendOutcome> Log::append_as_leader(ExclusiveBytes records, LeaderEpoch epoch, AppendTerms terms) {
  return append(std::move(records), epoch, terms);
}

Task<AppendOutcome> Log::append_as_follower(ExclusiveBytes records, LeaderEpoch epoch) {
  return append(std::move(records), epoch, {.origin = record::AppendOrigin::replication});
}

Task<AppendOutcome> Log::append(ExclusiveBytes records, LeaderEpoch epoch, AppendTerms terms) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  OTTLA_CO_TRY(Semaphore::Permit turn, co_await turn_.acquire(1));
  if (offline_ || writes_.failure || !reserved_) OTTLA_CO_CHECK(co_await get_ready());
  const std::int64_t now_millis = tools_.clock->millis();
  auto verdict = tools_.validator->validate(std::move(records), config_->append,
                                            {.origin = terms.origin,
                                             .next_offset = reserved_->next,
                                             .leader_epoch = epoch,
                                             .now_ms = now_millis,
                                             .partition = terms.partition});
  if (!verdict) co_return std::move(verdict).error();
  AppendInfo info{.first_offset = verdict->first_offset,
                  .last_offset = verdict->last_offset,
                  .max_timestamp = verdict->max_timestamp,
                  .log_append_time = verdict->log_append_time,
                  .log_start = marks_.log_start};
  if (verdict->bytes.empty()) co_return info;
  // The verdict's list of batches lasts until the validator's next use, by whatever log.
  std::vector<record::BatchSummary> batches;
  if (should_roll(*verdict, now_millis)) {
    batches.assign(verdict->batches.begin(), verdict->batches.end());
    verdict->batches = batches;
    OTTLA_CO_CHECK(co_await make_room(*verdict));
  }
  const Verdict taken = take_in(*verdict, terms);
  if (taken.kind == Verdict::Kind::rejected) co_return ProducerRejection{taken.fault, taken.text};
  if (taken.kind == Verdict::Kind::duplicate) {
    info.duplicate = true;
    info.first_offset = taken.duplicate.first_offset();
    info.last_offset = taken.duplicate.last_offset;
    info.log_append_time = taken.duplicate.timestamp;
  }
  turn.give_back();
  // What was reserved is written by this one, or by who came before it. What a duplicate repeats may be on its way only:
  // its answer has to wait for the same writes, and for the disk.
  bool writes = !writes_.busy && !info.duplicate;
  if (writes) {
    writes_.busy = true;
    // What else comes in this wake-up goes into the same write.
    if (verdict->bytes.size() < kWorthAWrite) co_await yield();
  } else if (writes_.busy) {
    GroupMember member(writes_.members);
    writes = co_await member;
    if (!writes) OTTLA_CO_CHECK(member.result());
  }
  if (writes) OTTLA_CO_CHECK(co_await write_group());
  if (marks_.log_end - marks_.recovery_point >= config_->flush_messages) {
    OTTLA_CO_CHECK(co_await make_durable(info.last_offset + 1));
  }
  co_return info;
}

// All that happens in memory, at once.
Verdict Log::take_in(const record::ValidatedAppend& append, const AppendTerms& terms) {
  ProducerAppend& producing = *tools_.producer_append;
  producing.begin(terms);
  for (const record::BatchSummary& summary : append.batches) {
    if (summary.magic != record::kMagic) continue;
    const auto bytes = append.bytes.as_span().subspan(summary.position, summary.size);
    const Result<record::BatchView> batch = record::BatchView::first_of(bytes);
    OTTLA_INVARIANT(batch.ok(), "a batch that was validated cannot be read", summary.position);
    Verdict verdict = producers_.prepare(producing, *batch);
    if (!verdict.is_fresh()) return verdict;
  }
  reserve(append);
  AppendGroup& group = writes_.waiting();
  producers_.apply(producing, append.last_offset + 1, &group.undo);
  for (const CompletedTransaction& completed : producing.completed()) {
    if (!completed.aborted) continue;
    group.aborted.push_back({.producer_id = completed.producer_id,
                             .first_offset = completed.first_offset,
                             .last_offset = completed.last_offset,
                             .last_stable_offset = completed.last_stable_offset});
  }
  return {};
}

Task<Result<void>> Log::get_ready() {
  if (offline_) co_return *offline_;
  if (writes_.failure) OTTLA_CO_CHECK(co_await repair());
  if (unsynced_.cut) OTTLA_CO_CHECK(co_await finish_cut());
  if (reserved_) co_return Result<void>();
  if (!active().is_made()) {
    const Result<void> created = co_await active().create(*config_);
    if (!created.ok()) co_return note_failure(created.error());
    ++unsynced_.names;
  }
  OTTLA_CO_CHECK(co_await active().load_indexes_to_append(marks_.log_end));
  OTTLA_CO_CHECK(co_await active().first_timestamp());
  reset_reservation();
  co_return Result<void>();
}

void Log::reset_reservation() {
  reserved_ = Reserved{.next = marks_.log_end, .position = active().size(), .index = active().index_state()};
}

bool Log::should_roll(const record::ValidatedAppend& append, std::int64_t now_millis) const {
  const Segment& segment = *segments_.back();
  const std::uint64_t position = reserved_->position;
  if (position + append.bytes.size() > static_cast<std::uint64_t>(config_->segment_bytes)) return true;
  if (!segment.can_hold(append.last_offset)) return true;
  if (reserved_->index.full(static_cast<std::uint64_t>(config_->segment_index_bytes))) return true;
  if (position == 0) return false;
  const std::int64_t waited = segment.waited_millis(append.max_timestamp, now_millis);
  return std::chrono::milliseconds(waited) > config_->max_segment_ms() - segment.roll_jitter();
}

Task<Result<void>> Log::make_room(const record::ValidatedAppend& append) {
  if (append.bytes.size() > static_cast<std::uint64_t>(config_->segment_bytes)) {
    co_return Error(Errc::too_large, "append " + std::to_string(append.bytes.size()) + " bytes to " +
                                         partition_ + ", whose segments hold " +
                                         std::to_string(config_->segment_bytes) + " (segment.bytes)");
  }
  co_await drained();
  if (writes_.failure) co_return *writes_.failure;
  // A segment begins where the one before it ends, even when its first batch lies further on: a hole between two
  // segments would look like a loss.
  const bool near = OffsetIndex::can_hold(marks_.data_end, append.last_offset);
  OTTLA_CO_CHECK(co_await roll_to(near ? marks_.data_end : append.first_offset));
  if (!active().can_hold(append.last_offset)) {
    co_return Error(Errc::too_large, "offsets " + append.first_offset.to_string() + " to " +
                                         append.last_offset.to_string() + " do not fit into one segment");
  }
  co_return Result<void>();
}

void Log::reserve(const record::ValidatedAppend& append) {
  AppendGroup& group = writes_.waiting();
  const auto count = static_cast<std::uint32_t>(append.batches.size());
  if (!RecentAppends::Tail::copies(append.bytes)) {
    group.parts.push_back({.bytes = append.bytes, .batches = count});
  } else if (Slice copy = tail_.stage(append.bytes.as_span());
             !group.parts.empty() && group.parts.back().bytes.join(copy)) {
    group.parts.back().batches += count;
  } else {
    group.parts.push_back({.bytes = std::move(copy), .batches = count, .staged = true});
  }
  for (const record::BatchSummary& summary : append.batches) {
    const StoredBatch batch{.position = reserved_->position,
                            .size = summary.size,
                            .base_offset = summary.base_offset,
                            .last_offset = summary.last_offset,
                            .max_timestamp = summary.max_timestamp,
                            .leader_epoch = summary.leader_epoch,
                            .magic = summary.magic};
    reserved_->position += batch.size;
    reserved_->index.note(batch, static_cast<std::uint64_t>(config_->index_interval_bytes));
    group.batches.push_back(batch);
    if (batch.magic != record::kMagic) {
      epochs_.clear();  // such batches have none
    } else if (batch.leader_epoch >= 0 &&
               epochs_.assign(LeaderEpoch(batch.leader_epoch), batch.base_offset)) {
      ++unsynced_.epochs;
    }
  }
  note_epoch_used();
  reserved_->next = append.last_offset + 1;
}

Task<Result<void>> Log::write_group() {
  writes_.take_off();
  WaiterList members;
  members.splice_back(writes_.members);
  Result<void> written;
  if (!writes_.flying().empty()) written = co_await active().write(writes_.flying().bytes());
  if (written.ok()) {
    if (!writes_.flying().empty()) publish(writes_.flying());
    writes_.flying().clear();
    while (!members.empty()) static_cast<GroupMember&>(members.pop_front()).end(written);
    if (!writes_.members.empty()) {
      static_cast<GroupMember&>(writes_.members.pop_front()).become_writer();
    } else {
      writes_.busy = false;
      writes_.idle.wake_all();
    }
    co_return written;
  }
  fail_writes(written.error(), members);
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(1));
  if (writes_.failure && !offline_) OTTLA_CO_CHECK(co_await repair());
  co_return written;
}

void Log::fail_writes(const Error& error, WaiterList& members) {
  members.splice_back(writes_.members);
  while (!members.empty()) static_cast<GroupMember&>(members.pop_front()).end(error);
  producers_.undo(writes_.waiting().undo);
  producers_.undo(writes_.flying().undo);
  if (epochs_.truncate_from_end(marks_.log_end)) ++unsynced_.epochs;
  writes_.flying().clear();
  writes_.waiting().clear();
  tail_.drop_staged();
  writes_.failure = error;
  (void)note_failure(error);
  writes_.busy = false;
  writes_.idle.wake_all();
}

void Log::publish(const AppendGroup& group) {
  Segment& segment = active();
  for (const StoredBatch& batch : group.batches) segment.note(batch);
  segment.touch(tools_.clock->millis());
  std::span<const StoredBatch> batches(group.batches);
  for (const AppendGroup::Part& part : group.parts) {
    tail_.push(part.bytes, part.staged, batches.first(part.batches), segment.base_offset());
    batches = batches.subspan(part.batches);
  }
  for (const AbortedTransaction& aborted : group.aborted) segment.transactions().append(aborted);
  marks_.log_end = group.batches.back().last_offset + 1;
  marks_.data_end = marks_.log_end;
  if (segment.indexes_want_write()) {
    Result<Gate::Pass> pass = segment.enter();
    if (pass.ok()) tasks_.spawn(write_indexes_of(segment, std::move(*pass)));
  }
}

// A failure is no harm yet: the entries wait in memory for the next time, and a flush tells.
Task<void> Log::write_indexes_of(Segment& segment, Gate::Pass pass) {
  const Result<void> written = co_await segment.write_indexes();
  if (!written.ok()) {
    tools_.logger.warn("index entries were not written; they are kept in memory",
                       field("segment", segment.log_path()), field("error", written.error().to_string()));
  }
  pass.leave();
}

Task<void> Log::drained() {
  while (writes_.busy) (void)co_await writes_.idle.wait();
}

// Back to what was written before the failure, in memory and on the disk.
Task<Result<void>> Log::repair() {
  co_await drained();
  if (offline_) co_return *offline_;
  const Result<void> cut = co_await active().truncate_log(active().size());
  if (!cut.ok()) co_return note_failure(cut.error());
  OTTLA_CO_CHECK(co_await active().load_indexes());
  reset_reservation();
  writes_.failure.reset();
  co_return Result<void>();
}

Task<Result<void>> Log::roll_to(Offset base) {
  Segment& old = active();
  if (old.base_offset() == base) co_return Result<void>();
  old.finish();
  Result<void> left = co_await old.write_indexes();
  if (!left.ok()) co_return note_failure(std::move(left).error());
  // Recovery tells a lost tail from records that were compacted away by the offsets at which segments meet. Where
  // they need not meet, the old one has to be whole before there is a new one.
  if (config_->compacts) OTTLA_CO_CHECK(co_await make_durable(marks_.log_end));
  // A recovery point at the old one's end says that its indexes are durable too, and a flush may bring it there at any
  // moment: before there is a new one, they have to be.
  left = co_await old.sync_indexes();
  // Where a crash takes the first segment of all and leaves the second one, the log would seem to begin there.
  if (left.ok()) left = co_await sync_names();
  if (!left.ok()) co_return note_failure(std::move(left).error());
  auto segment = std::make_unique<Segment>(tools_, directory_, base, *config_);
  const Result<void> created = co_await segment->create(*config_);
  if (!created.ok()) {
    // The old one goes on, and must not find an empty one in its way after a crash.
    co_await segment->close_files();
    (void)co_await segment->remove_files();
    ++unsynced_.names;
    co_return note_failure(created.error());
  }
  segments_.push_back(std::move(segment));
  ++unsynced_.names;
  marks_.log_end = std::max(marks_.log_end, base);
  marks_.data_end = base;
  reset_reservation();
  producers_.set_map_end_offset(base);
  co_await write_snapshot();
  tasks_.spawn(flush_in_background(base));
  tools_.logger.info("rolled", field("log", directory_), field("segment", base.raw()));
  co_return Result<void>();
}

}  // namespace ottla::storage
