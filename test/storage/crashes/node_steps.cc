// What is done to the node.
#include <algorithm>
#include <span>
#include <utility>

#include "base/chain.h"
#include "storage/directory/log_move.h"
#include "storage/io_pace.h"
#include "test/storage/crashes/node_life.h"
#include "test/storage/log/log_language.h"

namespace ottla::storage {

void NodeSubject::Said::begin(std::optional<std::int64_t> value) {
  next = value;
  is_changing = true;
}

void NodeSubject::Said::end() {
  if (is_changing) now = next;
  *this = {.now = now};
}

void NodeSubject::begin_lowering(std::size_t which, Offset offset) {
  for (Said& said : facts_.checkpoints[which])
    said.begin(said.now ? std::optional(std::min(*said.now, offset.raw())) : std::nullopt);
}

// The others stay until they are written anew, or a log of that name is made.
void NodeSubject::begin_forgetting(std::size_t which, bool only_the_cleaners) {
  Checkpoints& checkpoints = facts_.checkpoints[which];
  for (std::size_t kind = 0; kind < kKinds; ++kind) {
    if (!only_the_cleaners || kind == static_cast<std::size_t>(OffsetCheckpoint::cleaner))
      checkpoints[kind].begin(std::nullopt);
  }
}

void NodeSubject::end_changes() {
  for (Checkpoints& checkpoints : facts_.checkpoints) {
    for (Said& said : checkpoints) said.end();
  }
}

Task<void> NodeSubject::take(Life& life, NodeStep step) {
  notes_.push_back("step " + std::to_string(static_cast<int>(step)));
  switch (step) {
    case NodeStep::name_directories:
      return name_directories(life);
    case NodeStep::create:
      return create(life, false);
    case NodeStep::append:
      return append(life);
    case NodeStep::flush:
      return flush(life);
    case NodeStep::save_checkpoints:
      return save(life);
    case NodeStep::truncate:
      return truncate(life);
    case NodeStep::delete_records:
      return delete_records(life);
    case NodeStep::restart:
      return restart(life);
    case NodeStep::begin_move:
      return create(life, true);
    case NodeStep::copy:
      return copy(life);
    case NodeStep::replace:
      return replace(life);
    case NodeStep::call_off_move:
      return remove(life, true);
    case NodeStep::remove:
      return remove(life, false);
    case NodeStep::next_epoch:
      ++facts_.epoch;
      break;
    case NodeStep::raise_high_watermark:
      life.log()->set_high_watermark(life.log()->log_end());
      break;
    case NodeStep::stop:
      break;
  }
  return []() -> Task<void> { co_return; }();
}

Task<void> NodeSubject::name_directories(Life& life) {
  for (std::size_t i = 0; i < kDirectories; ++i) {
    facts_.identities[i].begin(1);
    const MetaProperties identity{
        .cluster_id = "cluster", .node_id = NodeId(1), .directory_id = Uuid(5, 100 + i)};
    if (!fine("name a directory", co_await life.directories[i]->write_identity(identity))) co_return;
    facts_.identities[i].end();
  }
}

Task<void> NodeSubject::create(Life& life, bool is_future) {
  const std::size_t which = is_future ? 1 : 0;
  begin_forgetting(which, false);
  if (!is_future) facts_.where.in_a = true;
  const Result<Log*> log = co_await life.logs->create({.directory = kPaths[which],
                                                       .partition = the_partition(),
                                                       .topic_id = kTopicId,
                                                       .is_future = is_future});
  if (!fine("create", log.ok() ? Result<void>() : log.error())) co_return;
  end_changes();
}

bool NodeSubject::has_id(const Life& life) {
  return life.logs->topic_id(the_partition()).has_value();
}

// A log that holds something is there for good, with the topic's id that it has, from the first time on that it is durable.
void NodeSubject::was_flushed(Offset end, bool has_id) {
  facts_.model.flushed(end);
  if (end == Offset(0)) return;
  facts_.where.nowhere = false;
  facts_.is_named = has_id;
}

Task<void> NodeSubject::append(Life& life) {
  Log& log = *life.log();
  ModelBatch batch;
  batch.base = batch.last = facts_.model.next();
  batch.epoch = facts_.epoch;
  batch.timestamp = 1000;
  batch.bytes = std::string(make_batch(batch.base, {.epoch = facts_.epoch}).as_string_view());
  std::string produced = batch.bytes;
  std::fill(produced.begin(), produced.begin() + 8, '\0');
  const Offset base = batch.base;
  const std::size_t number = facts_.model.attempt(std::move(batch));
  const AppendOutcome outcome =
      co_await log.append_as_leader(ExclusiveBytes(Slice::copy_of(produced)), LeaderEpoch(facts_.epoch),
                                    {.origin = record::AppendOrigin::coordinator});
  if (!outcome.ok() || outcome.info().first_offset != base) co_return find("an append is refused");
  facts_.model.answer(number, base);
  if (!facts_.model.settle()) find("appends lie over each other");
}

Task<void> NodeSubject::flush(Life& life) {
  const Offset end = life.log()->log_end();
  if (fine("flush", co_await life.log()->flush())) was_flushed(end, has_id(life));
}

// As the node's owner does from time to time, and at its end.
Task<void> NodeSubject::save(Life& life) {
  using enum OffsetCheckpoint;
  for (std::size_t i = 0; i < kDirectories; ++i) {
    const LogSet::Checkpoints now = life.logs->checkpoints_of(kPaths[i]);
    for (const auto& [kind, list] :
         {std::pair(recovery_point, &now.recovery_points), std::pair(log_start, &now.log_starts),
          std::pair(high_watermark, &now.high_watermarks)}) {
      Said& said = facts_.checkpoints[i][static_cast<std::size_t>(kind)];
      said.begin(list->empty() ? std::nullopt : std::optional(list->front().offset.raw()));
      if (!fine("write a checkpoint", co_await life.directories[i]->write_checkpoint(kind, *list))) co_return;
      said.end();
      const Log* const log = life.log();
      const bool starts = kind == log_start && log != nullptr && life.place_of(*log) == i && !list->empty();
      if (starts) facts_.least_start = std::max(facts_.least_start, list->front().offset);
    }
  }
}

Task<void> NodeSubject::truncate(Life& life) {
  Log& log = *life.log();
  const Offset target = log.log_end() - 2;
  begin_lowering(life.place_of(log), target);
  facts_.model.truncation_begins(target);
  facts_.least_start = std::min(facts_.least_start, target);
  const Result<bool> cut = co_await log.truncate_to(target);
  if (!fine("truncate", cut.ok() ? Result<void>() : cut.error())) co_return;
  facts_.model.truncation_ends(target);
  end_changes();
  ++facts_.epoch;
}

Task<void> NodeSubject::delete_records(Life& life) {
  Log& log = *life.log();
  log.set_high_watermark(log.log_end());
  facts_.most_start = log.log_start() + 2;
  if (!fine("delete records", co_await log.advance_log_start(facts_.most_start))) co_return;
  const auto deleted = co_await log.delete_old_segments();
  (void)fine("delete segments", deleted.ok() ? Result<void>() : deleted.error());
}

Task<void> NodeSubject::restart(Life& life) {
  Log& log = *life.log();
  const Offset target = log.log_end() + 20;
  begin_lowering(life.place_of(log), target);
  facts_.model.restart_begins(target);
  facts_.restarting_at = target;
  if (!fine("begin anew", co_await log.truncate_fully_and_start_at(target))) co_return;
  facts_.model.restart_ends(target);
  end_changes();
  facts_.least_start = facts_.most_start = target;
  facts_.restarting_at = Offset(-1);
}

Task<void> NodeSubject::copy(Life& life) {
  IoPace pace;
  LogMove move(*life.logs, the_partition(), pace);
  MoveOutcome outcome = co_await move.run({});
  if (outcome.end == MoveEnd::caught_up) outcome = co_await move.finish({});
  if (outcome.end != MoveEnd::caught_up)
    co_return find("cannot be copied: " + std::string(name_of(outcome.end)));
  facts_.future_is_ahead = false;
}

Task<void> NodeSubject::replace(Life& life) {
  begin_forgetting(0, true);
  facts_.where.in_both = facts_.where.in_b = true;
  const Result<Log*> log = co_await life.logs->replace_with_future(the_partition());
  if (!fine("replace", log.ok() ? Result<void>() : log.error())) co_return;
  facts_.where.in_a = facts_.where.in_both = false;
  end_changes();
}

Task<void> NodeSubject::remove(Life& life, bool is_future) {
  const std::size_t which = is_future ? 1 : 0;
  begin_forgetting(which, true);
  if (!is_future) facts_.where.nowhere = true;
  const Result<void> removed = is_future ? co_await life.logs->remove_future(the_partition())
                                         : co_await life.logs->remove(the_partition());
  if (!fine("remove", removed)) co_return;
  end_changes();
  if (is_future) co_return;
  facts_.where = {};
  facts_.is_named = false;
  facts_.model = LogModel();
}

// In good order.
Task<void> NodeSubject::close(Life& life) {
  if (!good()) {
    if (life.logs) (void)co_await life.logs->close();
  } else {
    const Offset end = life.log() != nullptr ? life.log()->log_end() : Offset(0);
    for (Checkpoints& checkpoints : facts_.checkpoints) {
      for (Said& said : checkpoints) said.is_lowered = true;
    }
    const bool named = has_id(life);
    const LogSet::Closed closed = co_await life.logs->close();
    for (const auto& [directory, error] : closed.failures) find("cannot be closed: " + error.to_string());
    if (good()) was_flushed(end, named);
    end_changes();
    using enum OffsetCheckpoint;
    for (std::size_t i = 0; i < kDirectories && good(); ++i) {
      const auto found = closed.checkpoints.find(kPaths[i]);
      const LogSet::Checkpoints last =
          found == closed.checkpoints.end() ? LogSet::Checkpoints() : found->second;
      for (const auto& [kind, list] :
           {std::pair(recovery_point, &last.recovery_points), std::pair(log_start, &last.log_starts),
            std::pair(high_watermark, &last.high_watermarks)}) {
        Said& said = facts_.checkpoints[i][static_cast<std::size_t>(kind)];
        said.begin(list->empty() ? std::nullopt : std::optional(list->front().offset.raw()));
        if (fine("write a checkpoint", co_await life.directories[i]->write_checkpoint(kind, *list)))
          said.end();
      }
    }
  }
  for (std::size_t i = 0; i < kDirectories; ++i) {
    if (life.directories[i] == nullptr) continue;
    const bool is_clean = good();
    if (is_clean) facts_.clean[i].begin(1);
    const Result<void> closed = co_await life.directories[i]->close(
        is_clean ? LogDirectory::Ending::clean(1) : LogDirectory::Ending::unclean());
    if (is_clean && fine("close a directory", closed)) facts_.clean[i].end();
  }
}

}  // namespace ottla::storage
