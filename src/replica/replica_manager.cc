#include "replica/replica_manager.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "config/node_key.h"
#include "config/node_shape.h"
#include "runtime/cross_shard.h"
#include "runtime/process.h"
#include "runtime/sleep.h"

namespace ottla::replica {

using config::node_key;
using storage::LogDirectory;
using storage::LogSet;
using storage::OffsetCheckpoint;

namespace {

Shard& shard_at(std::size_t index) {
  return this_shard().process().shard(ShardId(static_cast<std::uint32_t>(index)));
}

constexpr std::int64_t kYearMs = std::int64_t{365} * 24 * 3'600'000;

Duration interval(std::int64_t millis) {
  return std::chrono::milliseconds(std::clamp<std::int64_t>(millis, 1, kYearMs));
}

void append(std::vector<storage::PartitionOffset>& all, std::vector<storage::PartitionOffset> more) {
  all.insert(all.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

// Those of partitions of which nothing is said yet.
void append_missing(std::vector<storage::PartitionOffset>& all, std::vector<storage::PartitionOffset> more) {
  std::erase_if(more, [&all](const storage::PartitionOffset& each) {
    return std::ranges::find(all, each.partition, &storage::PartitionOffset::partition) != all.end();
  });
  append(all, std::move(more));
}

void sort(std::vector<storage::PartitionOffset>& offsets) {
  std::ranges::sort(offsets, {}, &storage::PartitionOffset::partition);
}

std::vector<storage::PartitionOffset>& list_of(LogSet::Checkpoints& checkpoints, OffsetCheckpoint kind) {
  switch (kind) {
    case OffsetCheckpoint::recovery_point:
      return checkpoints.recovery_points;
    case OffsetCheckpoint::log_start:
      return checkpoints.log_starts;
    default:
      return checkpoints.high_watermarks;
  }
}

// One shard's share of what all cleaners may use.
storage::CleanerSettings cleaner_settings(const config::NodeConfig& config, std::size_t shards,
                                          std::size_t most_memory) {
  const auto share = [shards](std::int64_t bytes) { return static_cast<std::size_t>(bytes) / shards; };
  const double rate =
      config.get(node_key<"log.cleaner.io.max.bytes.per.second">) / static_cast<double>(shards);
  return {
      .backoff = interval(config.get(node_key<"log.cleaner.backoff.ms">)),
      .dedupe_bytes = std::min(share(config.get(node_key<"log.cleaner.dedupe.buffer.size">)), most_memory),
      .load_factor = config.get(node_key<"log.cleaner.io.buffer.load.factor">),
      .io_buffer_size = share(config.get(node_key<"log.cleaner.io.buffer.size">)),
      .max_bytes_per_second =
          rate < 1e18 ? static_cast<std::uint64_t>(std::max(rate, 0.0)) : storage::IoPace::kNoLimit};
}

storage::ScrubOptions scrub_options(const config::NodeConfig& config, std::size_t shards) {
  const auto rate = static_cast<std::uint64_t>(config.get(node_key<"ottla.scrub.bytes.per.second">));
  return {.bytes_per_second = rate == 0 ? 0 : std::max<std::uint64_t>(rate / shards, 1),
          .period = interval(config.get(node_key<"ottla.scrub.period.ms">))};
}

storage::ProducerOptions producer_options(const config::NodeConfig& config) {
  return {.expiration_ms = config.get(node_key<"producer.id.expiration.ms">),
          .max_transaction_timeout_ms = config.get(node_key<"transaction.max.timeout.ms">),
          .verifies_transactions = config.get(node_key<"transaction.partition.verification.enable">)};
}

constexpr OffsetCheckpoint kKinds[] = {OffsetCheckpoint::recovery_point, OffsetCheckpoint::log_start,
                                       OffsetCheckpoint::high_watermark};

}  // namespace

ReplicaManager::ReplicaManager(Options options)
    : options_(std::move(options)), logger_(this_shard().log().logger(options_.module)) {}

Task<Result<std::unique_ptr<ReplicaManager>>> ReplicaManager::open(Options options) {
  OTTLA_INVARIANT(options.events != nullptr, "replicas have nobody to tell");
  std::unique_ptr<ReplicaManager> manager(new ReplicaManager(std::move(options)));
  OTTLA_CO_CHECK(co_await manager->open_all());
  co_return manager;
}

Task<Result<void>> ReplicaManager::open_all() {
  const config::NodeConfig& config = *options_.config;
  OTTLA_CO_TRY(
      directories_,
      co_await ReplicaDirectories::open(
          {.node = options_.node,
           .paths = config::log_directories(config),
           .metadata_path = options_.metadata_path,
           .on_failure = [this](const std::string& path, const Error& error) { on_failure(path, error); },
           .logger = logger_}));
  directories_->set_cordoned(config.get(node_key<"cordoned.log.dirs">));
  shards_.resize(this_shard().process().shard_count());
  isr_requests_ = std::make_unique<IsrRequests>(
      *options_.events, [this](const IsrAnswer& answer) { return deliver_answer(answer); }, logger_);
  for (std::size_t each = 0; each < shards_.size(); ++each) co_await start_shard(each);
  std::vector<ReplicaSet*> sets;
  sets.reserve(shards_.size());
  for (ReplicaShard* const shard : shards_) sets.push_back(&shard->set());
  log_dirs_ = std::make_unique<LogDirs>(*directories_, sets, shards_.front()->placement());
  for (std::size_t each = 0; each < shards_.size(); ++each) {
    co_await on(shard_at(each),
                [shard = shards_[each], sets, &log_dirs = *log_dirs_] { shard->open_door(sets, log_dirs); });
  }
  publisher_ = std::make_unique<ReplicaPublisher>(
      ReplicaPublisher::Options{.node = options_.node,
                                .loads_at_once = config.get(node_key<"num.recovery.threads.per.data.dir">),
                                .progress = options_.progress,
                                .logger = logger_},
      *directories_, shards_, *options_.events);
  tasks_.spawn([this](Cancel cancel) { return publisher_->run(cancel); });
  tasks_.spawn([this](Cancel cancel) { return isr_requests_->run(cancel); });
  const std::pair<OffsetCheckpoint, std::int64_t> periods[] = {
      {OffsetCheckpoint::high_watermark,
       config.get(node_key<"replica.high.watermark.checkpoint.interval.ms">)},
      {OffsetCheckpoint::recovery_point, config.get(node_key<"log.flush.offset.checkpoint.interval.ms">)},
      {OffsetCheckpoint::log_start, config.get(node_key<"log.flush.start.offset.checkpoint.interval.ms">)}};
  for (const auto& [kind, period] : periods) {
    tasks_.spawn([this, kind, period](Cancel cancel) {
      return checkpoint_periodically(kind, interval(period), cancel);
    });
  }
  co_return Result<void>();
}

ReplicaSet::Options ReplicaManager::set_options(std::size_t index) const {
  const config::NodeConfig& config = *options_.config;
  ReplicaSet::Options options{
      .self = options_.node, .config = options_.config, .limits = options_.shard_limits};
  if (config.get(node_key<"log.cleaner.enable">))
    options.cleaner = cleaner_settings(config, shards_.size(), options_.cleaner_memory);
  const std::int32_t ids = session_ids(shards_.size());
  const std::int32_t first_id = 1 + static_cast<std::int32_t>(index) * ids;
  options.sessions = {
      .slots = static_cast<std::size_t>(config.get(node_key<"max.incremental.fetch.session.cache.slots">)) /
               shards_.size(),
      .first_id = first_id,
      .last_id = first_id + (ids - 1)};
  options.producers = producer_options(config);
  options.scrub = scrub_options(config, shards_.size());
  return options;
}

// The shard's part lives in a frame over there, until it is told to leave.
Task<void> ReplicaManager::start_shard(std::size_t index) {
  Event arrived;
  residents_.spawn(reside(index, arrived));
  co_await arrived.wait();
}

Task<void> ReplicaManager::reside(std::size_t index, Event& arrived) {
  ReplicaShard::Neighbours neighbours{.first = this_shard(),
                                      .home = directories_->home(),
                                      .isr_requests = *isr_requests_,
                                      .directories = *directories_,
                                      .events = *options_.events,
                                      .module = options_.module};
  const auto note_arrival = [this, index, &first = this_shard(),
                             &arrived](ReplicaShard& shard) -> Task<void> {
    co_await on(first, [this, index, &shard, &arrived] {
      shards_[index] = &shard;
      arrived.set();
    });
  };
  co_await on(shard_at(index), [options = set_options(index), neighbours, note_arrival]() mutable {
    return ReplicaShard::live(std::move(options), neighbours, note_arrival);
  });
}

template <typename F>
Task<void> ReplicaManager::on_each_shard(F f) {
  for (std::size_t each = 0; each < shards_.size(); ++each)
    co_await on(shard_at(each), [shard = shards_[each], f] { return f(*shard); });
}

Task<void> ReplicaManager::set_config(SharedNodeConfig config) {
  directories_->set_cordoned(config->get(node_key<"cordoned.log.dirs">));
  const storage::CleanerSettings cleaner = cleaner_settings(*config, shards_.size(), options_.cleaner_memory);
  const storage::ScrubOptions scrub = scrub_options(*config, shards_.size());
  co_await on_each_shard([config, cleaner, scrub](ReplicaShard& shard) {
    shard.set().set_config(config);
    shard.set().set_producers(producer_options(*config));
    shard.set().set_scrub(scrub);
    if (shard.set().logs().cleaner() != nullptr) shard.set().logs().cleaner()->set_settings(cleaner);
  });
}

Task<void> ReplicaManager::set_move_rate(std::uint64_t bytes_per_second) {
  const std::uint64_t share =
      bytes_per_second == storage::IoPace::kNoLimit ? bytes_per_second : bytes_per_second / shards_.size();
  co_await on_each_shard([share](ReplicaShard& shard) { shard.set().moves().set_rate(share); });
}

Task<void> ReplicaManager::stop_waiting() {
  co_await on_each_shard([](ReplicaShard& shard) { shard.set().stop_waiting(); });
}

Task<bool> ReplicaManager::deliver_answer(IsrAnswer answer) {
  const std::optional<ShardId> at = publisher_->placement().find(answer.key);
  if (!at) co_return false;
  ReplicaSet& set = shards_[at->raw()]->set();
  co_return co_await on(shard_at(at->raw()), [&set, answer] {
    Partition* const partition = set.find(answer.key);
    if (partition == nullptr) return false;
    return answer.error == protocol::ErrorCode::none ? partition->on_altered(answer.number, answer.altered)
                                                     : partition->on_refused(answer.number, answer.error);
  });
}

// --- Disks ---------------------------------------------------------------------------------------------------

void ReplicaManager::on_failure(const std::string& path, const Error& error) {
  if (!failed_.insert(path).second || !tasks_.open()) return;
  logger_.error("a log directory has failed and is offline until the next start", field("directory", path),
                field("error", error.to_string()));
  tasks_.spawn(drop(path, error));
}

Task<void> ReplicaManager::drop(std::string path, Error error) {
  const ReplicaDirectories::Directory* const directory = directories_->find(path);
  options_.events->on_directory_failed({.path = path,
                                        .id = directory->id,
                                        .holds_metadata = path == options_.metadata_path,
                                        .was_last = !directories_->any_online()},
                                       error);
  co_await on_each_shard(
      [path](ReplicaShard& shard) -> Task<void> { (void)co_await shard.set().drop_directory(path); });
}

Task<void> ReplicaManager::checkpoint_periodically(OffsetCheckpoint kind, Duration period, Cancel cancel) {
  while ((co_await sleep_for(period, cancel)).ok()) {
    // Before the logs are here, what the files say is all that is known of them.
    if (publisher_->loaded()) co_await write_checkpoints(kind);
  }
}

Task<void> ReplicaManager::write_checkpoints(OffsetCheckpoint kind) {
  const auto gather = [this, kind](std::string path) -> Task<std::vector<storage::PartitionOffset>> {
    // Before the logs are asked: it may be opened meanwhile.
    std::vector<storage::PartitionOffset> unopened = publisher_->unopened().checkpoints_in(path, kind);
    std::vector<storage::PartitionOffset> all;
    for (std::size_t each = 0; each < shards_.size(); ++each) {
      append(all, co_await on(shard_at(each), [&set = shards_[each]->set(), path, kind] {
               LogSet::Checkpoints checkpoints = set.logs().checkpoints_of(path);
               return std::move(list_of(checkpoints, kind));
             }));
    }
    append_missing(all, std::move(unopened));
    sort(all);
    co_return all;
  };
  co_await directories_->write_checkpoints(kind, gather);
}

// --- The end -------------------------------------------------------------------------------------------------

Task<void> ReplicaManager::close(LogDirectory::Ending ending) {
  co_await stop_waiting();
  co_await tasks_.stop();
  const bool was_loaded = publisher_->loaded();
  std::vector<std::string> unclean = co_await close_logs();
  for (ReplicaShard* const shard : shards_) {
    const auto index = static_cast<std::size_t>(std::ranges::find(shards_, shard) - shards_.begin());
    co_await on(shard_at(index), [shard] { shard->leave(); });
  }
  co_await residents_.wait();
  // Of what was not opened, nothing can be said but what was said before.
  for (const ReplicaDirectories::Directory& directory : directories_->all()) {
    const bool is_clean = directory.opened && directory.opened->was_clean();
    const bool is_known = was_loaded && !publisher_->unopened().any_to_recover(directory.path);
    if (directory.opened && !is_clean && !is_known) unclean.push_back(directory.path);
  }
  co_await directories_->close(ending, unclean);
}

// Which directories' logs did not close in good order.
Task<std::vector<std::string>> ReplicaManager::close_logs() {
  std::map<std::string, LogSet::Checkpoints> checkpoints;
  std::vector<std::string> unclean;
  for (std::size_t each = 0; each < shards_.size(); ++each) {
    LogSet::Closed closed =
        co_await on(shard_at(each), [&set = shards_[each]->set()] { return set.close(); });
    for (auto& [path, error] : closed.failures) {
      logger_.error("logs were not closed in good order", field("directory", path),
                    field("error", error.to_string()));
      unclean.push_back(path);
    }
    for (auto& [path, more] : closed.checkpoints) {
      for (const OffsetCheckpoint kind : kKinds)
        append(list_of(checkpoints[path], kind), std::move(list_of(more, kind)));
    }
  }
  if (!publisher_->loaded()) co_return unclean;
  for (const OffsetCheckpoint kind : kKinds) {
    co_await directories_->write_checkpoints(
        kind, [&](std::string path) -> Task<std::vector<storage::PartitionOffset>> {
          std::vector<storage::PartitionOffset>& list = list_of(checkpoints[path], kind);
          append_missing(list, publisher_->unopened().checkpoints_in(path, kind));
          sort(list);
          co_return list;
        });
  }
  co_return unclean;
}

}  // namespace ottla::replica
