// Opens every log that lies in the log directories, on all shards at once, when the node starts.
//
// Which replicas the node is to have is known from the metadata: a log of any other partition, or of an earlier topic
// of its name, is a stray, and is set aside under another name.
//
// Lifetime:    for one load.
// Concurrency: on the first shard; logs are opened on theirs.
// Invariants:  1. a partition's log and its future log are on one shard
//              2. when it ends, no checkpoint on the disk is beyond the end of its log
// Errors:      of one log: told in the outcome, and the others go on. A disk at fault takes its directory offline.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/metric.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "metadata/image.h"
#include "replica/partition_key.h"
#include "replica/replica_directories.h"
#include "replica/replica_set.h"
#include "replica/unopened_logs.h"
#include "runtime/cancel.h"
#include "runtime/semaphore.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "storage/directory/log_directory.h"
#include "storage/directory/log_set.h"
#include "storage/log/log.h"

namespace ottla::replica {

struct LoadingProgress {
  std::size_t logs_done = 0;
  std::size_t logs = 0;
  // What recovery has read, of what it has to read in the logs that it knows so far.
  std::uint64_t bytes_done = 0;
  std::uint64_t bytes = 0;
};

struct LoadedLog {
  PartitionKey key;
  TopicPartition name;
  ShardId shard;
  std::string directory;
};

struct LoadingOutcome {
  std::vector<LoadedLog> logs;  // that are the partitions', in the order of their directories and names
  std::vector<TopicPartition> futures;
  std::vector<TopicPartition> strays;
  struct Failure {
    std::string folder;
    Error error;
  };
  std::vector<Failure> failures;
  std::vector<UnopenedLog> unopened;  // of those, what there is to open
};

class LogLoading {
 public:
  struct Options {
    NodeId node;
    // num.recovery.threads.per.data.dir: logs of a directory that are recovered on a shard at once, if that takes more
    // than a little.
    std::int64_t recoveries_at_once = 2;
    // After each log, and every now and then meanwhile.
    std::function<void(const LoadingProgress&)> progress = {};
    Logger logger = {};
  };
  // `sets`: of all shards, by shard.
  LogLoading(ReplicaDirectories& directories, std::vector<ReplicaSet*> sets, Options options)
      : directories_(directories),
        sets_(std::move(sets)),
        options_(std::move(options)),
        logs_on_(sets_.size()),
        recovered_(sets_.size()) {}

  Task<LoadingOutcome> run(metadata::SharedImage image);

 private:
  using Offsets = std::map<TopicPartition, Offset>;
  struct Checkpoints {
    Offsets recovery_points;
    Offsets log_starts;
    Offsets high_watermarks;
    Offsets clean;
  };
  struct Found {
    ReplicaDirectories::Directory* directory = nullptr;
    storage::LogDirectory::Partition partition;
    const Checkpoints* checkpoints = nullptr;
  };
  // Counted by the shard that recovers, and read by the first one.
  struct alignas(64) Recovered {
    Counter done;
    Counter bytes;
  };

  Task<void> look_into(ReplicaDirectories::Directory& directory);
  Task<Result<Offsets>> read(storage::LogDirectory& directory, storage::OffsetCheckpoint kind);
  Task<void> set_twins_aside(const metadata::MetadataImage& image);
  Task<bool> set_twin_aside(const Found& found);
  std::optional<Uuid> assigned(const metadata::MetadataImage& image, const TopicPartition& partition) const;
  // Where many logs have to be recovered, one sync of all that is there stands in for those of each log.
  Task<void> sync_many();
  Task<void> sync_again();
  Task<void> open_all(bool futures);
  Task<void> open_one(Found found);
  static std::function<void(const storage::RecoveryProgress&)> counting_in(Recovered& recovered);
  Task<void> tell_periodically(Cancel cancel);
  ShardId place(const TopicPartition& partition);
  void fail(const Found& found, const Error& error);
  void tell();

  ReplicaDirectories& directories_;
  const std::vector<ReplicaSet*> sets_;
  const Options options_;
  std::vector<std::size_t> logs_on_;  // by shard
  std::vector<Checkpoints> checkpoints_;
  std::vector<Found> found_;
  std::map<TopicPartition, std::pair<std::string, ShardId>> placed_;  // where a log lies, and lives
  LoadingProgress progress_;
  std::vector<Recovered> recovered_;  // by shard
  // By directory and shard, which alone takes them.
  std::map<std::pair<std::string, ShardId>, Semaphore> recoveries_;
  std::vector<std::string> synced_;  // directories, as a whole
  LoadingOutcome outcome_;
};

// Whether the node is not to have that partition of that topic, by the image.
bool is_stray(const metadata::MetadataImage& image, NodeId node, const TopicPartition& partition,
              const std::optional<Uuid>& topic_id);

}  // namespace ottla::replica
