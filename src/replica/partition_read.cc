#include <algorithm>
#include <utility>

#include "replica/partition.h"

namespace ottla::replica {

using protocol::ErrorCode;

// What an answer says whatever was read: as it was before the read, so that what is appended meanwhile does not keep a
// follower from being in sync.
ReadAnswer Partition::frame() const {
  return {.high_watermark = log_->high_watermark(),
          .last_stable = log_->last_stable_offset(),
          .log_start = log_->log_start(),
          .leader = leader()};
}

Task<ReadAnswer> Partition::read(ReadCall call) {
  const Result<Gate::Pass> pass = gate_.enter();
  if (!pass.ok()) co_return refuse<ReadAnswer>(unavailable());
  if (const ErrorCode error = check(call.current_epoch, call.leader_only); error != ErrorCode::none)
    co_return refuse<ReadAnswer>(error);
  if (call.replica != kNoNode) {
    if (const ErrorCode error = check_follower(call); error != ErrorCode::none)
      co_return refuse<ReadAnswer>(error);
  }
  if (auto diverging = check_divergence(call)) co_return *std::move(diverging);
  const Offset log_end = log_->log_end();
  ReadAnswer answer = frame();
  answer.visible_end =
      FetchWatchers::Ends{log_end, answer.high_watermark, answer.last_stable}.of(call.isolation);
  Result<storage::Fetched> fetched = co_await log_->read({.start = call.offset,
                                                          .max_bytes = call.max_bytes,
                                                          .at_least_one = call.at_least_one,
                                                          .isolation = call.isolation});
  if (!fetched.ok()) {
    note(fetched.error());
    co_return refuse<ReadAnswer>(code_of(fetched.error()));
  }
  if (call.replica != kNoNode) {
    const ErrorCode error = note_follower(call, log_end);
    if (error != ErrorCode::none) co_return refuse<ReadAnswer>(error);
    // What this very fetch has committed is told in its answer.
    if (log_ != nullptr) answer.high_watermark = std::max(answer.high_watermark, log_->high_watermark());
  }
  answer.records = std::move(fetched->records);
  answer.next = fetched->next;
  answer.first_too_large = fetched->first_too_large;
  if (call.isolation == storage::Isolation::committed) {
    answer.aborted.emplace();
    for (const storage::AbortedTransaction& each : fetched->aborted) {
      answer.aborted->push_back({each.producer_id, each.first_offset});
    }
  }
  co_return answer;
}

ErrorCode Partition::check_follower(const ReadCall& call) const {
  if (core_ && core_->follower(call.replica) != nullptr) return ErrorCode::none;
  // It may be a replica that the metadata tell us of later: then it is to ask again.
  return call.current_epoch ? ErrorCode::unknown_leader_epoch : ErrorCode::not_leader_or_follower;
}

ErrorCode Partition::note_follower(const ReadCall& call, Offset log_end) {
  if (!leads()) return unavailable();
  const bool noted = core_->note_fetch({.follower = call.replica,
                                        .offset = call.offset,
                                        .log_start = call.log_start,
                                        .broker_epoch = call.broker_epoch,
                                        .leader_end = log_end,
                                        .now_ms = now_ms()},
                                       *tools_.brokers);
  if (!noted) return ErrorCode::not_leader_or_follower;
  if (auto proposal = core_->propose_expansion(call.replica, log_->high_watermark(), *tools_.brokers))
    tools_.ask_controller(*this, *std::move(proposal));
  progress();
  if (!deleting_.empty()) deleting_.reached(core_->low_watermark(log_->log_start(), *tools_.brokers));
  return ErrorCode::none;
}

// A reader whose last record is of an epoch that ended earlier here has records that we do not have.
std::optional<ReadAnswer> Partition::check_divergence(const ReadCall& call) const {
  if (!call.last_fetched_epoch) return std::nullopt;
  const storage::LeaderEpochs::EpochEnd end =
      log_->epochs().end_offset_for(*call.last_fetched_epoch, log_->log_end());
  if (end.epoch == kUnknownLeaderEpoch || end.end == kUnknownOffset || call.offset < log_->log_start())
    return refuse<ReadAnswer>(ErrorCode::offset_out_of_range);
  if (end.epoch >= *call.last_fetched_epoch && end.end >= call.offset) return std::nullopt;
  ReadAnswer answer = frame();
  answer.next = call.offset;
  answer.visible_end = call.offset;
  answer.diverging = EpochEnd{end.epoch, end.end};
  if (call.isolation == storage::Isolation::committed) answer.aborted.emplace();
  return answer;
}

void Partition::watch(FetchWait& wait, const FetchWait::Place& place) {
  if (log_ == nullptr) return wait.ring();
  const FetchWatchers::Ends ends{log_->log_end(), log_->high_watermark(), log_->last_stable_offset()};
  // It came between the read and now.
  if (ends.of(place.isolation) > place.seen) return wait.ring();
  wait.watch(fetches_, place);
}

}  // namespace ottla::replica
