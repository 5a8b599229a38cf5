#include "replica/partition.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "runtime/shard.h"

namespace ottla::replica {

using protocol::ErrorCode;

std::string directory_of(const storage::Log& log) {
  return log.directory().substr(0, log.directory().rfind('/'));
}

Partition::Partition(TopicPartition name, const Uuid& topic_id, PartitionTools& tools)
    : name_(std::move(name)),
      text_(name_.to_string()),
      topic_id_(topic_id),
      tools_(tools),
      settings_(std::make_shared<const TopicSettings>()) {}

void Partition::configure(SharedSettings settings) {
  settings_ = std::move(settings);
  if (!core_) return;
  core_->set_rules({settings_->min_insync_replicas, tools_.max_lag_ms});
  progress();
}

ErrorCode Partition::unavailable() const {
  return failed_ ? ErrorCode::kafka_storage_error : ErrorCode::not_leader_or_follower;
}

ErrorCode Partition::check_epoch(std::optional<LeaderEpoch> current_epoch) const {
  if (!current_epoch || *current_epoch == leader_epoch_) return ErrorCode::none;
  return *current_epoch < leader_epoch_ ? ErrorCode::fenced_leader_epoch : ErrorCode::unknown_leader_epoch;
}

ErrorCode Partition::check(std::optional<LeaderEpoch> current_epoch, bool leader_only) const {
  if (failed_) return ErrorCode::kafka_storage_error;
  if (const ErrorCode error = check_epoch(current_epoch); error != ErrorCode::none) return error;
  if (log_ == nullptr || (leader_only && !core_)) return ErrorCode::not_leader_or_follower;
  return ErrorCode::none;
}

// A disk at fault is told to who can take it out of use.
void Partition::note(const Error& error) {
  if (log_ == nullptr || !log_->offline()) return;
  tools_.logger.warn("a log cannot be changed any more", field("partition", name_.to_string()),
                     field("error", error.to_string()));
  if (tools_.disk_failed) tools_.disk_failed(*this, *log_->offline());
}

std::int64_t Partition::now_ms() const {
  return std::chrono::floor<std::chrono::milliseconds>(this_shard().now().time_since_epoch()).count();
}

Task<Result<Semaphore::Permit>> Partition::hold() {
  co_return co_await turn_.acquire(kAll);
}

Task<void> Partition::fail() {
  const Result<Gate::Pass> pass = gate_.enter();
  if (!pass.ok()) co_return;
  const Result<Semaphore::Permit> turn = co_await turn_.acquire(kAll);
  if (log_ != nullptr) co_return;
  failed_ = true;
  wake_all();
}

Task<void> Partition::lose_directory(std::string directory) {
  const Result<Gate::Pass> pass = gate_.enter();
  if (!pass.ok()) co_return;
  const Result<Semaphore::Permit> turn = co_await turn_.acquire(kAll);
  // Another log may have taken its place while this waited.
  if (log_ == nullptr || directory_of(*log_) != directory) co_return;
  log_ = nullptr;
  failed_ = true;
  wake_all();
}

void Partition::take_epochs(const metadata::Partition& state) {
  leader_ = NodeId(state.leader());
  leader_epoch_ = LeaderEpoch(state.leader_epoch());
  partition_epoch_ = state.partition_epoch();
}

Task<Result<void>> Partition::lead(metadata::PartitionRef state) {
  OTTLA_CO_TRY(const Gate::Pass pass, gate_.enter());
  OTTLA_CO_TRY(const Semaphore::Permit turn, co_await turn_.acquire(kAll));
  if (state->partition_epoch() < partition_epoch_ || LeaderEpoch(state->leader_epoch()) < leader_epoch_) {
    co_return Result<void>();
  }
  if (log_ == nullptr) {
    step_down(*state);
    co_return Result<void>();
  }
  const LeaderEpoch epoch(state->leader_epoch());
  if (const auto latest = log_->epochs().latest(); latest && latest->epoch > epoch) {
    co_return Error(Errc::invalid_argument,
                    name_.to_string() + " cannot be led in epoch " + epoch.to_string() +
                        ", since its log has records of epoch " + latest->epoch.to_string() +
                        ": the log belongs to another cluster, or the cluster's metadata were set back");
  }
  const Offset end = log_->log_end();  // nothing is appended meanwhile
  if (!core_ || core_->epoch() < epoch) {
    // Followers may have records of later epochs than any that is written here: where this one begins has to be
    // known before they ask. Who leads after a crash does so in an epoch of its own.
    const Result<void> assigned = co_await log_->assign_epoch(epoch, end);
    if (!assigned.ok()) {
      note(assigned.error());
      // The epoch in which it led before is over, too.
      step_down(*state);
      co_return assigned;
    }
  }
  const LeaderRules rules{settings_->min_insync_replicas, tools_.max_lag_ms};
  if (!core_) core_.emplace(tools_.self, rules);
  core_->set_rules(rules);
  const LeaderCore::Taken taken = core_->take(*state, end, now_ms());
  if (taken == LeaderCore::Taken::stale) co_return Result<void>();
  take_epochs(*state);
  progress();
  if (taken == LeaderCore::Taken::new_epoch) wake_all();
  co_return Result<void>();
}

Task<void> Partition::follow(metadata::PartitionRef state) {
  const Result<Gate::Pass> pass = gate_.enter();
  if (!pass.ok()) co_return;
  const Result<Semaphore::Permit> turn = co_await turn_.acquire(kAll);
  if (state->partition_epoch() < partition_epoch_ || LeaderEpoch(state->leader_epoch()) < leader_epoch_)
    co_return;
  step_down(*state);
}

void Partition::step_down(const metadata::Partition& state) {
  core_.reset();
  take_epochs(state);
  wake_all();
}

Task<void> Partition::close() {
  {
    const Result<Semaphore::Permit> turn = co_await turn_.acquire(kAll);
    log_ = nullptr;
    core_.reset();
  }
  wake_all();
  co_await gate_.close();
}

void Partition::wake_all() {
  replicating_.wake_all();
  deleting_.wake_all();
  fetches_.ring_all();
}

void Partition::progress() {
  if (!leads()) return;
  const LeaderCore::Ends ends{log_->log_end(), log_->high_watermark()};
  if (const auto next = core_->next_high_watermark(ends, now_ms(), *tools_.brokers)) {
    replicating_.reached(log_->set_high_watermark(*next));
  }
  tell_watchers();
}

void Partition::tell_watchers() {
  if (fetches_.empty() || log_ == nullptr) return;
  fetches_.moved({.log_end = log_->log_end(),
                  .high_watermark = log_->high_watermark(),
                  .last_stable = log_->last_stable_offset()});
}

// --- In-sync replicas ----------------------------------------------------------------------------------------

void Partition::check_isr() {
  if (!leads()) return;
  if (auto proposal = core_->propose_shrink(log_->log_end(), now_ms())) {
    tools_.logger.info("replicas lag and are to leave the ISR", field("partition", name_.to_string()));
    tools_.ask_controller(*this, *std::move(proposal));
  }
  // A follower that was waited for may count no more.
  progress();
}

bool Partition::on_altered(std::uint64_t number, const AlteredPartition& altered) {
  if (!core_) return false;
  const std::size_t before = core_->isr().size();
  if (core_->on_altered(number, altered) != LeaderCore::Settled::committed) return false;
  const std::size_t now = core_->isr().size();
  if (now > before) tools_.counters.isr_expands->increment();
  if (now < before) tools_.counters.isr_shrinks->increment();
  partition_epoch_ = std::max(partition_epoch_, core_->partition_epoch());
  progress();
  return false;
}

bool Partition::on_refused(std::uint64_t number, ErrorCode error) {
  if (!core_) return false;
  const LeaderCore::Settled settled = core_->on_refused(number, error);
  if (settled != LeaderCore::Settled::late) tools_.counters.isr_failures->increment();
  if (settled == LeaderCore::Settled::reverted) progress();
  return settled == LeaderCore::Settled::retry;
}

}  // namespace ottla::replica
