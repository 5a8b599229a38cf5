// The way to any partition of this node from any shard: finds where it lives, sends one message a shard, and brings
// the answers back in the order of the questions.
//
// Use:         auto producing = door.begin_produce({…});  …  answers = co_await producing->answers();
//              answers = co_await door.fetch({…}, cancel);
// Lifetime:    one a shard, for as long as the ReplicaManager runs. What a call asks about, and the frame in which its
//              records lie, outlives the call.
// Concurrency: confined to its shard.
// Invariants:  1. produce calls of one shard reach each partition in the order in which they were begun
//              2. a fetch that waits costs one node a partition, and a message or two for each other shard in it
// Errors:      the wire's codes, one for each partition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <type_traits>
#include <vector>

#include "base/exclusive_bytes.h"
#include "base/offset.h"
#include "replica/answers.h"
#include "replica/fetch_sessions.h"
#include "replica/log_dirs.h"
#include "replica/partition.h"
#include "replica/partition_key.h"
#include "replica/placement_table.h"
#include "replica/replica_set.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/task.h"
#include "runtime/task_group.h"

namespace ottla::replica {

struct ProduceItem {
  PartitionKey key;
  ExclusiveBytes records;
  storage::AppendTerms terms = {};
};
struct ProduceCall {
  std::vector<ProduceItem> items;
  std::int16_t acks = -1;
  Duration timeout{0};  // of the wait for followers, with acks of all
};

struct FetchItem {
  PartitionKey key;
  ReadCall call;  // with the most bytes of this partition
};
struct FetchCall {
  std::vector<FetchItem> items;
  std::uint64_t max_bytes = 0;  // of all; the first batch comes whole
  std::uint64_t min_bytes = 0;
  Duration max_wait{0};
  std::optional<ShardId>* only_shard =
      nullptr;  // set to that on which all of its partitions are, if that is one
};

template <typename Call>
struct Asked {
  PartitionKey key;
  Call call;
};
struct EpochCall {
  LeaderEpoch epoch;
  std::optional<LeaderEpoch> current_epoch = {};
};
struct NoCall {};

class ReplicaDoor;
template <typename F>
struct SessionVisit;

// Appends that are under way. answers() must have ended before it is destroyed.
class Producing {
 public:
  Producing(const Producing&) = delete;
  Producing& operator=(const Producing&) = delete;

  // Once, in the order of the items.
  Task<std::vector<AppendAnswer>> answers();
  // On which all of its partitions are, if that is one shard.
  std::optional<ShardId> only_shard() const { return only_shard_; }
  // Whoever waits for followers waits no longer.
  void give_up() { group_.request_cancel(); }

 private:
  friend class ReplicaDoor;
  Producing(ReplicaDoor& door, ProduceCall call);

  struct Batch {
    ShardId shard;
    std::vector<std::size_t> places;  // of its items
  };
  Task<void> append_here(std::size_t place, Cancel cancel);
  Task<void> append_there(Batch batch);

  ReplicaDoor& door_;
  ProduceCall call_;
  const Instant deadline_;
  std::vector<AppendAnswer> answers_;
  std::optional<ShardId> only_shard_;
  TaskGroup group_;
};

class ReplicaDoor {
 public:
  // The sets of all shards, by shard; each is used on its own alone.
  ReplicaDoor(std::vector<ReplicaSet*> sets, const PlacementTable& placement, LogDirs& log_dirs)
      : sets_(std::move(sets)), placement_(placement), log_dirs_(log_dirs) {}
  ReplicaDoor(const ReplicaDoor&) = delete;
  ReplicaDoor& operator=(const ReplicaDoor&) = delete;

  // The appends are under way when this returns.
  std::unique_ptr<Producing> begin_produce(ProduceCall call);
  Task<std::vector<ReadAnswer>> fetch(FetchCall call, Cancel cancel);

  // Of a Fetch request, whichever shard has its session: what to read, and then what of it to send.
  Task<FetchContext> begin_fetch(FetchOpening opening);
  Task<FetchReply> finish_fetch(FetchContext context, std::vector<FetchFacts> facts);
  Task<FetchReply> throttle_fetch(FetchContext context);

  Task<std::vector<OffsetAnswer>> find_offsets(std::vector<Asked<OffsetCall>> asked);
  Task<std::vector<EpochEndAnswer>> ends_of_epochs(std::vector<Asked<EpochCall>> asked);
  // Offset -1: all that is committed.
  Task<std::vector<DeleteAnswer>> delete_records(std::vector<Asked<Offset>> asked, Duration timeout);
  Task<std::vector<ProducersAnswer>> active_producers(std::vector<PartitionKey> keys);

  // In the order of the configuration.
  Task<std::vector<LogDirFacts>> describe_log_dirs();
  Task<std::vector<protocol::ErrorCode>> move(std::vector<MoveWish> wishes);

  // The set of this shard.
  ReplicaSet& here() const;

 private:
  friend class Producing;
  friend class Fetching;

  // This shard for a partition that is nowhere: it is answered here.
  ShardId shard_of(const PartitionKey& key) const;
  // Fetch sessions follow their readers: the first request on another shard brings its session there.
  Task<FetchContext> begin_elsewhere(FetchOpening opening);
  Task<void> bring_session(std::int32_t session_id);
  // Which shard gave out that id, if any did.
  ShardId session_home(std::int32_t session_id) const;
  // Where that session is, or would be if there were one.
  template <typename F>
  Task<SessionVisit<F>> visit_on(ShardId shard, std::int32_t session_id, F f);
  Task<void> tell_homes(std::vector<std::int32_t> ended, ShardId at);
  template <typename F>
  auto with_sessions(std::int32_t session_id, F f) -> Task<std::invoke_result_t<F&, FetchSessions&>>;
  ReplicaSet& set_of(ShardId shard) const { return *sets_[shard.raw()]; }
  template <typename Item>
  std::map<ShardId, std::vector<std::size_t>> by_shard(const std::vector<Item>& items) const;
  std::uint64_t next_wait();
  template <typename Answer, typename Call, typename F>
  Task<std::vector<Answer>> ask(std::vector<Asked<Call>> asked, F answer);

  const std::vector<ReplicaSet*> sets_;
  const PlacementTable& placement_;
  LogDirs& log_dirs_;        // of the first shard
  std::uint64_t waits_ = 0;  // that were begun on other shards: their names
};

}  // namespace ottla::replica
