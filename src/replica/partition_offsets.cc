#include <algorithm>

#include "replica/partition.h"
#include "runtime/when.h"

namespace ottla::replica {

using protocol::ErrorCode;

namespace {

// As the wire has it: no record, no offset, and an epoch that is none.
constexpr OffsetAnswer kNoOffset{};

}  // namespace

std::optional<OffsetAnswer> Partition::special_offset(std::int64_t timestamp) const {
  switch (timestamp) {
    case OffsetCall::kEarliest: {
      const auto first = log_->epochs().earliest();
      const bool tells = first && first->start <= log_->log_start();
      return OffsetAnswer{.offset = log_->log_start(), .leader_epoch = tells ? first->epoch.raw() : -1};
    }
    case OffsetCall::kEarliestLocal: {
      // Without remote segments the local log is all of it.
      const Offset start = std::max(log_->log_start(), log_->local_log_start());
      const auto epoch = log_->epochs().epoch_for(start);
      return OffsetAnswer{.offset = start, .leader_epoch = epoch ? epoch->raw() : -1};
    }
    case OffsetCall::kLatestTiered:
    case OffsetCall::kEarliestPendingUpload:
      return kNoOffset;
    default:
      return std::nullopt;
  }
}

Task<OffsetAnswer> Partition::find_offset(OffsetCall call) {
  const Result<Gate::Pass> pass = gate_.enter();
  if (!pass.ok()) co_return OffsetAnswer{.error = unavailable()};
  if (const ErrorCode error = check(call.current_epoch, call.leader_only); error != ErrorCode::none)
    co_return OffsetAnswer{.error = error};
  const FetchWatchers::Ends ends{log_->log_end(), log_->high_watermark(), log_->last_stable_offset()};
  const Offset end = ends.of(call.isolation);
  // After an election the watermark may lie before what clients were told earlier, until followers have fetched.
  const bool lags =
      core_ && call.isolation != storage::Isolation::log_end && core_->epoch_start() > log_->high_watermark();
  const LeaderEpoch epoch = leader_epoch_;
  if (call.timestamp == OffsetCall::kLatest) {
    if (lags) co_return OffsetAnswer{.error = ErrorCode::offset_not_available};
    co_return OffsetAnswer{.offset = end, .leader_epoch = epoch.raw()};
  }
  if (const auto special = special_offset(call.timestamp)) co_return *special;
  const Result<std::optional<storage::Log::TimedOffset>> found =
      call.timestamp == OffsetCall::kMaxTimestamp ? co_await log_->offset_of_max_timestamp()
                                                  : co_await log_->offset_for_timestamp(call.timestamp);
  if (!found.ok()) {
    note(found.error());
    co_return OffsetAnswer{.error = code_of(found.error())};
  }
  if (!*found || (*found)->offset >= end) {
    co_return OffsetAnswer{.error = lags ? ErrorCode::offset_not_available : ErrorCode::none};
  }
  co_return OffsetAnswer{
      .timestamp = (*found)->timestamp, .offset = (*found)->offset, .leader_epoch = (*found)->leader_epoch};
}

EpochEndAnswer Partition::end_of_epoch(LeaderEpoch epoch, std::optional<LeaderEpoch> current_epoch) const {
  if (const ErrorCode error = check(current_epoch, true); error != ErrorCode::none) return {.error = error};
  const storage::LeaderEpochs::EpochEnd end = log_->epochs().end_offset_for(epoch, log_->log_end());
  if (end.epoch == kUnknownLeaderEpoch || end.end == kUnknownOffset) return {};
  return {.end = {end.epoch, end.end}};
}

Task<DeleteAnswer> Partition::delete_before(Offset offset, Instant deadline, Cancel cancel) {
  const Result<Gate::Pass> pass = gate_.enter();
  if (!pass.ok() || !leads()) co_return DeleteAnswer{.error = unavailable()};
  if (!settings_->log.deletes) co_return DeleteAnswer{.error = ErrorCode::policy_violation};
  if (offset == kUnknownOffset) offset = log_->high_watermark();
  if (offset < Offset(0)) co_return DeleteAnswer{.error = ErrorCode::offset_out_of_range};
  const Result<void> advanced = co_await log_->advance_log_start(offset);
  if (!advanced.ok()) {
    note(advanced.error());
    co_return DeleteAnswer{.error = code_of(advanced.error())};
  }
  while (true) {
    if (!leads()) co_return DeleteAnswer{.error = unavailable()};
    const Offset low = core_->low_watermark(log_->log_start(), *tools_.brokers);
    if (low >= offset) co_return DeleteAnswer{.low_watermark = low};
    const auto wait = [this, offset](Cancel until) -> Task<Result<void>> {
      co_return co_await deleting_.reach(offset, until);
    };
    const Result<void> woken = co_await with_deadline(deadline, cancel, wait);
    if (!woken.ok()) co_return DeleteAnswer{.error = ErrorCode::request_timed_out, .low_watermark = low};
  }
}

ProducersAnswer Partition::active_producers() const {
  if (log_ == nullptr) return {.error = unavailable()};
  return {.producers = log_->producers().active()};
}

}  // namespace ottla::replica
