// A replica of a partition: its log, and what this broker is to it.
//
// Appends and changes of the role keep out of each other's way: a role changes when the appends before it have
// ended, and those behind it see the new one. Reads go on beside both.
//
// Lifetime:    owned by the ReplicaSet; close() must have ended before it is destroyed, unless the shard was killed.
//              The log belongs to the LogSet: attach() lends it, lose_directory() takes it back before it goes.
// Concurrency: confined to the partition's shard. Every member function may be called at any time.
// Invariants:  1. leader and partition epochs never go back
//              2. records are appended in one epoch at a time, each by its leader
//              3. acks=all succeed with the high watermark beyond and |maximal ISR| >= the effective minimum only
// Errors:      the wire's codes in the answers. What a disk refused is told to PartitionTools::disk_failed, too.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "base/exclusive_bytes.h"
#include "base/leader_epoch.h"
#include "base/log.h"
#include "base/metric_registry.h"
#include "base/node_id.h"
#include "base/offset.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "metadata/partition.h"
#include "replica/answers.h"
#include "replica/leader_core.h"
#include "replica/partition_key.h"
#include "replica/topic_settings.h"
#include "replica/waiting.h"
#include "runtime/cancel.h"
#include "runtime/clock.h"
#include "runtime/gate.h"
#include "runtime/semaphore.h"
#include "runtime/task.h"
#include "storage/log/log.h"

namespace ottla::replica {

class Partition;

// The log directory in which a log lies.
std::string directory_of(const storage::Log& log);

// What the partitions of a shard count together.
struct PartitionCounters {
  Metric<Counter> produces_expired;  // waits for followers that lasted too long
  Metric<Counter> isr_shrinks;
  Metric<Counter> isr_expands;
  Metric<Counter> isr_failures;  // changes of the ISR that the controller refused
};

// What the partitions of a shard share. Outlives them.
struct PartitionTools {
  NodeId self;
  const Brokers* brokers = nullptr;
  std::int64_t max_lag_ms = 30'000;  // replica.lag.time.max.ms
  // The controller is to be asked; its answer goes to Partition::on_altered() or on_refused().
  std::function<void(Partition&, IsrProposal)> ask_controller = {};
  std::function<void(Partition&, const Error&)> disk_failed = {};
  PartitionCounters counters = {};
  Logger logger = {};
};

struct AppendCall {
  std::int16_t acks = -1;
  storage::AppendTerms terms = {};
  Instant deadline = Instant::max();  // of the wait for followers
};

struct ReadCall {
  Offset offset;
  std::uint64_t max_bytes = 0;
  bool at_least_one = true;
  storage::Isolation isolation = storage::Isolation::high_watermark;
  bool leader_only = true;
  std::optional<LeaderEpoch> current_epoch = {};       // as the reader knows it
  std::optional<LeaderEpoch> last_fetched_epoch = {};  // of the last record that it has
  // Of a follower.
  NodeId replica = kNoNode;
  Offset log_start = kUnknownOffset;
  std::int64_t broker_epoch = -1;
};

// ListOffsets. The special times are those of the wire.
struct OffsetCall {
  static constexpr std::int64_t kLatest = -1;
  static constexpr std::int64_t kEarliest = -2;
  static constexpr std::int64_t kMaxTimestamp = -3;
  static constexpr std::int64_t kEarliestLocal = -4;
  static constexpr std::int64_t kLatestTiered = -5;
  static constexpr std::int64_t kEarliestPendingUpload = -6;

  std::int64_t timestamp = kLatest;
  storage::Isolation isolation = storage::Isolation::high_watermark;  // log_end: a replica asks
  std::optional<LeaderEpoch> current_epoch = {};
  bool leader_only = true;
};

class Partition {
 public:
  Partition(TopicPartition name, const Uuid& topic_id, PartitionTools& tools);
  Partition(const Partition&) = delete;
  Partition& operator=(const Partition&) = delete;

  const TopicPartition& name() const { return name_; }
  PartitionKey key() const { return {topic_id_, name_.partition}; }
  // Null when its disk has failed, or its directory is not known yet.
  storage::Log* log() const { return log_; }
  bool failed() const { return failed_; }
  bool leads() const { return core_.has_value() && log_ != nullptr; }
  LeaderHint leader() const { return {leader_, leader_epoch_}; }
  std::int32_t partition_epoch() const { return partition_epoch_; }
  // Null unless it leads.
  const LeaderCore* core() const { return core_ ? &*core_ : nullptr; }
  const TopicSettings& settings() const { return *settings_; }

  // --- Its log and its role ---------------------------------------------------------------------------------
  void attach(storage::Log* log) {
    log_ = log;
    failed_ = false;
  }
  // It has no log, for reasons of its disk; attach() may give it one later.
  Task<void> fail();
  // If its log lies in that log directory, nobody uses it through this any more when this ends.
  Task<void> lose_directory(std::string directory);
  void configure(SharedSettings settings);
  // From the metadata: it leads, or follows. What is older than what it knows changes nothing. When the disk does not
  // take note of a new epoch, it leads in none until lead() is called again.
  Task<Result<void>> lead(metadata::PartitionRef state);
  Task<void> follow(metadata::PartitionRef state);
  // The replica is no more. Everybody who waits for it has been told when this ends.
  Task<void> close();
  // Holds appends and changes of the role back while it lives: the log can be exchanged by attach().
  Task<Result<Semaphore::Permit>> hold();

  // --- Appending --------------------------------------------------------------------------------------------
  // Calls that begin one after the other are appended in that order. With acks of all it ends when all in-sync
  // replicas have it, or the deadline passes.
  Task<AppendAnswer> append(ExclusiveBytes records, AppendCall call, Cancel cancel);

  // --- Reading ----------------------------------------------------------------------------------------------
  Task<ReadAnswer> read(ReadCall call);
  // The fetch is rung when there is something to read beyond what it saw.
  void watch(FetchWait& wait, const FetchWait::Place& place);

  // --- Offsets ----------------------------------------------------------------------------------------------
  Task<OffsetAnswer> find_offset(OffsetCall call);
  EpochEndAnswer end_of_epoch(LeaderEpoch epoch, std::optional<LeaderEpoch> current_epoch) const;
  // Offset -1: all that is committed. Ends when the living replicas have deleted it, too, or the deadline passes.
  Task<DeleteAnswer> delete_before(Offset offset, Instant deadline, Cancel cancel);
  ProducersAnswer active_producers() const;

  struct Waiting {
    std::size_t produces = 0;
    std::size_t deletes = 0;
    std::size_t fetches = 0;
  };
  Waiting waiting() const {
    return {.produces = replicating_.count(), .deletes = deleting_.count(), .fetches = fetches_.count()};
  }

  // --- In-sync replicas -------------------------------------------------------------------------------------
  // Called every now and then: some replicas may lag for too long.
  void check_isr();
  // What the controller answered. True when the same is to be asked once more.
  bool on_altered(std::uint64_t number, const AlteredPartition& altered);
  bool on_refused(std::uint64_t number, protocol::ErrorCode error);

 private:
  static constexpr std::int64_t kAll = std::int64_t{1} << 32;  // of turn_

  protocol::ErrorCode unavailable() const;
  protocol::ErrorCode check_epoch(std::optional<LeaderEpoch> current_epoch) const;
  // Whether the log may be asked by somebody who knows that epoch.
  protocol::ErrorCode check(std::optional<LeaderEpoch> current_epoch, bool leader_only) const;
  template <typename Answer>
  Answer refuse(protocol::ErrorCode error) const {
    return {.error = error, .leader = leader()};
  }
  void note(const Error& error);
  void take_epochs(const metadata::Partition& state);
  void step_down(const metadata::Partition& state);
  // The log's end, the ISR or a follower has moved.
  void progress();
  void tell_watchers();
  void wake_all();

  Task<AppendAnswer> append_in_turn(ExclusiveBytes records, AppendCall call, Cancel cancel);
  Task<protocol::ErrorCode> replicated(Offset end, Instant deadline, Cancel cancel);
  std::optional<ReadAnswer> check_divergence(const ReadCall& call) const;
  protocol::ErrorCode check_follower(const ReadCall& call) const;
  protocol::ErrorCode note_follower(const ReadCall& call, Offset log_end);
  ReadAnswer frame() const;
  std::int64_t now_ms() const;
  std::optional<OffsetAnswer> special_offset(std::int64_t timestamp) const;

  const TopicPartition name_;
  const std::string text_;  // of the name
  const Uuid topic_id_;
  PartitionTools& tools_;
  SharedSettings settings_;
  storage::Log* log_ = nullptr;
  std::optional<LeaderCore> core_;  // while it leads
  NodeId leader_ = kNoNode;
  LeaderEpoch leader_epoch_ = kUnknownLeaderEpoch;
  std::int32_t partition_epoch_ = -1;
  bool failed_ = false;   // its disk
  Semaphore turn_{kAll};  // appends take one, who changes the role takes all
  OffsetWaiters replicating_;
  OffsetWaiters deleting_;
  FetchWatchers fetches_;
  Gate gate_;
};

}  // namespace ottla::replica
