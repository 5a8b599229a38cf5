// All replicas of a node: its log directories, a set of partitions on each shard, and what keeps them in step with the
// metadata and with the disk.
//
// Use:         OTTLA_CO_TRY(auto replicas, co_await ReplicaManager::open({…}));
//              loader.add(replicas->publisher());      // loads the logs at the first image
//              replicas->door().fetch(…)                // on any shard
//              co_await replicas->close(LogDirectory::Ending::clean(broker_epoch));
// Lifetime:    close() must have ended before it is destroyed, unless the shard was killed.
// Concurrency: on the first shard, but for door(), which gives each shard its own.
// Errors:      of open(): those of ReplicaDirectories.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "base/result.h"
#include "metadata/loader.h"
#include "replica/cluster_view.h"
#include "replica/isr_requests.h"
#include "replica/log_dirs.h"
#include "replica/replica_directories.h"
#include "replica/replica_door.h"
#include "replica/replica_events.h"
#include "replica/replica_publisher.h"
#include "replica/replica_shard.h"
#include "runtime/cancel.h"
#include "runtime/event.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "storage/directory/log_directory.h"
#include "storage/directory/log_set.h"

namespace ottla::replica {

class ReplicaManager {
 public:
  struct Options {
    NodeId node;
    SharedNodeConfig config;
    // The cluster's metadata lie there; one of log.dirs, or a directory of its own.
    std::string metadata_path;
    storage::LogToolbox::Limits shard_limits = {};  // of each shard
    std::size_t cleaner_memory = SIZE_MAX;          // of each shard, for the keys of logs that are compacted
    ReplicaEvents* events = nullptr;                // has to be there
    std::function<void(const LoadingProgress&)> progress = {};
    LogModule module = LogModule("replica");
  };
  // The directories are open and the shards are ready; the first image loads the logs.
  static Task<Result<std::unique_ptr<ReplicaManager>>> open(Options options);
  ReplicaManager(const ReplicaManager&) = delete;
  ReplicaManager& operator=(const ReplicaManager&) = delete;

  ReplicaDirectories& directories() { return *directories_; }
  ReplicaPublisher& publisher() { return *publisher_; }
  // Of the shard that asks.
  ReplicaDoor& door() { return shards_[this_shard().id().raw()]->door(); }
  // The set of the shard that asks.
  ReplicaSet& set() { return shards_[this_shard().id().raw()]->set(); }

  // The node is configured in another way, from now on.
  Task<void> set_config(SharedNodeConfig config);
  // replica.alter.log.dirs.io.max.bytes.per.second, of the node.
  Task<void> set_move_rate(std::uint64_t bytes_per_second);
  // Nobody waits in a produce or a fetch any longer: they are answered with what there is.
  Task<void> stop_waiting();
  // Closes all logs, writes all checkpoints and gives up the directories.
  Task<void> close(storage::LogDirectory::Ending ending);

 private:
  explicit ReplicaManager(Options options);

  Task<Result<void>> open_all();
  Task<void> start_shard(std::size_t index);
  Task<void> reside(std::size_t index, Event& arrived);
  Task<bool> deliver_answer(IsrAnswer answer);
  ReplicaSet::Options set_options(std::size_t index) const;
  template <typename F>
  Task<void> on_each_shard(F f);

  void on_failure(const std::string& path, const Error& error);
  Task<void> drop(std::string path, Error error);
  Task<void> checkpoint_periodically(storage::OffsetCheckpoint kind, Duration interval, Cancel cancel);
  Task<void> write_checkpoints(storage::OffsetCheckpoint kind);
  Task<std::vector<std::string>> close_logs();

  const Options options_;
  Logger logger_;
  std::unique_ptr<ReplicaDirectories> directories_;
  std::vector<ReplicaShard*> shards_;  // each in a frame of its own shard
  std::unique_ptr<ReplicaPublisher> publisher_;
  std::unique_ptr<IsrRequests> isr_requests_;
  std::unique_ptr<LogDirs> log_dirs_;
  std::set<std::string> failed_;  // directories, since the start
  TaskGroup tasks_;
  TaskGroup residents_;  // the frames of shards_
};

}  // namespace ottla::replica
