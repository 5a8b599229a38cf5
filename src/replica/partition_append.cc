#include <utility>

#include "replica/partition.h"
#include "runtime/when.h"

namespace ottla::replica {

using protocol::ErrorCode;

Task<AppendAnswer> Partition::append(ExclusiveBytes records, AppendCall call, Cancel cancel) {
  const Result<Gate::Pass> pass = gate_.enter();
  if (!pass.ok()) co_return AppendAnswer{.error = unavailable(), .leader = leader()};
  AppendAnswer answer = co_await append_in_turn(std::move(records), call, cancel);
  const bool waits = answer.ok() && call.acks == -1 && answer.last_offset != kUnknownOffset;
  if (waits) answer.error = co_await replicated(answer.last_offset + 1, call.deadline, cancel);
  if (!answer.ok()) answer.leader = leader();
  co_return answer;
}

Task<AppendAnswer> Partition::append_in_turn(ExclusiveBytes records, AppendCall call, Cancel cancel) {
  Result<Semaphore::Permit> turn = co_await turn_.acquire(1, cancel);
  if (!turn.ok()) co_return AppendAnswer{.error = ErrorCode::not_leader_or_follower};
  if (!leads()) co_return AppendAnswer{.error = unavailable()};
  const Offset log_start = log_->log_start();
  if (call.acks == -1 && core_->under_min_isr()) {
    co_return AppendAnswer{.error = ErrorCode::not_enough_replicas, .log_start = log_start};
  }
  const std::uint64_t size = records.size();
  call.terms.partition = text_;
  // Who takes the log away waits for the turn first.
  const storage::AppendOutcome outcome =
      co_await log_->append_as_leader(std::move(records), core_->epoch(), call.terms);
  if (outcome.ok()) {
    if (!outcome.info().duplicate) fetches_.appended(size);
    progress();
  } else if (const Error* const error = outcome.error()) {
    note(*error);
  }
  turn->give_back();
  co_return answer_of(outcome, log_start);
}

// Whether, and in the end how, all in-sync replicas came to have what lies before `end`.
Task<ErrorCode> Partition::replicated(Offset end, Instant deadline, Cancel cancel) {
  while (true) {
    if (!leads()) co_return unavailable();
    if (log_->high_watermark() >= end) {
      co_return core_->enough_hold_it() ? ErrorCode::none : ErrorCode::not_enough_replicas_after_append;
    }
    const auto wait = [this, end](Cancel until) -> Task<Result<void>> {
      co_return co_await replicating_.reach(end, until);
    };
    const Result<void> woken = co_await with_deadline(deadline, cancel, wait);
    if (woken.ok()) continue;
    if (woken.error() == Errc::timed_out) tools_.counters.produces_expired->increment();
    co_return ErrorCode::request_timed_out;
  }
}

}  // namespace ottla::replica
