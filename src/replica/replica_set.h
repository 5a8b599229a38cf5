// The replicas of one shard: their partitions, and the logs that these stand on.
//
// Use:         ReplicaSet set({…});  co_await set.apply(changes);  Partition* p = set.find(key);
//              co_await set.close();
// Lifetime:    close() must have ended before it is destroyed, unless the shard was killed. A partition stays until
//              it is removed by apply(), which tells everybody who waits in it.
// Concurrency: confined to its shard; what other shards want comes through the ReplicaDoor.
// Invariants:  1. a partition's log is the one of its topic id, and nobody uses it when it goes
//              2. a partition without a log is one whose directory is offline, or not known
// Errors:      of one replica, in its outcome; others go on.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/error.h"
#include "base/log.h"
#include "base/node_id.h"
#include "base/result.h"
#include "base/topic_partition.h"
#include "metadata/partition.h"
#include "replica/cluster_view.h"
#include "replica/fetch_sessions.h"
#include "replica/leader_core.h"
#include "replica/partition.h"
#include "replica/partition_key.h"
#include "replica/replica_moves.h"
#include "replica/topic_meters.h"
#include "replica/waiting.h"
#include "runtime/cancel.h"
#include "runtime/task.h"
#include "runtime/task_group.h"
#include "storage/directory/log_home.h"
#include "storage/directory/log_set.h"
#include "storage/log/log_toolbox.h"
#include "storage/scrub/scrub.h"

namespace ottla::replica {

// What the metadata mean for one replica of this shard.
struct ReplicaChange {
  enum class Kind : std::uint8_t { remove, lead, follow };

  Kind kind = Kind::follow;
  PartitionKey key;
  TopicPartition name;
  metadata::PartitionRef state = {};  // nothing, when it is removed
  // Where a log is made if there is none. Empty: nowhere, since there may be one that cannot be reached.
  std::string directory = {};
  bool again = false;  // what could not be done before
};

struct ReplicaOutcome {
  PartitionKey key;
  std::string directory = {};  // in which its log lies; empty when it has none
  bool created = false;        // just now
  std::optional<Error> error = {};
};

// A log of this shard, as people are told of it.
struct ReplicaFacts {
  TopicPartition name;
  std::string directory;  // the log directory
  std::uint64_t size = 0;
  std::int64_t offset_lag = 0;  // behind what is committed; of a future log, behind the log
  bool is_future = false;
};

class ReplicaSet {
 public:
  struct Options {
    NodeId self;
    SharedNodeConfig config;
    storage::LogHome* home = nullptr;  // has to be there
    storage::LogToolbox::Limits limits = {};
    std::optional<storage::CleanerSettings> cleaner = {};
    storage::ProducerOptions producers = {};
    storage::ScrubOptions scrub = {};  // this shard's share
    // The controller is to be asked; the answer goes to the partition.
    std::function<void(const PartitionKey&, IsrProposal)> ask_controller = {};
    ReplicaMoves::Options moves = {};
    FetchSessions::Limits sessions = {};  // this shard's share
    Logger logger = {};
  };
  explicit ReplicaSet(Options options);
  ReplicaSet(const ReplicaSet&) = delete;
  ReplicaSet& operator=(const ReplicaSet&) = delete;

  // --- What there is ----------------------------------------------------------------------------------------
  Partition* find(const PartitionKey& key) const;
  // What is answered for one that is not here.
  protocol::ErrorCode missing(const PartitionKey& key) const;
  std::size_t size() const { return partitions_.size(); }
  // In no order that means anything: nothing that shows may depend on it.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const auto& [key, partition] : partitions_) visit(*partition);
  }
  ClusterView& cluster() { return cluster_; }
  const ClusterView& cluster() const { return cluster_; }
  storage::LogSet& logs() { return logs_; }
  const storage::LogSet& logs() const { return logs_; }

  // --- What the metadata say --------------------------------------------------------------------------------
  // From now on; before the changes that come with it.
  void set_image(metadata::SharedImage image) { cluster_.set_image(std::move(image)); }
  // Removals first, then all others, many at once. Outcomes are in the order of the changes.
  Task<std::vector<ReplicaOutcome>> apply(std::vector<ReplicaChange> changes);
  void reconfigure_topic(const std::string& topic);
  void set_config(SharedNodeConfig config);
  void set_producers(const storage::ProducerOptions& options) { logs_.set_producer_options(options); }
  void set_scrub(const storage::ScrubOptions& options) { scrub_.configure(options); }

  // --- Disks ------------------------------------------------------------------------------------------------
  std::vector<ReplicaFacts> describe_logs() const;
  struct MoveBegun {
    protocol::ErrorCode error = protocol::ErrorCode::none;
    bool made = false;  // a future log
  };
  Task<MoveBegun> begin_move(PartitionKey key, std::string directory);
  ReplicaMoves& moves() { return moves_; }
  // The directory is offline: its partitions answer so from now on. Which they are.
  Task<std::vector<PartitionKey>> drop_directory(std::string directory);

  // Of readers to which this shard gave a session.
  FetchSessions& sessions() { return sessions_; }

  // Of the requests that this shard takes, wherever their partitions are.
  TopicMeterSet& meters() { return meters_; }

  // --- Who waits here for others' sake ----------------------------------------------------------------------
  // A fetch of another shard, by a name that it can be ended with.
  class [[nodiscard]] NamedWait {
   public:
    NamedWait(ReplicaSet& set, std::uint64_t name) : set_(set), name_(name) {}
    NamedWait(const NamedWait&) = delete;
    NamedWait& operator=(const NamedWait&) = delete;
    ~NamedWait() { set_.waits_.erase(name_); }

   private:
    ReplicaSet& set_;
    std::uint64_t name_;
  };
  NamedWait name_wait(std::uint64_t name, FetchWait& wait);
  // It is over. Of one that has ended already, nothing.
  void end_wait(std::uint64_t name);
  // Requested when nobody is to wait any more.
  Cancel stopping() { return stopping_.token(); }
  void stop_waiting() { stopping_.request(); }

  // --- In the background ------------------------------------------------------------------------------------
  // Compaction, retention, flush.ms, producers that are silent, rot, and who lags. Until close().
  void run_in_background();
  Task<storage::LogSet::Closed> close();

 private:
  static constexpr std::size_t kAtOnce = 64;

  Task<void> apply_one(ReplicaChange& change, ReplicaOutcome& outcome);
  Task<void> remove(const ReplicaChange& change, ReplicaOutcome& outcome);
  Partition& find_or_make(const ReplicaChange& change);
  Task<Result<void>> provide_log(const ReplicaChange& change, Partition& partition, ReplicaOutcome& outcome);
  Task<Result<storage::Log*>> find_or_make_log(const ReplicaChange& change, ReplicaOutcome& outcome);
  std::vector<PartitionKey> partitions_in(const std::string& directory) const;
  void note_failure(const std::string& directory, const Error& error);
  Duration first_delay() const;
  Task<void> tidy_up_periodically(Cancel cancel);
  Task<void> scrub_later(Cancel cancel);
  Task<void> expire_producers_periodically(Cancel cancel);
  void forget_meters();
  Task<void> check_isrs_periodically(Cancel cancel);

  const Options options_;
  ClusterView cluster_;
  storage::LogToolbox toolbox_;
  storage::LogSet logs_;
  storage::Scrub scrub_;
  PartitionTools tools_;
  std::unordered_map<PartitionKey, std::unique_ptr<Partition>> partitions_;
  std::set<std::string> dropped_;  // directories, for good
  ReplicaMoves moves_;
  FetchSessions sessions_;
  TopicMeterSet meters_;
  std::unordered_map<std::uint64_t, FetchWait*> waits_;
  CancelSource stopping_;
  TaskGroup tasks_;
};

}  // namespace ottla::replica
