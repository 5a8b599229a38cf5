#include "storage/cleaner/cleaner_manager.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/invariant.h"
#include "base/log.h"
#include "base/metric_family.h"
#include "base/metric_registry.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "runtime/cancel.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/timed_wait.h"
#include "storage/cleaner/clean_plan.h"
#include "storage/cleaner/log_cleaning.h"
#include "storage/directory/log_directory.h"

namespace ottla::storage {
namespace {

constexpr CounterFamily kCleanings("ottla_cleaner_cleanings", "cleanings", "Logs compacted");
constexpr CounterFamily kFailures("ottla_cleaner_failures", "cleanings", "Compactions that failed");
constexpr CounterFamily kBytesRead("ottla_cleaner_bytes_read", "bytes",
                                   "Bytes of segments that were compacted");
constexpr CounterFamily kBytesWritten("ottla_cleaner_bytes_written", "bytes",
                                      "Bytes of segments after compaction");
// Under the reference's name.
constexpr CounterFamily kIo("kafka_utils_throttler_cleaner_io", "bytes",
                            "Bytes that compactions read and wrote");
constexpr CounterFamily kNanoseconds("ottla_cleaner_time", "nanoseconds", "Time spent compacting");
constexpr GaugeFamily kUncleanable("ottla_cleaner_uncleanable_partitions", "partitions",
                                   "Partitions whose compaction failed, and that are left alone since");

}  // namespace

struct CleanerManager::Entry {
  Addition of;
  std::optional<Offset> checkpoint;
  bool uncleanable = false;
  int pauses = 0;
  std::uint64_t stops = 0;  // how often somebody wanted it to rest: the log may be another one since
  // Somebody plans, cleans or deletes; it can be cancelled while it cleans.
  bool busy = false;
  CancelSource* cleaning = nullptr;
  Event rests;

  bool may_be_used() const { return !busy && pauses == 0 && !uncleanable && of.log->compaction().compacts; }
};

namespace {

// Marks an entry as in use, and wakes who waits for its rest.
class EntryUse {
 public:
  explicit EntryUse(auto& entry) : busy_(entry.busy), rests_(entry.rests) { busy_ = true; }
  EntryUse(const EntryUse&) = delete;
  EntryUse& operator=(const EntryUse&) = delete;
  ~EntryUse() {
    if (Shard::current().killed()) return;
    busy_ = false;
    rests_.wake_all();
  }

 private:
  bool& busy_;
  Event& rests_;
};

}  // namespace

CleanerManager::Pause::~Pause() {
  if (entry_ != nullptr) --entry_->pauses;
}

CleanerManager::Metrics::Metrics(MetricRegistry& registry)
    : cleanings(registry.counter(kCleanings)),
      failures(registry.counter(kFailures)),
      bytes_read(registry.counter(kBytesRead)),
      bytes_written(registry.counter(kBytesWritten)),
      nanoseconds(registry.counter(kNanoseconds)),
      io(registry.counter(kIo)),
      uncleanable(registry.gauge(kUncleanable)) {}

CleanerManager::CleanerManager(FileSystem& files, const CleanerSettings& settings, CleanerHome& home,
                               MetricRegistry& metrics, Logger logger)
    : files_(files),
      settings_(settings),
      home_(home),
      logger_(logger),
      metrics_(metrics),
      throttle_(settings.max_bytes_per_second),
      tools_{.files = &files_,
             .throttle = &throttle_,
             .map = {.memory = settings.dedupe_bytes, .load_factor = settings.load_factor},
             .io_buffer_size = settings.io_buffer_size},
      last_look_(this_shard().now()) {}

CleanerManager::~CleanerManager() = default;

void CleanerManager::set_settings(const CleanerSettings& settings) {
  settings_ = settings;
  throttle_.set_rate(settings.max_bytes_per_second);
  tools_.map = {.memory = settings.dedupe_bytes, .load_factor = settings.load_factor};
  tools_.io_buffer_size = settings.io_buffer_size;
  changed_.wake_all();
}

// --- Who is here --------------------------------------------------------------------------------------------

std::shared_ptr<CleanerManager::Entry> CleanerManager::find(const TopicPartition& partition) const {
  const auto found = entries_.find(partition);
  return found == entries_.end() ? nullptr : found->second;
}

void CleanerManager::add(Addition addition) {
  auto entry = std::make_shared<Entry>();
  entry->checkpoint = addition.checkpoint;
  entry->of = std::move(addition);
  const auto [at, is_new] = entries_.try_emplace(entry->of.partition, std::move(entry));
  OTTLA_INVARIANT(is_new, "a log was given to the cleaner twice", at->first.topic);
}

Task<CleanerManager::Pause> CleanerManager::pause(TopicPartition partition) {
  std::shared_ptr<Entry> entry = find(partition);
  if (entry == nullptr) co_return Pause();
  co_await stop(*entry);
  co_return Pause(std::move(entry));
}

// Counts as a pause from the first moment on.
Task<void> CleanerManager::stop(Entry& entry) {
  ++entry.pauses;
  ++entry.stops;
  if (entry.cleaning != nullptr) entry.cleaning->request();
  while (entry.busy) co_await entry.rests.wait();
}

Task<void> CleanerManager::remove(TopicPartition partition, bool forget_checkpoint) {
  const std::shared_ptr<Entry> entry = find(partition);
  if (entry == nullptr) co_return;
  entries_.erase(partition);
  co_await stop(*entry);
  if (entry->uncleanable) metrics_.uncleanable->add(-1);
  if (forget_checkpoint) co_await save(*entry, {});
}

Task<void> CleanerManager::move(TopicPartition partition, CleanableLog* log, std::string log_directory) {
  const std::shared_ptr<Entry> entry = find(partition);
  if (entry == nullptr) co_return;
  OTTLA_INVARIANT(entry->pauses > 0 && !entry->busy, "a log moves away from its cleaner", entry->pauses);
  const std::string before = std::exchange(entry->of.log_directory, std::move(log_directory));
  entry->of.log = log;
  co_await save(*entry, entry->checkpoint);
  co_await save_in(before, partition, {});
}

void CleanerManager::truncated(const TopicPartition& partition, Offset offset) {
  const std::shared_ptr<Entry> entry = find(partition);
  if (entry != nullptr && entry->checkpoint) entry->checkpoint = std::min(*entry->checkpoint, offset);
}

bool CleanerManager::is_uncleanable(const TopicPartition& partition) const {
  const auto found = entries_.find(partition);
  return found != entries_.end() && found->second->uncleanable;
}

std::vector<TopicPartition> CleanerManager::uncleanable() const {
  std::vector<TopicPartition> all;
  for (const auto& [partition, entry] : entries_) {
    if (entry->uncleanable) all.push_back(partition);
  }
  return all;
}

Task<std::map<std::string, CleanerManager::Uncleanable>> CleanerManager::uncleanable_by_directory() {
  std::map<std::string, Uncleanable> found;
  for (const TopicPartition& partition : uncleanable()) {
    const std::shared_ptr<Entry> entry = find(partition);
    if (entry == nullptr || !entry->uncleanable) continue;
    Uncleanable& directory = found[entry->of.log_directory];
    ++directory.logs;
    if (entry->busy || entry->pauses > 0) continue;
    const EntryUse use(*entry);
    const Result<LogFacts> facts = co_await gather_facts(*entry->of.log, entry->checkpoint);
    if (!facts.ok()) continue;  // not even this can be read
    directory.bytes += plan_cleaning(*facts, to_epoch_millis(this_shard().wall_now())).cleanable_bytes;
  }
  co_return found;
}

std::vector<TopicPartition> CleanerManager::resting() const {
  std::vector<TopicPartition> all;
  for (const auto& [partition, entry] : entries_) {
    if (entry->may_be_used()) all.push_back(partition);
  }
  return all;
}

std::optional<Offset> CleanerManager::checkpoint(const TopicPartition& partition) const {
  const auto found = entries_.find(partition);
  return found == entries_.end() ? std::nullopt : found->second->checkpoint;
}

// --- Cleaning -----------------------------------------------------------------------------------------------

Task<void> CleanerManager::run(Cancel cancel) {
  this_shard().set_priority(Priority::background);
  while (!cancel.requested()) {
    const bool cleaned = co_await clean_next(cancel);
    if (cleaned) continue;
    // Who asks for shorter pauses does not wait for the end of a long one.
    (void)co_await wait_at_most(changed_, settings_.backoff, cancel);
  }
}

Task<bool> CleanerManager::clean_next(Cancel cancel) {
  std::vector<Candidate> wanted = co_await candidates(cancel);
  bool cleaned = false;
  std::vector<CleaningPlan> plans;
  for (const Candidate& candidate : wanted) plans.push_back(candidate.plan);
  if (const auto first = dirtiest(plans)) cleaned = co_await clean(std::move(wanted[*first]), cancel);
  co_await delete_old_segments(cancel);
  co_return cleaned;
}

Task<std::vector<CleanerManager::Candidate>> CleanerManager::candidates(Cancel cancel) {
  std::vector<Candidate> wanted;
  double dirtiest = 0;
  std::chrono::milliseconds overdue{0};
  for (const TopicPartition& partition : resting()) {
    if (cancel.requested()) break;
    if (this_shard().slice_spent()) co_await yield();
    const std::shared_ptr<Entry> entry = find(partition);
    if (entry == nullptr || !entry->may_be_used()) continue;
    const EntryUse use(*entry);
    const std::uint64_t stops = entry->stops;
    const auto facts = co_await gather_facts(*entry->of.log, entry->checkpoint);
    if (!facts.ok()) {
      note_failure(*entry, facts.error());
      continue;
    }
    const CleaningPlan plan = plan_cleaning(*facts, to_epoch_millis(this_shard().wall_now()));
    if (plan.checkpoint_fault != CheckpointFault::none) {
      if (plan.checkpoint_fault == CheckpointFault::behind_log_end || !facts->config.deletes) {
        logger_.warn("the cleaner's checkpoint is outside of the log, which is cleaned from its start",
                     field("partition", partition.to_string()), field("checkpoint", entry->checkpoint->raw()),
                     field("log_start", facts->log_start.raw()), field("log_end", facts->log_end.raw()));
      }
      co_await save(*entry, plan.first_dirty);
    }
    if (plan.total_bytes() != 0) dirtiest = std::max(dirtiest, plan.cleanable_ratio());
    overdue = std::max(overdue, plan.overdue);
    if (plan.wanted(facts->config)) wanted.push_back({entry, stops, plan});
  }
  last_look_ = this_shard().now();
  dirtiest_ratio_ = dirtiest;
  overdue_ = overdue;
  co_return wanted;
}

Task<bool> CleanerManager::clean(Candidate candidate, Cancel cancel) {
  const std::shared_ptr<Entry> entry = candidate.entry;
  // It may have gone, or been cut, while others were looked at.
  if (entry->stops != candidate.stops || !entry->may_be_used()) co_return false;
  const EntryUse use(*entry);
  CancelSource stop(cancel);
  entry->cleaning = &stop;
  const Instant begin = this_shard().exact_now();
  const CleaningTools tools = tools_;
  LogCleaning cleaning(*entry->of.log, candidate.plan, tools);
  Result<CleaningOutcome> outcome =
      co_await cleaning.run(to_epoch_millis(this_shard().wall_now()), stop.token());
  entry->cleaning = nullptr;
  const bool cleaned = outcome.ok();
  co_await finish(*entry, std::move(outcome), begin);
  co_return cleaned;
}

Task<void> CleanerManager::finish(Entry& entry, Result<CleaningOutcome> outcome, Instant begin) {
  if (!outcome.ok()) {
    note_failure(entry, outcome.error());
    co_return;
  }
  const Duration took = this_shard().exact_now() - begin;
  last_stats_ = outcome->stats;
  last_took_ = took;
  metrics_.io->add(last_stats_.mapped_bytes + last_stats_.read_bytes + last_stats_.written_bytes);
  metrics_.cleanings->increment();
  metrics_.bytes_read->add(last_stats_.read_bytes);
  metrics_.bytes_written->add(last_stats_.written_bytes);
  metrics_.nanoseconds->add(static_cast<std::uint64_t>(took.count()));
  logger_.info("compacted a log", field("partition", entry.of.partition.to_string()),
               field("clean_below", outcome->end.raw()), field("bytes_read", last_stats_.read_bytes),
               field("bytes_written", last_stats_.written_bytes),
               field("records_read", last_stats_.read_records),
               field("records_written", last_stats_.written_records),
               field("milliseconds", std::chrono::duration_cast<std::chrono::milliseconds>(took).count()));
  if (last_stats_.records_without_key != 0) {
    logger_.warn("records without a key were removed from a compacted topic",
                 field("partition", entry.of.partition.to_string()),
                 field("records", last_stats_.records_without_key));
  }
  co_await save(entry, outcome->end);
}

Task<void> CleanerManager::save(Entry& entry, std::optional<Offset> offset) {
  entry.checkpoint = offset;
  return save_in(entry.of.log_directory, entry.of.partition, offset);
}

// Told, not returned: the next start cleans again what was clean.
Task<void> CleanerManager::save_in(std::string log_directory, TopicPartition partition,
                                   std::optional<Offset> offset) {
  const Result<void> saved = co_await home_.save_checkpoint(log_directory, partition, offset);
  if (saved.ok()) co_return;
  logger_.warn("the cleaner's checkpoint was not written", field("directory", log_directory),
               field("error", saved.error().to_string()));
}

// Logs that compact and delete, and the beginnings of others that DeleteRecords has cut off.
Task<void> CleanerManager::delete_old_segments(Cancel cancel) {
  for (const TopicPartition& partition : resting()) {
    if (cancel.requested()) co_return;
    if (this_shard().slice_spent()) co_await yield();
    const std::shared_ptr<Entry> entry = find(partition);
    if (entry == nullptr || !entry->may_be_used()) continue;
    const EntryUse use(*entry);
    const Result<void> deleted = co_await entry->of.log->delete_old_segments();
    if (!deleted.ok()) note_failure(*entry, deleted.error());
  }
}

void CleanerManager::note_failure(Entry& entry, const Error& error) {
  if (error == Errc::cancelled || error == Errc::closed) return;
  metrics_.failures->increment();
  if (is_disk_failure(error.code())) {
    home_.disk_failed(entry.of.log_directory, error);
    return;
  }
  if (passes_by_itself(error.code())) {
    logger_.warn("a compaction failed and is tried again later",
                 field("partition", entry.of.partition.to_string()), field("error", error.to_string()));
    return;
  }
  logger_.error("a compaction failed: the partition is left alone until its log is opened anew, and grows",
                field("partition", entry.of.partition.to_string()), field("error", error.to_string()));
  if (!std::exchange(entry.uncleanable, true)) metrics_.uncleanable->add(1);
}

}  // namespace ottla::storage
