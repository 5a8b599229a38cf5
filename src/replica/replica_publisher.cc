#include "replica/replica_publisher.h"

#include <algorithm>
#include <chrono>
#include <string_view>

#include "runtime/cross_shard.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/task_group.h"
#include "runtime/timed_wait.h"
#include "storage/directory/log_directory.h"

namespace ottla::replica {

using Kind = ReplicaChange::Kind;

namespace {

constexpr Duration kFirstPause = std::chrono::milliseconds(100);
constexpr Duration kLongestPause = std::chrono::seconds(10);

}  // namespace

ReplicaPublisher::ReplicaPublisher(Options options, ReplicaDirectories& directories,
                                   std::vector<ReplicaShard*> shards, ReplicaEvents& events)
    : options_(std::move(options)),
      directories_(directories),
      shards_(std::move(shards)),
      events_(events),
      replicas_on_(shards_.size()),
      unopened_(directories_, sets(), options_.node, options_.logger) {}

Shard& ReplicaPublisher::shard(std::size_t index) const {
  return this_shard().process().shard(ShardId(static_cast<std::uint32_t>(index)));
}

void ReplicaPublisher::publish(const metadata::Publication& publication) {
  if (!before_) before_ = publication.delta.before;
  after_ = publication.delta.after;
  published_.set();
}

Task<void> ReplicaPublisher::run(Cancel cancel) {
  while (co_await wait_for_work(cancel)) {
    published_.reset();
    const bool was_unfinished = is_unfinished();
    if (metadata::SharedImage next = std::exchange(after_, nullptr)) co_await take(std::move(next));
    if (was_unfinished && this_shard().now() < again_at_) continue;
    if (was_unfinished) co_await try_again();
    pause_ = was_unfinished ? std::min(pause_ * 2, kLongestPause) : kFirstPause;
    again_at_ = this_shard().now() + pause_;
  }
}

// False when there will be none any more.
Task<bool> ReplicaPublisher::wait_for_work(Cancel cancel) {
  if (!is_unfinished()) co_return (co_await published_.wait(cancel)).ok();
  const Result<void> published =
      co_await wait_at_most(published_, again_at_ - this_shard().exact_now(), cancel);
  co_return published.ok() || published.error() == Errc::timed_out;
}

Task<void> ReplicaPublisher::take(metadata::SharedImage next) {
  if (!loaded_) {
    loading_ = co_await LogLoading(directories_, sets(), loading_options()).run(next);
    co_await take_loaded();
  }
  co_await apply(metadata::delta_between(before_, next));
  if (!std::exchange(loaded_, true)) {
    for (std::size_t each = 0; each < shards_.size(); ++each)
      co_await on(shard(each), [&set = shards_[each]->set()] { set.run_in_background(); });
    events_.on_loaded();
  }
  before_ = next;
  applied_ = next->provenance.offset;
  waiting_.reached(applied_);
}

Task<Result<void>> ReplicaPublisher::applied(Offset offset, Cancel cancel) {
  while (applied_ < offset) OTTLA_CO_CHECK(co_await waiting_.reach(offset, cancel));
  co_return Result<void>();
}

std::vector<ReplicaSet*> ReplicaPublisher::sets() const {
  std::vector<ReplicaSet*> sets;
  for (ReplicaShard* const each : shards_) sets.push_back(&each->set());
  return sets;
}

LogLoading::Options ReplicaPublisher::loading_options() const {
  return {.node = options_.node,
          .recoveries_at_once = options_.loads_at_once,
          .progress = options_.progress,
          .logger = options_.logger};
}

// Partitions live where their logs are.
Task<void> ReplicaPublisher::take_loaded() {
  std::vector<Place> placed;
  for (const LoadedLog& log : loading_.logs) {
    placed.emplace_back(log.key, log.shard);
    ++replicas_on_[log.shard.raw()];
  }
  unopened_.add(std::exchange(loading_.unopened, {}));
  co_await tell_places(std::move(placed), {});
}

// A log that is yet to be opened has a shard already.
ShardId ReplicaPublisher::choose_shard(const TopicPartition& name) {
  if (const UnopenedLog* const unopened = unopened_.find(name)) {
    ++replicas_on_[unopened->shard.raw()];
    return unopened->shard;
  }
  const auto least = std::ranges::min_element(replicas_on_);
  ++*least;
  return ShardId(static_cast<std::uint32_t>(least - replicas_on_.begin()));
}

std::vector<ReplicaPublisher::ShardWork> ReplicaPublisher::plan(const metadata::MetadataDelta& delta,
                                                                std::vector<PartitionKey>& gone) {
  std::vector<ShardWork> works(shards_.size());
  std::vector<std::string> reconfigured;
  for (const metadata::ConfigChange& change : delta.configs) {
    if (change.resource.type == metadata::ConfigResourceType::topic)
      reconfigured.emplace_back(change.resource.name);
  }
  const metadata::LocalChanges local = metadata::local_changes(delta, options_.node);
  for (const metadata::LocalReplica& replica : local.gone) {
    const PartitionKey key{replica.topic_id, replica.index};
    const std::optional<ShardId> at = placement().find(key);
    if (!at) continue;
    gone.push_back(key);
    works[at->raw()].changes.push_back(
        {.kind = Kind::remove, .key = key, .name = {std::string(replica.topic), replica.index}});
  }
  std::vector<Place> placed;
  for (const metadata::LocalReplica& replica : local.leading)
    plan_change(replica, Kind::lead, *delta.after, works, placed);
  for (const metadata::LocalReplica& replica : local.following)
    plan_change(replica, Kind::follow, *delta.after, works, placed);
  for (ShardWork& work : works) {
    work.image = delta.after;
    work.reconfigured = reconfigured;
    work.placed = placed;
  }
  return works;
}

void ReplicaPublisher::plan_change(const metadata::LocalReplica& replica, Kind kind,
                                   const metadata::MetadataImage& image, std::vector<ShardWork>& works,
                                   std::vector<Place>& placed) {
  const PartitionKey key{replica.topic_id, replica.index};
  const metadata::TopicImage* const topic = image.topics.find(replica.topic_id);
  ReplicaChange change{.kind = kind,
                       .key = key,
                       .name = {std::string(replica.topic), replica.index},
                       .state = *topic->partitions.find(replica.index)};
  std::optional<ShardId> at = placement().find(key);
  if (!at) {
    at = choose_shard(change.name);
    placed.emplace_back(key, *at);
    change.directory = choose_directory(change.name, *replica.partition);
  }
  works[at->raw()].changes.push_back(std::move(change));
}

std::string ReplicaPublisher::choose_directory(const TopicPartition& name,
                                               const metadata::Partition& partition) {
  // It has a log already.
  if (unopened_.find(name) != nullptr) return {};
  return directories_.place(*partition.directory_of(options_.node.raw()), name);
}

void ReplicaPublisher::plan_again(const PartitionKey& key, std::vector<ShardWork>& works) {
  const std::optional<ShardId> at = placement().find(key);
  const metadata::TopicImage* const topic = before_->topics.find(key.topic);
  const metadata::PartitionRef* const state = topic == nullptr ? nullptr : topic->partitions.find(key.index);
  const std::int32_t self = options_.node.raw();
  if (!at || state == nullptr || !metadata::contains((*state)->replicas(), self)) return;
  ReplicaChange change{.kind = (*state)->leader() == self ? Kind::lead : Kind::follow,
                       .key = key,
                       .name = {std::string(topic->name), key.index},
                       .state = *state,
                       .again = true};
  change.directory = choose_directory(change.name, **state);
  works[at->raw()].changes.push_back(std::move(change));
}

Task<void> ReplicaPublisher::try_again() {
  for (const TopicPartition& name : co_await unopened_.open_again()) {
    const metadata::TopicImage* const topic = before_->topics.find(std::string_view(name.topic));
    if (topic != nullptr) unfinished_.insert({topic->id, name.partition});
  }
  std::vector<ShardWork> works(shards_.size());
  for (const PartitionKey& key : std::exchange(unfinished_, {})) plan_again(key, works);
  for (ShardWork& work : works) work.image = before_;
  co_await carry_out(std::move(works));
}

Task<void> ReplicaPublisher::apply(metadata::MetadataDelta delta) {
  std::vector<PartitionKey> gone;
  co_await carry_out(plan(delta, gone));
  if (!gone.empty()) co_await tell_places({}, std::move(gone));
}

Task<void> ReplicaPublisher::carry_out(std::vector<ShardWork> works) {
  std::vector<std::vector<ReplicaChange>> changes(works.size());
  std::vector<std::vector<ReplicaOutcome>> outcomes(works.size());
  TaskGroup group;
  for (std::size_t each = 0; each < works.size(); ++each) {
    changes[each] = works[each].changes;
    group.spawn(work_on(each, std::move(works[each]), outcomes[each]));
  }
  co_await group.wait();
  for (std::size_t each = 0; each < works.size(); ++each) {
    for (std::size_t at = 0; at < changes[each].size(); ++at)
      note(changes[each][at], outcomes[each][at], each);
  }
}

Task<void> ReplicaPublisher::work_on(std::size_t index, ShardWork work,
                                     std::vector<ReplicaOutcome>& outcomes) {
  ReplicaShard& there = *shards_[index];
  outcomes = co_await on(shard(index),
                         [&there, work = std::move(work)]() mutable -> Task<std::vector<ReplicaOutcome>> {
                           for (const auto& [key, at] : work.placed) there.placement().set(key, at);
                           there.set().set_image(std::move(work.image));
                           for (const std::string& topic : work.reconfigured)
                             there.set().reconfigure_topic(topic);
                           co_return co_await there.set().apply(std::move(work.changes));
                         });
}

void ReplicaPublisher::note(const ReplicaChange& change, const ReplicaOutcome& outcome, std::size_t index) {
  if (change.kind == Kind::remove) {
    --replicas_on_[index];
    unfinished_.erase(change.key);
    if (!outcome.directory.empty()) directories_.count(outcome.directory, -1);
    return;
  }
  if (outcome.error && storage::passes_by_itself(outcome.error->code())) unfinished_.insert(change.key);
  // It was counted in when its place was chosen.
  if (!change.directory.empty() && !outcome.created) directories_.count(change.directory, -1);
  const ReplicaDirectories::Directory* const directory = directories_.find(outcome.directory);
  if (directory == nullptr || !directory->online()) return;
  if (*change.state->directory_of(options_.node.raw()) != directory->id)
    events_.on_assigned(change.key, directory->id);
}

Task<void> ReplicaPublisher::tell_places(std::vector<Place> placed, std::vector<PartitionKey> gone) {
  for (std::size_t each = 0; each < shards_.size(); ++each) {
    co_await on(shard(each), [&table = shards_[each]->placement(), placed, gone] {
      for (const auto& [key, at] : placed) table.set(key, at);
      for (const PartitionKey& key : gone) table.erase(key);
    });
  }
}

}  // namespace ottla::replica
