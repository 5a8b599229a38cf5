#include "raft/raft_node.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "raft/control_codec.h"
#include "record/batch_builder.h"
#include "runtime/shard.h"

namespace ottla::raft {

RaftNode::RaftNode(CoreOptions options, Recovered recovered, Log& log, Transport& transport,
                   RaftListener& listener)
    : log_(log), transport_(transport), listener_(listener), written_(recovered.log.end()) {
  Shard& shard = this_shard();
  core_.emplace(std::move(options), std::move(recovered), shard.random().fork(), shard.now());
}

Task<Result<void>> RaftNode::run(Cancel cancel) {
  TaskGroup group(cancel);
  group_ = &group;
  group.spawn([this](Cancel inner) { return write_disk(inner); });
  group.spawn([this](Cancel inner) { return sync_disk(inner); });
  group.spawn([this](Cancel inner) { return keep_time(inner); });
  carry_out();
  (void)co_await ended_.wait(cancel);
  group_ = nullptr;
  co_await group.stop();
  disarm();
  for (const auto& [token, waiting] : std::exchange(waiting_, {})) waiting->done.set();
  if (failure_) co_return *failure_;
  co_return Result<void>();
}

Task<Result<Reply>> RaftNode::handle(Request request) {
  if (group_ == nullptr) co_return Errc::closed;
  const RequestToken token = ++last_token_;
  Waiting waiting;
  waiting_.emplace(token, &waiting);
  core_->request(token, request, this_shard().now());
  carry_out();
  co_await waiting.done.wait();
  if (!waiting.reply) co_return Errc::closed;
  co_return *std::move(waiting.reply);
}

std::optional<Offset> RaftNode::append(LeaderEpoch epoch, std::span<const Slice> values) {
  if (group_ == nullptr || values.empty() || !core_->leading() || core_->epoch() != epoch)
    return std::nullopt;
  const std::int64_t now_ms = to_epoch_millis(this_shard().wall_now());
  record::BatchBuilder builder({.base_offset = core_->log().end(), .leader_epoch = epoch.raw()});
  for (const Slice& value : values) builder.append({.timestamp = now_ms, .value = value.as_span()});
  const auto count = static_cast<std::int32_t>(values.size());
  const std::optional<Offset> last =
      core_->append(epoch, count, std::move(builder).finish(), this_shard().now());
  carry_out();
  return last;
}

void RaftNode::resign(LeaderEpoch epoch) {
  core_->resign(epoch, this_shard().now());
  carry_out();
}

void RaftNode::shut_down(Duration patience) {
  core_->shut_down(patience, this_shard().now());
  carry_out();
}

Result<void> RaftNode::raise_kraft_version(LeaderEpoch epoch, std::int16_t version, bool only_check) {
  Result<void> raised = core_->raise_kraft_version(epoch, version, only_check, this_shard().now());
  carry_out();
  return raised;
}

// Takes what the core decided. Steps of the disk wait for their turn, and what stands behind them for them.
void RaftNode::carry_out() {
  if (group_ == nullptr) return;
  Decisions decisions = core_->take();
  std::vector<Notice> notices = std::exchange(decisions.notices, {});
  if (decisions.steps.empty() && decided_.empty() && !busy_) {
    emit(std::move(decisions));
  } else if (!decisions.empty()) {
    decided_.push_back(std::move(decisions));
    work_.set();
  }
  const Instant deadline = core_->deadline();
  if (deadline < armed_) {
    armed_ = deadline;
    this_shard().timers().arm(*this, deadline);
  }
  tell(notices);
}

void RaftNode::tell(const std::vector<Notice>& notices) {
  for (const Notice& notice : notices) {
    if (const auto* committed = std::get_if<Committed>(&notice))
      listener_.committed(committed->high_watermark);
    if (const auto* change = std::get_if<LeaderChanged>(&notice)) listener_.leader_changed(*change);
    if (const auto* oddity = std::get_if<Oddity>(&notice)) listener_.odd(oddity->text);
    if (std::holds_alternative<ShutDown>(notice)) ended_.set();
  }
}

Task<void> RaftNode::write_disk(Cancel cancel) {
  while ((co_await work_.wait(cancel)).ok()) {
    work_.reset();
    busy_ = true;
    // All that was decided so far goes to the disk together.
    std::vector<DiskStep> steps;
    Decisions messages;
    while (!decided_.empty()) {
      Decisions next = std::move(decided_.front());
      decided_.pop_front();
      std::ranges::move(next.steps, std::back_inserter(steps));
      std::ranges::move(next.requests, std::back_inserter(messages.requests));
      std::ranges::move(next.answers, std::back_inserter(messages.answers));
    }
    const Result<void> done = co_await carry_out_steps(std::move(steps));
    busy_ = false;
    if (!done.ok()) co_return fail(done.error());
    if (cancel.requested()) co_return;
    emit(std::move(messages));
    carry_out();
  }
}

Task<Result<void>> RaftNode::carry_out_steps(std::vector<DiskStep> steps) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    DiskStep& step = steps[i];
    if (auto* save = std::get_if<SaveElection>(&step)) {
      // What is saved anew before anything else is written need not be saved twice.
      if (i + 1 < steps.size() && std::holds_alternative<SaveElection>(steps[i + 1])) continue;
      const std::uint64_t version = save->version;
      OTTLA_CO_CHECK(co_await log_.save_election(std::move(*save)));
      core_->election_saved(version, this_shard().now());
    } else if (auto* append = std::get_if<AppendToLog>(&step)) {
      std::vector<Batch> batches = std::move(append->batches);
      for (; i + 1 < steps.size() && std::holds_alternative<AppendToLog>(steps[i + 1]); ++i) {
        std::ranges::move(std::get<AppendToLog>(steps[i + 1]).batches, std::back_inserter(batches));
      }
      const std::int64_t now_ms = to_epoch_millis(this_shard().wall_now());
      for (Batch& batch : batches) {
        if (batch.bytes.empty() && !batch.control.empty()) batch.bytes = encode_control_batch(batch, now_ms);
      }
      const Offset end = batches.back().last + 1;
      OTTLA_CO_CHECK(co_await log_.append(std::move(batches)));
      written_ = end;
      unsynced_.set();
    } else if (const auto* cut = std::get_if<TruncateLog>(&step)) {
      const TruncateLog truncation = *cut;
      OTTLA_CO_CHECK(co_await log_.truncate_to(truncation.end));
      written_ = truncation.end;
      generation_ = truncation.generation;
      unsynced_.set();
    } else if (const auto* restart = std::get_if<RestartLog>(&step)) {
      const RestartLog beginning = *restart;
      OTTLA_CO_CHECK(co_await log_.restart_at(beginning.snapshot));
      written_ = beginning.snapshot.offset;
      generation_ = beginning.generation;
    } else {
      OTTLA_CO_CHECK(co_await install(std::move(std::get<WriteSnapshot>(step))));
    }
  }
  co_return Result<void>();
}

Task<Result<void>> RaftNode::install(WriteSnapshot piece) {
  const LogPosition id = piece.id;
  const bool last = piece.last;
  OTTLA_CO_CHECK(co_await log_.write_snapshot(std::move(piece)));
  if (!last) co_return Result<void>();
  OTTLA_CO_TRY(const Log::Installed installed, co_await log_.install_snapshot(id));
  core_->snapshot_installed(installed.file, installed.control, this_shard().now());
  co_return Result<void>();
}

Task<void> RaftNode::sync_disk(Cancel cancel) {
  while ((co_await unsynced_.wait(cancel)).ok()) {
    unsynced_.reset();
    const Offset end = written_;
    const std::uint64_t generation = generation_;
    const Result<void> synced = co_await log_.sync();
    if (!synced.ok()) co_return fail(synced.error());
    core_->log_synced(end, generation, this_shard().now());
    carry_out();
  }
}

Task<void> RaftNode::keep_time(Cancel cancel) {
  while ((co_await tick_.wait(cancel)).ok()) {
    tick_.reset();
    armed_ = Instant::max();
    core_->tick(this_shard().now());
    carry_out();
  }
}

void RaftNode::emit(Decisions decisions) {
  if (group_ == nullptr) return;
  for (Outgoing& outgoing : decisions.requests) {
    group_->spawn([this, outgoing = std::move(outgoing)](Cancel inner) { return ask(outgoing, inner); });
  }
  for (Answer& answer : decisions.answers) {
    const auto* fetch = std::get_if<FetchReply>(&answer.reply.body);
    const auto* piece = std::get_if<FetchSnapshotReply>(&answer.reply.body);
    const bool reads = (fetch != nullptr && fetch->read_from) || (piece != nullptr && piece->size > 0);
    if (reads) {
      group_->spawn(
          [this, answer = std::move(answer)](Cancel inner) { return reply_with_bytes(answer, inner); });
    } else {
      finish(answer.token, std::move(answer.reply));
    }
  }
}

Task<void> RaftNode::ask(Outgoing outgoing, Cancel cancel) {
  const Correlation correlation = outgoing.correlation;
  Result<Reply> reply = co_await transport_.ask(std::move(outgoing.to), std::move(outgoing.request), cancel);
  if (cancel.requested()) co_return;
  if (reply.ok()) {
    core_->reply(correlation, *reply, this_shard().now());
  } else {
    core_->request_failed(correlation, this_shard().now());
  }
  carry_out();
}

Task<void> RaftNode::reply_with_bytes(Answer answer, Cancel cancel) {
  Reply reply = std::move(answer.reply);
  if (auto* fetch = std::get_if<FetchReply>(&reply.body)) {
    Result<std::vector<Batch>> batches = co_await log_.read(*fetch->read_from, fetch->max_bytes);
    // The log may have been cut, or begun elsewhere, since: then there is nothing to send, and the next fetch says so.
    if (batches.ok()) fetch->batches = *std::move(batches);
  } else if (auto* piece = std::get_if<FetchSnapshotReply>(&reply.body)) {
    Result<Slice> bytes = co_await log_.read_snapshot(piece->snapshot, piece->position, piece->max_bytes);
    if (bytes.ok()) {
      piece->bytes = *std::move(bytes);
    } else {
      reply.error = ErrorCode::snapshot_not_found;
    }
  }
  if (!cancel.requested()) finish(answer.token, std::move(reply));
}

void RaftNode::finish(RequestToken token, Reply reply) {
  const auto waiting = waiting_.find(token);
  if (waiting == waiting_.end()) return;
  waiting->second->reply = std::move(reply);
  waiting->second->done.set();
  waiting_.erase(waiting);
}

void RaftNode::fail(const Error& error) {
  if (!failure_) failure_ = error;
  ended_.set();
}

}  // namespace ottla::raft
