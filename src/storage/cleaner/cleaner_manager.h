// Chooses which of a shard's logs to clean next, and cleans them one after the other; stops cleaning a log for who
// wants to truncate or delete it; remembers how far each log is clean, and which cannot be cleaned.
//
// A log that is also subject to retention is handed over to it between two cleanings, and never during one. Logs that
// do not compact at the moment are known and left alone: their configuration is looked at each time.
//
// Use:         manager.add({…});  group.spawn([&](Cancel cancel) { return manager.run(cancel); });
//              { CleanerManager::Pause pause = co_await manager.pause(partition); … truncate … }
// Lifetime:    run() has ended before it is destroyed; pauses are gone by then.
// Concurrency: confined to its shard.
// Invariants:  1. a log is cleaned by nobody while a pause of it lives, nor after remove()
//              2. what is clean is told to the home only after it lies in the log durably
// Errors:      a cleaning that fails ends there, and nothing of what it did not finish counts. Bytes that cannot be
//              read make the log uncleanable until it is opened anew; a disk that fails is told to the home; a disk
//              that is full is tried again later.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/metric_registry.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "storage/cleaner/clean_plan.h"
#include "storage/cleaner/cleanable_log.h"
#include "storage/cleaner/log_cleaning.h"
#include "storage/io_pace.h"

namespace ottla::storage {

// Where the cleaner's checkpoints are kept, and who has to know of a disk that fails. May live on another shard.
class CleanerHome {
 public:
  virtual ~CleanerHome() = default;
  // cleaner-offset-checkpoint of that log directory: everything of the partition below is clean. Nothing: forget it.
  virtual Task<Result<void>> save_checkpoint(std::string log_directory, TopicPartition partition,
                                             std::optional<Offset> offset) = 0;
  virtual void disk_failed(const std::string& log_directory, const Error& error) = 0;
};

struct CleanerSettings {
  Duration backoff = std::chrono::seconds(15);          // log.cleaner.backoff.ms
  std::size_t dedupe_bytes = std::size_t{128} << 20;    // log.cleaner.dedupe.buffer.size, this shard's share
  double load_factor = 0.9;                             // log.cleaner.io.buffer.load.factor
  std::size_t io_buffer_size = std::size_t{512} << 10;  // log.cleaner.io.buffer.size, this shard's share
  std::uint64_t max_bytes_per_second = IoPace::kNoLimit;  // log.cleaner.io.max.bytes.per.second, likewise
};

class CleanerManager {
 private:
  struct Entry;

 public:
  struct Addition {
    TopicPartition partition;
    CleanableLog* log = nullptr;
    std::string log_directory;  // that of the node, with the checkpoints
    std::optional<Offset> checkpoint = {};
  };

  // Keeps a log from being cleaned while it lives.
  class [[nodiscard]] Pause {
   public:
    Pause() = default;
    Pause(Pause&& other) noexcept : entry_(std::move(other.entry_)) {}
    Pause& operator=(Pause&& other) noexcept {
      std::swap(entry_, other.entry_);
      return *this;
    }
    ~Pause();

   private:
    friend class CleanerManager;
    explicit Pause(std::shared_ptr<Entry> entry) : entry_(std::move(entry)) {}
    std::shared_ptr<Entry> entry_;
  };

  CleanerManager(FileSystem& files, const CleanerSettings& settings, CleanerHome& home,
                 MetricRegistry& metrics, Logger logger);
  CleanerManager(const CleanerManager&) = delete;
  CleanerManager& operator=(const CleanerManager&) = delete;
  ~CleanerManager();

  // From now on; a cleaning that is under way goes on as it began, but for its pace.
  void set_settings(const CleanerSettings& settings);

  void add(Addition addition);
  // Stops its cleaning first. Its checkpoint stays, unless it is to be forgotten: the log is deleted or moves.
  Task<void> remove(TopicPartition partition, bool forget_checkpoint);
  // Stops its cleaning, if there is any. Of a partition that is not here, nothing.
  Task<Pause> pause(TopicPartition partition);
  // Another log took the place of the partition's, with the same records, in another directory. The log is paused.
  Task<void> move(TopicPartition partition, CleanableLog* log, std::string log_directory);
  // What lies at `offset` and behind it is taken back: it is not clean. The log is paused, and the home knows.
  void truncated(const TopicPartition& partition, Offset offset);

  // Cleans logs as long as any wants it, then looks again every now and then. Background work.
  Task<void> run(Cancel cancel);
  // Cleans the dirtiest log, then lets retention at those that rest. Whether a log was cleaned.
  Task<bool> clean_next(Cancel cancel);

  bool is_uncleanable(const TopicPartition& partition) const;
  std::vector<TopicPartition> uncleanable() const;
  std::optional<Offset> checkpoint(const TopicPartition& partition) const;
  // Of the dirtiest log, when it was looked for last: from 0 to 1.
  double dirtiest_ratio() const { return dirtiest_ratio_; }
  // For how long the data that has waited longest is overdue (max.compaction.lag.ms).
  std::chrono::milliseconds overdue() const { return overdue_; }
  const CleaningStats& last_stats() const { return last_stats_; }
  Duration last_took() const { return last_took_; }
  // When it last looked which log to clean; when it began, before the first time.
  Instant last_look() const { return last_look_; }
  // Of each log directory that has some: logs that cannot be cleaned, and what would be cleaned of them if they could.
  struct Uncleanable {
    std::size_t logs = 0;
    std::uint64_t bytes = 0;
  };
  Task<std::map<std::string, Uncleanable>> uncleanable_by_directory();

 private:
  struct Candidate {
    std::shared_ptr<Entry> entry;
    std::uint64_t stops = 0;  // of the entry: the plan is as good as they are the same
    CleaningPlan plan;
  };
  struct Metrics {
    explicit Metrics(MetricRegistry& registry);
    Metric<Counter> cleanings;
    Metric<Counter> failures;
    Metric<Counter> bytes_read;
    Metric<Counter> bytes_written;
    Metric<Counter> nanoseconds;
    Metric<Counter> io;
    Metric<Gauge> uncleanable;
  };

  std::shared_ptr<Entry> find(const TopicPartition& partition) const;
  // Those that compact, and that nobody uses or holds back.
  std::vector<TopicPartition> resting() const;
  Task<void> stop(Entry& entry);
  Task<std::vector<Candidate>> candidates(Cancel cancel);
  Task<bool> clean(Candidate candidate, Cancel cancel);
  Task<void> finish(Entry& entry, Result<CleaningOutcome> outcome, Instant begin);
  Task<void> save(Entry& entry, std::optional<Offset> offset);
  Task<void> save_in(std::string log_directory, TopicPartition partition, std::optional<Offset> offset);
  Task<void> delete_old_segments(Cancel cancel);
  void note_failure(Entry& entry, const Error& error);

  FileSystem& files_;
  CleanerSettings settings_;
  Event changed_;  // woken when settings_ change
  CleanerHome& home_;
  Logger logger_;
  Metrics metrics_;
  IoPace throttle_;
  CleaningTools tools_;
  std::map<TopicPartition, std::shared_ptr<Entry>> entries_;
  double dirtiest_ratio_ = 0;
  std::chrono::milliseconds overdue_{0};
  CleaningStats last_stats_;
  Duration last_took_{0};
  Instant last_look_;
};

}  // namespace ottla::storage
