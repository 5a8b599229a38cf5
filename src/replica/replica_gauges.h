// How much there is of a node's replicas at one moment, for those who watch it.
//
// Use:         const ReplicaGauges gauges = co_await gauges_of(replicas, process);
// Lifetime:    values.
// Concurrency: asked on the first shard; each shard looks at its own, in the background, and lets others work between.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "base/offset.h"
#include "base/topic_partition.h"
#include "runtime/clock.h"
#include "runtime/task.h"
#include "storage/cleaner/cleaner_manager.h"

namespace ottla {
class Process;
}

namespace ottla::replica {

class ReplicaManager;

struct PartitionGauges {
  TopicPartition name;
  bool online = false;  // there is a log
  std::uint64_t size = 0;
  std::size_t segments = 0;
  Offset log_start;
  Offset log_end;
  std::int64_t last_stable_lag = 0;
  std::int64_t retention_bytes = -1;  // what it may grow to; negative: it is not cut
  // Of one that it leads.
  bool leads = false;
  std::size_t replicas = 0;
  std::size_t in_sync = 0;
  bool under_min_isr = false;
  bool at_min_isr = false;
};

// Of the cleaners of all shards.
struct CleanerGauges {
  bool runs = false;
  double most_map_utilization = 0;  // 0 to 1, in their last cleanings
  std::uint64_t read_bytes = 0;     // in their last cleanings
  std::uint64_t written_bytes = 0;  // likewise
  Duration longest_cleaning{0};     // of the last ones
  std::chrono::milliseconds overdue{0};
  double dirtiest_ratio = 0;
  Duration since_look{0};  // of the one that looked last
  std::map<std::string, storage::CleanerManager::Uncleanable> uncleanable = {};  // by log directory
};

struct ReplicaGauges {
  CleanerGauges cleaner;
  std::vector<PartitionGauges> partitions;  // by name
  std::size_t producers = 0;                // that partitions know
  std::size_t waiting_produces = 0;
  std::size_t waiting_deletes = 0;
  std::size_t waiting_fetches = 0;  // a fetch counts once in each partition in which it waits
  std::size_t sessions = 0;
  std::size_t session_partitions = 0;
  std::uint64_t session_evictions = 0;
};

Task<ReplicaGauges> gauges_of(ReplicaManager& replicas, Process& process);

}  // namespace ottla::replica
