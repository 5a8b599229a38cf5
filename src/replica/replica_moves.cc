#include "replica/replica_moves.h"

#include <chrono>
#include <utility>

#include "runtime/shard.h"
#include "runtime/sleep.h"

namespace ottla::replica {

using storage::MoveEnd;
using storage::MoveOutcome;

namespace {

constexpr Duration kTryAgainAfter = std::chrono::seconds(1);

}  // namespace

Task<Result<bool>> ReplicaMoves::begin(Partition& partition, std::string directory) {
  const auto known = moving_.find(partition.key());
  if (known != moving_.end()) {
    if (known->second->directory == directory) co_return false;
    co_await cancel(partition.key());
  }
  if (partition.log() == nullptr) co_return Error(Errc::not_found, "the replica has no log");
  if (directory_of(*partition.log()) == directory) co_return false;
  const std::optional<Uuid> topic_id = logs_.topic_id(partition.name());
  OTTLA_CO_CHECK(co_await logs_.create(
      {.directory = directory, .partition = partition.name(), .topic_id = topic_id, .is_future = true}));
  resume(partition);
  co_return true;
}

void ReplicaMoves::resume(Partition& partition) {
  const storage::Log* const future = logs_.find_future(partition.name());
  if (future == nullptr || moving_.contains(partition.key()) || !tasks_.open()) return;
  auto moving = std::make_shared<Moving>();
  moving->directory = directory_of(*future);
  moving_[partition.key()] = moving;
  tasks_.spawn(move(partition, std::move(moving)));
}

Task<void> ReplicaMoves::cancel(PartitionKey key) {
  const auto known = moving_.find(key);
  if (known == moving_.end()) co_return;
  const std::shared_ptr<Moving> moving = known->second;
  moving->cancel.request();
  co_await moving->ended.wait();
}

Task<void> ReplicaMoves::stop() {
  is_stopping_ = true;
  for (const auto& [key, moving] : moving_) moving->cancel.request();
  co_await tasks_.wait();
}

// What was on its way here when its log was lost: a new one was made at its destination, which nothing may replace.
Task<void> ReplicaMoves::forget_copy(Partition& partition) {
  options_.logger.warn("the copy of a log that is gone is set aside",
                       field("partition", partition.name().to_string()));
  const Result<void> aside = co_await logs_.set_aside_future(partition.name());
  if (aside.ok()) co_return;
  options_.logger.warn("a copy could not be set aside", field("partition", partition.name().to_string()),
                       field("error", aside.error().to_string()));
}

Task<void> ReplicaMoves::move(Partition& partition, std::shared_ptr<Moving> moving) {
  this_shard().set_priority(Priority::background);
  const PartitionKey key = partition.key();
  if (partition.log() != nullptr && directory_of(*partition.log()) == moving->directory) {
    co_await forget_copy(partition);
    moving_.erase(key);
    moving->ended.set();
    co_return;
  }
  options_.logger.info("moves to another log directory", field("partition", partition.name().to_string()),
                       field("directory", moving->directory));
  while (!co_await try_move(partition, *moving)) {
    if (!(co_await sleep_for(kTryAgainAfter, moving->cancel.token())).ok()) break;
  }
  if (moving->cancel.requested() && !is_stopping_ && logs_.find_future(partition.name()) != nullptr) {
    const Result<void> removed = co_await logs_.remove_future(partition.name());
    if (!removed.ok()) {
      options_.logger.warn("a move was called off, and its copy could not be removed",
                           field("partition", partition.name().to_string()),
                           field("error", removed.error().to_string()));
    }
    options_.on_cancelled(key, moving->directory);
  }
  moving_.erase(key);
  moving->ended.set();
}

Task<bool> ReplicaMoves::try_move(Partition& partition, Moving& moving) {
  const Cancel cancel = moving.cancel.token();
  storage::LogMove copying(logs_, partition.name(), pace_);
  MoveOutcome outcome = co_await copying.run(cancel);
  if (outcome.end == MoveEnd::caught_up) {
    // Should this directory fail from now on, the controller looks for the replica in the other one.
    const Result<void> announced = co_await options_.announce(partition.key(), moving.directory);
    if (!announced.ok() || cancel.requested()) co_return cancel.requested();
    outcome = co_await exchange(partition, copying, moving);
  }
  co_return is_over(partition, outcome);
}

Task<MoveOutcome> ReplicaMoves::exchange(Partition& partition, storage::LogMove& copying, Moving& moving) {
  const Result<Semaphore::Permit> turn = co_await partition.hold();
  MoveOutcome outcome = co_await copying.finish(moving.cancel.token());
  if (outcome.end != MoveEnd::caught_up) co_return outcome;
  storage::Log* const before = partition.log();
  storage::Log* const future = logs_.find_future(partition.name());
  if (before == nullptr || future == nullptr) co_return MoveOutcome{.end = MoveEnd::source_gone};
  const std::string from = directory_of(*before);
  // They hold the same now. Whoever reads finds the new one before the old one goes.
  partition.attach(future);
  const Result<storage::Log*> replaced = co_await logs_.replace_with_future(partition.name());
  if (!replaced.ok()) {
    if (logs_.find(partition.name()) == before) partition.attach(before);
    co_return MoveOutcome{.end = MoveEnd::failed, .error = replaced.error()};
  }
  options_.on_moved(partition.key(), from, moving.directory);
  co_return outcome;
}

bool ReplicaMoves::is_over(const Partition& partition, const MoveOutcome& outcome) const {
  switch (outcome.end) {
    case MoveEnd::caught_up:
    case MoveEnd::cancelled:
    case MoveEnd::source_gone:
    case MoveEnd::target_gone:
      return true;
    case MoveEnd::target_full:
      options_.logger.warn("a move waits for room on the disk",
                           field("partition", partition.name().to_string()));
      return false;
    case MoveEnd::source_offline:
    case MoveEnd::target_offline:
    case MoveEnd::source_rotten:
    case MoveEnd::failed:
      options_.logger.error("a move between log directories has failed; the log stays where it is",
                            field("partition", partition.name().to_string()),
                            field("end", storage::name_of(outcome.end)),
                            field("error", outcome.error ? outcome.error->to_string() : std::string()));
      return true;
  }
  return true;
}

}  // namespace ottla::replica
