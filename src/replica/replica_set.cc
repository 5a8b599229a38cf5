#include "replica/replica_set.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "base/metric_family.h"
#include "base/metric_registry.h"
#include "config/node_key.h"
#include "config/node_shape.h"
#include "runtime/semaphore.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "storage/directory/log_directory.h"

namespace ottla::replica {

using config::node_key;
using protocol::ErrorCode;

namespace {

// Under the reference's names.
constexpr CounterFamily kProducesExpired("kafka_server_delayedproducemetrics_expires", "requests",
                                         "Produce requests that waited too long for followers");
constexpr CounterFamily kIsrShrinks("kafka_server_replicamanager_isrshrinks", "changes",
                                    "Times that replicas left the ISR of a partition that is led here");
constexpr CounterFamily kIsrExpands("kafka_server_replicamanager_isrexpands", "changes",
                                    "Times that replicas came into the ISR of a partition that is led here");
constexpr CounterFamily kIsrFailures("kafka_server_replicamanager_failedisrupdates", "changes",
                                     "Changes of an ISR that the controller refused");

Duration millis(std::int64_t count) {
  // A configuration may say 2^63 - 1: never.
  constexpr std::int64_t kYear = std::int64_t{365} * 24 * 3'600'000;
  return std::chrono::milliseconds(std::clamp<std::int64_t>(count, 1, kYear));
}

storage::LogTools with_logger(storage::LogTools tools, const Logger& logger) {
  tools.logger = logger;
  return tools;
}

PartitionCounters make_counters(MetricRegistry& metrics) {
  return {.produces_expired = metrics.counter(kProducesExpired),
          .isr_shrinks = metrics.counter(kIsrShrinks),
          .isr_expands = metrics.counter(kIsrExpands),
          .isr_failures = metrics.counter(kIsrFailures)};
}

}  // namespace

ReplicaSet::ReplicaSet(Options options)
    : options_(std::move(options)),
      cluster_(options_.config),
      toolbox_(this_shard().files(), options_.limits, &this_shard().metrics()),
      logs_(
          {.tools = with_logger(toolbox_.tools(), options_.logger),
           .config_of = [this](const std::string& topic) { return log_config(cluster_.settings_of(topic)); },
           .home = options_.home,
           .producers = options_.producers,
           .cleaner = options_.cleaner}),
      scrub_(logs_, options_.scrub, options_.logger),
      tools_{
          .self = options_.self,
          .brokers = &cluster_,
          .max_lag_ms = options_.config->get(node_key<"replica.lag.time.max.ms">),
          .ask_controller =
              [this](Partition& partition, IsrProposal proposal) {
                if (options_.ask_controller) options_.ask_controller(partition.key(), std::move(proposal));
              },
          .disk_failed = [this](Partition& partition,
                                const Error& error) { note_failure(directory_of(*partition.log()), error); },
          .counters = make_counters(this_shard().metrics()),
          .logger = options_.logger},
      moves_(logs_, options_.moves),
      sessions_(options_.sessions, [] { return this_shard().random().next(); }),
      meters_(this_shard().metrics()) {}

Partition* ReplicaSet::find(const PartitionKey& key) const {
  const auto found = partitions_.find(key);
  return found == partitions_.end() ? nullptr : found->second.get();
}

ErrorCode ReplicaSet::missing(const PartitionKey& key) const {
  // The cluster has it, and this broker no more, or not yet.
  return cluster_.knows(key) ? ErrorCode::not_leader_or_follower : ErrorCode::unknown_topic_or_partition;
}

void ReplicaSet::note_failure(const std::string& directory, const Error& error) {
  options_.home->disk_failed(directory, error);
}

// --- What the metadata say -----------------------------------------------------------------------------------

Task<std::vector<ReplicaOutcome>> ReplicaSet::apply(std::vector<ReplicaChange> changes) {
  std::vector<ReplicaOutcome> outcomes(changes.size());
  Semaphore turns(kAtOnce);
  const auto run = [&](bool removals) -> Task<void> {
    TaskGroup group;
    for (std::size_t each = 0; each < changes.size(); ++each) {
      if ((changes[each].kind == ReplicaChange::Kind::remove) != removals) continue;
      auto turn = co_await turns.acquire(1);
      group.spawn(
          [&, each, turn = std::make_shared<Semaphore::Permit>(*std::move(turn))](Cancel) -> Task<void> {
            co_await apply_one(changes[each], outcomes[each]);
            turn->give_back();
          });
    }
    co_await group.wait();
  };
  // A name that is free again is given to another topic at once.
  co_await run(true);
  co_await run(false);
  co_return outcomes;
}

Task<void> ReplicaSet::apply_one(ReplicaChange& change, ReplicaOutcome& outcome) {
  outcome.key = change.key;
  if (change.kind == ReplicaChange::Kind::remove) co_return co_await remove(change, outcome);
  Partition& partition = find_or_make(change);
  const Result<void> provided = co_await provide_log(change, partition, outcome);
  if (!provided.ok()) {
    outcome.error = provided.error();
    options_.logger.error("a replica has no log", field("partition", change.name.to_string()),
                          field("error", provided.error().to_string()));
    co_await partition.fail();
  }
  if (change.kind == ReplicaChange::Kind::follow) {
    co_await partition.follow(change.state);
  } else {
    const Result<void> led = co_await partition.lead(change.state);
    if (!led.ok()) {
      outcome.error = led.error();
      options_.logger.error("a replica cannot lead", field("partition", change.name.to_string()),
                            field("error", led.error().to_string()));
    }
  }
  if (partition.log() != nullptr) outcome.directory = directory_of(*partition.log());
}

Task<void> ReplicaSet::remove(const ReplicaChange& change, ReplicaOutcome& outcome) {
  co_await moves_.cancel(change.key);
  auto found = partitions_.extract(change.key);
  if (!found.empty()) co_await found.mapped()->close();
  if (logs_.topic_id(change.name).value_or(change.key.topic) != change.key.topic) co_return;
  if (logs_.find_future(change.name) != nullptr) (void)co_await logs_.remove_future(change.name);
  storage::Log* const log = logs_.find(change.name);
  if (log == nullptr) co_return;
  outcome.directory = directory_of(*log);
  const Result<void> removed = co_await logs_.remove(change.name);
  if (!removed.ok()) outcome.error = removed.error();
}

Partition& ReplicaSet::find_or_make(const ReplicaChange& change) {
  std::unique_ptr<Partition>& place = partitions_[change.key];
  if (!place) {
    place = std::make_unique<Partition>(change.name, change.key.topic, tools_);
    place->configure(cluster_.settings_of(change.name.topic));
  }
  return *place;
}

Task<Result<void>> ReplicaSet::provide_log(const ReplicaChange& change, Partition& partition,
                                           ReplicaOutcome& outcome) {
  const bool has_log = partition.log() != nullptr;
  if (!has_log && partition.failed() && !change.again) co_return Result<void>();
  if (!has_log) {
    OTTLA_CO_TRY(storage::Log* const log, co_await find_or_make_log(change, outcome));
    partition.attach(log);
  }
  if (!has_log || change.again) moves_.resume(partition);  // if it was moving when the node stopped
  co_return Result<void>();
}

// Whoever attaches the log does so at once: drop_directory() looks for who has one of its logs.
Task<Result<storage::Log*>> ReplicaSet::find_or_make_log(const ReplicaChange& change,
                                                         ReplicaOutcome& outcome) {
  storage::Log* log = logs_.find(change.name);
  if (log != nullptr && logs_.topic_id(change.name).value_or(change.key.topic) != change.key.topic) {
    co_return Error(Errc::already_exists,
                    "the log of " + change.name.to_string() + " belongs to another topic that had this name");
  }
  if (log == nullptr && change.directory.empty()) {
    co_return Error(Errc::not_found,
                    "the log of " + change.name.to_string() +
                        " may be one that could not be opened, or lie in a directory that is "
                        "offline, so no new one is made");
  }
  if (log == nullptr) {
    const Result<storage::Log*> created = co_await logs_.create(
        {.directory = change.directory, .partition = change.name, .topic_id = change.key.topic});
    if (!created.ok()) {
      if (storage::is_disk_failure(created.error().code())) note_failure(change.directory, created.error());
      co_return created.error();
    }
    log = *created;
    outcome.created = true;
  }
  const std::string directory = directory_of(*log);
  if (!dropped_.contains(directory)) co_return log;
  // It failed while the log was made or opened. Others may be letting go of theirs still.
  (void)co_await drop_directory(directory);
  outcome.created = false;
  co_return Error(Errc::closed, "the log directory " + directory + " is offline");
}

void ReplicaSet::reconfigure_topic(const std::string& topic) {
  cluster_.forget_settings(topic);
  logs_.reconfigure(topic);
  const SharedSettings settings = cluster_.settings_of(topic);
  for (const auto& [key, partition] : partitions_) {
    if (partition->name().topic == topic) partition->configure(settings);
  }
}

void ReplicaSet::set_config(SharedNodeConfig config) {
  cluster_.set_config(std::move(config));
  for (const auto& [key, partition] : partitions_) {
    partition->configure(cluster_.settings_of(partition->name().topic));
  }
  logs_.reconfigure_all();
}

// --- Disks ---------------------------------------------------------------------------------------------------

std::vector<ReplicaFacts> ReplicaSet::describe_logs() const {
  std::vector<ReplicaFacts> all;
  for (auto at = logs_.partition_after({}); at; at = logs_.partition_after(at)) {
    const storage::Log* const log = logs_.find(*at);
    if (log == nullptr) continue;
    all.push_back({.name = *at,
                   .directory = directory_of(*log),
                   .size = log->size(),
                   .offset_lag = std::max<std::int64_t>(log->high_watermark() - log->log_end(), 0)});
    const storage::Log* const future = logs_.find_future(*at);
    if (future == nullptr) continue;
    all.push_back({.name = *at,
                   .directory = directory_of(*future),
                   .size = future->size(),
                   .offset_lag = log->log_end() - future->log_end(),
                   .is_future = true});
  }
  return all;
}

Task<ReplicaSet::MoveBegun> ReplicaSet::begin_move(PartitionKey key, std::string directory) {
  Partition* const partition = find(key);
  if (partition == nullptr) co_return MoveBegun{.error = ErrorCode::replica_not_available};
  if (partition->failed()) co_return MoveBegun{.error = ErrorCode::kafka_storage_error};
  const Result<bool> begun = co_await moves_.begin(*partition, directory);
  if (begun.ok()) co_return MoveBegun{.made = *begun};
  options_.logger.error("a move cannot begin", field("partition", key.to_string()),
                        field("error", begun.error().to_string()));
  if (storage::is_disk_failure(begun.error().code())) {
    note_failure(directory, begun.error());
    co_return MoveBegun{.error = ErrorCode::kafka_storage_error};
  }
  co_return MoveBegun{.error = begun.error() == Errc::not_found ? ErrorCode::replica_not_available
                                                                : ErrorCode::unknown_server_error};
}

Task<std::vector<PartitionKey>> ReplicaSet::drop_directory(std::string directory) {
  dropped_.insert(directory);
  std::vector<PartitionKey> lost;
  // While they let go one after the other, a move may bring one more.
  for (std::vector<PartitionKey> more = partitions_in(directory); !more.empty();
       more = partitions_in(directory)) {
    for (const PartitionKey& key : more) {
      if (Partition* const partition = find(key)) co_await partition->lose_directory(directory);
    }
    lost.insert(lost.end(), more.begin(), more.end());
  }
  (void)co_await logs_.drop_directory(std::move(directory));
  co_return lost;
}

std::vector<PartitionKey> ReplicaSet::partitions_in(const std::string& directory) const {
  std::vector<PartitionKey> found;
  for (const auto& [key, partition] : partitions_) {
    if (partition->log() != nullptr && directory_of(*partition->log()) == directory) found.push_back(key);
  }
  std::ranges::sort(found);
  return found;
}

// --- Who waits here for others' sake -------------------------------------------------------------------------

ReplicaSet::NamedWait ReplicaSet::name_wait(std::uint64_t name, FetchWait& wait) {
  waits_[name] = &wait;
  return {*this, name};
}

void ReplicaSet::end_wait(std::uint64_t name) {
  const auto found = waits_.find(name);
  if (found != waits_.end()) found->second->ring();
}

// --- In the background ---------------------------------------------------------------------------------------

void ReplicaSet::run_in_background() {
  if (logs_.cleaner() != nullptr)
    tasks_.spawn([this](Cancel cancel) { return logs_.cleaner()->run(cancel); });
  tasks_.spawn([this](Cancel cancel) { return tidy_up_periodically(cancel); });
  tasks_.spawn([this](Cancel cancel) { return expire_producers_periodically(cancel); });
  tasks_.spawn([this](Cancel cancel) { return scrub_later(cancel); });
  tasks_.spawn([this](Cancel cancel) { return check_isrs_periodically(cancel); });
}

Duration ReplicaSet::first_delay() const {
  return millis(cluster_.config().get(node_key<"log.initial.task.delay.ms">));
}

Task<void> ReplicaSet::scrub_later(Cancel cancel) {
  if ((co_await sleep_for(first_delay(), cancel)).ok()) co_await scrub_.run(cancel);
}

Task<void> ReplicaSet::expire_producers_periodically(Cancel cancel) {
  this_shard().set_priority(Priority::background);
  const Duration interval =
      millis(cluster_.config().get(node_key<"producer.id.expiration.check.interval.ms">));
  while ((co_await sleep_for(interval, cancel)).ok()) co_await logs_.expire_producers();
}

Task<void> ReplicaSet::tidy_up_periodically(Cancel cancel) {
  this_shard().set_priority(Priority::background);
  const config::NodeConfig& config = cluster_.config();
  const Duration interval = std::min(millis(config.get(node_key<"log.retention.check.interval.ms">)),
                                     millis(config.get(node_key<"log.flush.scheduler.interval.ms">)));
  for (Duration pause = first_delay(); (co_await sleep_for(pause, cancel)).ok(); pause = interval) {
    (void)co_await logs_.tidy_up();
    forget_meters();
  }
}

void ReplicaSet::forget_meters() {
  const metadata::TopicsImage& topics = cluster_.image()->topics;
  meters_.forget([&topics](std::string_view topic) { return topics.find(topic) == nullptr; });
}

Task<void> ReplicaSet::check_isrs_periodically(Cancel cancel) {
  // A replica that stops is noticed after half as long again as it may lag.
  const Duration interval = millis(tools_.max_lag_ms / 2);
  while ((co_await sleep_for(interval, cancel)).ok()) {
    std::vector<PartitionKey> keys;
    for (const auto& [key, partition] : partitions_) {
      if (partition->core() != nullptr && partition->core()->replica_count() > 1) keys.push_back(key);
    }
    std::ranges::sort(keys);
    for (const PartitionKey& key : keys) {
      if (Partition* const partition = find(key)) partition->check_isr();
      if (this_shard().slice_spent()) co_await yield();
    }
  }
}

Task<storage::LogSet::Closed> ReplicaSet::close() {
  co_await tasks_.stop();
  co_await moves_.stop();
  std::vector<Partition*> all;
  all.reserve(partitions_.size());
  for (const auto& [key, partition] : partitions_) all.push_back(partition.get());
  std::ranges::sort(all, {}, [](const Partition* partition) { return partition->key(); });
  for (Partition* const partition : all) co_await partition->close();
  partitions_.clear();
  storage::LogSet::Closed closed = co_await logs_.close();
  co_await toolbox_.close();
  co_return closed;
}

}  // namespace ottla::replica
