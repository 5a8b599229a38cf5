// The logs of one shard, by partition, whatever log directories they lie in.
//
// Use:         OTTLA_CO_TRY(Log* log, co_await set.create({.directory = "/data/a", .partition = …}));
//              Log* same = set.find(partition);  …  co_await set.close();
// Lifetime:    owns its logs. A pointer to one is good until remove(), set_aside(), replace_with_future() or close();
//              whoever awaits something with it holds its own gate meanwhile (Log::close waits for that).
//              close() must have ended before it is destroyed, unless the shard was killed.
// Concurrency: confined to one shard. Different partitions may be worked on side by side; for one partition, one
//              change at a time.
// Invariants:  1. a partition has at most one log and at most one future log, and those lie in different places
//              2. what is removed is found no more at once, has another name on disk when remove() ends, and is gone
//                 file.delete.delay.ms later
//              3. logs that compact are known to the cleaner from the moment they are here until they are not; it
//                 leaves a log alone that is being truncated, renamed or moved, whoever does that (LogBond)
//              4. before records are taken back, no checkpoint speaks of them any more
// Errors:      already_exists, not_found, those of Log. When a log says that its disk failed, the home is told which
//              log directory that was; its owner takes it offline with drop_directory().
#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "base/uuid.h"
#include "runtime/file_system.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "storage/cleaner/cleaner_manager.h"
#include "storage/directory/log_bond.h"
#include "storage/directory/log_home.h"
#include "storage/format/directory_name.h"
#include "storage/format/offset_checkpoint.h"
#include "storage/log/log.h"
#include "storage/log/log_config.h"

namespace ottla::storage {

class LogSet {
 public:
  struct Options {
    LogTools tools;
    std::function<std::shared_ptr<const LogConfig>(const std::string& topic)> config_of;
    LogHome* home = nullptr;  // has to be there
    ProducerOptions producers = {};
    std::optional<CleanerSettings> cleaner = {};  // without any nothing is compacted
  };
  explicit LogSet(Options options);
  LogSet(const LogSet&) = delete;
  LogSet& operator=(const LogSet&) = delete;

  // --- What there is ----------------------------------------------------------------------------------------
  Log* find(const TopicPartition& partition) const { return log_in(logs_, partition); }
  Log* find_future(const TopicPartition& partition) const { return log_in(futures_, partition); }
  std::size_t size() const { return logs_.size(); }
  // For who goes through all of them while they come and go; the first one behind nothing.
  std::optional<TopicPartition> partition_after(const std::optional<TopicPartition>& partition) const;
  // Logs and future logs in one log directory, and what they hold together.
  struct Usage {
    std::size_t logs = 0;
    std::uint64_t bytes = 0;
  };
  Usage usage_of(const std::string& directory) const;
  // What partition.metadata says; nothing where there is none.
  std::optional<Uuid> topic_id(const TopicPartition& partition) const {
    return topic_id_in(logs_, partition);
  }
  std::optional<Uuid> future_topic_id(const TopicPartition& partition) const {
    return topic_id_in(futures_, partition);
  }

  // --- Bringing logs in -------------------------------------------------------------------------------------
  struct Existing {
    std::string directory;  // the log directory
    std::string folder;     // the log's own within it
    TopicPartition partition;
    bool is_future = false;
    Offset log_start = Offset(0);
    Offset recovery_point = Offset(0);
    Offset high_watermark = Offset(0);
    std::optional<Offset> clean_below = {};  // what the cleaner's checkpoint says
    bool was_clean = false;
    bool synced_by_owner = false;  // these two as in LogOpening
    Semaphore* recoveries = nullptr;
    std::function<void(const RecoveryProgress&)> progress = {};
  };
  // Invalid_argument when another directory has a log of the partition, too.
  Task<Result<Log*>> open(Existing existing);

  struct New {
    std::string directory;
    TopicPartition partition;
    std::optional<Uuid> topic_id = {};
    bool is_future = false;
  };
  Task<Result<Log*>> create(New fresh);

  // --- Letting them go --------------------------------------------------------------------------------------
  Task<Result<void>> remove(TopicPartition partition);
  Task<Result<void>> remove_future(TopicPartition partition);
  // What an earlier removal left on the disk. Its topic is gone: the delay is the node's own.
  void remove_folder_later(std::string path);
  // Of a partition that should not be here: kept under another name, opened no more.
  Task<Result<void>> set_aside(TopicPartition partition);
  Task<Result<void>> set_aside_future(TopicPartition partition);
  // The future log has caught up and nothing is appended to either: it becomes the partition's log.
  Task<Result<Log*>> replace_with_future(TopicPartition partition);
  // The disk is gone: nothing of it can be found any more, and nothing is written to it. Which partitions' logs, and
  // which future logs, that were.
  struct Dropped {
    std::vector<TopicPartition> logs;
    std::vector<TopicPartition> futures;
  };
  Task<Dropped> drop_directory(std::string directory);

  // --- Compaction and configuration -------------------------------------------------------------------------
  // Its metrics and what it cannot clean; its owner runs it (CleanerManager::run). Nothing without settings for it.
  CleanerManager* cleaner() { return cleaner_ ? &*cleaner_ : nullptr; }
  // The topic is configured in another way: its logs go by that from now on, and so does what cleans them.
  void reconfigure(const std::string& topic);
  void reconfigure_all();
  // Of all logs, those to come included.
  void set_producer_options(const ProducerOptions& options);

  // --- All of them ------------------------------------------------------------------------------------------
  // What is to stand in the checkpoint files of one log directory.
  struct Checkpoints {
    std::vector<PartitionOffset> recovery_points;
    std::vector<PartitionOffset> log_starts;
    std::vector<PartitionOffset> high_watermarks;
  };
  Checkpoints checkpoints_of(const std::string& directory) const;
  // What flush.ms demands, and retention, but for logs that compact, which the cleaner sees to. How many segments were
  // deleted.
  Task<std::size_t> tidy_up();
  // Producers that were silent for too long are forgotten.
  Task<void> expire_producers();
  // Closes all logs in good order, several at once, and many of a directory with one sync or two of its whole disk; what
  // is waiting for its deletion is left to the next start. The checkpoints of each directory as they are then, or what
  // went wrong there.
  struct Closed {
    std::map<std::string, Checkpoints> checkpoints;
    std::map<std::string, Error> failures;
  };
  Task<Closed> close();

 private:
  struct Entry {
    std::unique_ptr<LogBond> bond;  // there when the log is
    std::unique_ptr<Log> log;
    std::string directory;
    std::optional<Uuid> topic_id;
  };
  using Entries = std::map<TopicPartition, Entry>;

  static Log* log_in(const Entries& entries, const TopicPartition& partition);
  static std::optional<Uuid> topic_id_in(const Entries& entries, const TopicPartition& partition);
  // `seen` is what was found in the log's folder by whoever looked into it.
  Task<Result<Log*>> open_in(Entries& entries, Existing existing, std::vector<SeenEntry> seen);
  Task<Result<std::vector<SeenEntry>>> make_folder(std::string folder, std::string stray,
                                                   std::optional<Uuid> topic_id);
  Task<Result<void>> lower_checkpoints(const Existing& existing, const Log& log);
  Task<void> tell_cleaner(Entry& entry, const Existing& existing);
  Task<Result<void>> remove_from(Entries& entries, TopicPartition partition);
  Task<Result<void>> set_aside_from(Entries& entries, TopicPartition partition);
  Task<Result<void>> let_go(Entry entry, TopicPartition partition);
  Task<Result<void>> rename(Entry& entry, const TopicPartition& partition, DirectoryRole role);
  Task<void> remove_after(std::string path, Duration delay, Cancel cancel);
  std::vector<TopicPartition> partitions_in(const Entries& entries, const std::string& directory) const;
  Task<void> tidy_up(Entries& entries, std::size_t& deleted);
  Task<std::size_t> delete_old_segments(Entry& entry);
  Task<void> expire_producers(Entries& entries);
  // log_set_close.cc
  struct Leaving;
  Task<void> sync_together(std::string directory, std::vector<Leaving*> logs);
  void note(const Entry& entry);
  static void add_checkpoints(const TopicPartition& partition, const Entry& entry, Checkpoints& checkpoints);

  Options options_;
  std::optional<CleanerManager> cleaner_;
  Entries logs_;
  Entries futures_;
  TaskGroup removals_;
};

}  // namespace ottla::storage
