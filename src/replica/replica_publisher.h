// Makes of the metadata what they mean for this node's replicas: makes logs, leads, follows, deletes.
//
// Images that come faster than they can be applied are taken together: what matters is the last one. What could not be
// done for a reason that passes (the disk is full) is tried again, after pauses that grow; as long as there is nothing of
// that kind, nothing runs.
//
// Use:         loader.add(publisher);  group.spawn([&](Cancel cancel) { return publisher.run(cancel); });
//              co_await publisher.applied(offset, cancel);
// Lifetime:    run() has ended before it is destroyed.
// Concurrency: confined to the first shard; replicas change on theirs.
// Invariants:  1. changes are applied in the order of the images
//              2. all shards know where a partition lives before it is there
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/log.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "base/result.h"
#include "metadata/delta.h"
#include "metadata/image.h"
#include "metadata/loader.h"
#include "replica/log_loading.h"
#include "replica/partition_key.h"
#include "replica/replica_directories.h"
#include "replica/replica_events.h"
#include "replica/replica_set.h"
#include "replica/replica_shard.h"
#include "replica/unopened_logs.h"
#include "replica/waiting.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/event.h"
#include "runtime/task.h"

namespace ottla::replica {

class ReplicaPublisher final : public metadata::Publisher {
 public:
  struct Options {
    NodeId node;
    std::int64_t loads_at_once = 2;  // num.recovery.threads.per.data.dir
    std::function<void(const LoadingProgress&)> progress = {};
    Logger logger = {};
  };
  // `shards`: by shard; used on their own.
  ReplicaPublisher(Options options, ReplicaDirectories& directories, std::vector<ReplicaShard*> shards,
                   ReplicaEvents& events);

  void publish(const metadata::Publication& publication) override;
  Task<void> run(Cancel cancel);

  // All that the metadata said up to that offset is in force here.
  Offset applied_offset() const { return applied_; }
  Task<Result<void>> applied(Offset offset, Cancel cancel);
  bool loaded() const { return loaded_; }
  // What the load at the start found.
  const LoadingOutcome& loading() const { return loading_; }
  // What of it could not be opened.
  const UnopenedLogs& unopened() const { return unopened_; }
  // Where a partition lives.
  const PlacementTable& placement() const { return shards_.front()->placement(); }

 private:
  using Place = std::pair<PartitionKey, ShardId>;
  struct ShardWork {
    metadata::SharedImage image;
    std::vector<std::string> reconfigured;
    std::vector<Place> placed;
    std::vector<ReplicaChange> changes;
  };

  Task<bool> wait_for_work(Cancel cancel);
  Task<void> take(metadata::SharedImage next);
  Task<void> take_loaded();
  Task<void> apply(metadata::MetadataDelta delta);
  Task<void> carry_out(std::vector<ShardWork> works);
  bool is_unfinished() const { return !unfinished_.empty() || unopened_.any_may_open(); }
  Task<void> try_again();
  std::vector<ShardWork> plan(const metadata::MetadataDelta& delta, std::vector<PartitionKey>& gone);
  void plan_change(const metadata::LocalReplica& replica, ReplicaChange::Kind kind,
                   const metadata::MetadataImage& image, std::vector<ShardWork>& works,
                   std::vector<Place>& placed);
  void plan_again(const PartitionKey& key, std::vector<ShardWork>& works);
  std::string choose_directory(const TopicPartition& name, const metadata::Partition& partition);
  Task<void> work_on(std::size_t index, ShardWork work, std::vector<ReplicaOutcome>& outcomes);
  void note(const ReplicaChange& change, const ReplicaOutcome& outcome, std::size_t index);
  Task<void> tell_places(std::vector<Place> placed, std::vector<PartitionKey> gone);
  ShardId choose_shard(const TopicPartition& name);
  Shard& shard(std::size_t index) const;
  std::vector<ReplicaSet*> sets() const;
  LogLoading::Options loading_options() const;

  const Options options_;
  ReplicaDirectories& directories_;
  const std::vector<ReplicaShard*> shards_;
  ReplicaEvents& events_;
  std::vector<std::size_t> replicas_on_;  // by shard
  metadata::SharedImage before_;          // in force
  metadata::SharedImage after_;           // to be; null when nothing waits
  Event published_;
  Offset applied_ = Offset(-1);
  OffsetWaiters waiting_;
  bool loaded_ = false;
  LoadingOutcome loading_;
  UnopenedLogs unopened_;
  std::set<PartitionKey> unfinished_;  // what the metadata say of these is to be tried again
  Instant again_at_{};                 // when there is something unfinished
  Duration pause_{};                   // before that
};

}  // namespace ottla::replica
