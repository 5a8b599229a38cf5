#include "replica/replica_gauges.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "replica/partition.h"
#include "replica/replica_manager.h"
#include "replica/replica_set.h"
#include "runtime/cross_shard.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/sleep.h"

namespace ottla::replica {
namespace {

PartitionGauges gauges_of(const Partition& partition) {
  PartitionGauges gauges;
  gauges.name = partition.name();
  if (const storage::Log* const log = partition.log()) {
    gauges.online = true;
    gauges.size = log->size();
    gauges.segments = log->segment_count();
    gauges.log_start = log->log_start();
    gauges.log_end = log->log_end();
    gauges.last_stable_lag = log->high_watermark() - log->last_stable_offset();
  }
  const LeaderCore* const core = partition.core();
  gauges.leads = partition.leads() && core != nullptr;
  if (!gauges.leads) return gauges;
  gauges.replicas = core->replica_count();
  gauges.in_sync = core->isr().size();
  gauges.under_min_isr = core->under_min_isr();
  gauges.at_min_isr = core->at_min_isr();
  return gauges;
}

Task<ReplicaGauges> gauges_here(ReplicaManager& replicas) {
  this_shard().set_priority(Priority::background);
  ReplicaSet& set = replicas.set();
  std::vector<PartitionKey> keys;
  keys.reserve(set.size());
  set.for_each([&](const Partition& partition) { keys.push_back(partition.key()); });
  ReplicaGauges gauges;
  gauges.partitions.reserve(keys.size());
  for (const PartitionKey& key : keys) {
    if (this_shard().slice_spent()) co_await yield();
    const Partition* const partition = set.find(key);
    if (partition == nullptr) continue;
    gauges.partitions.push_back(gauges_of(*partition));
    const Partition::Waiting waiting = partition->waiting();
    gauges.waiting_produces += waiting.produces;
    gauges.waiting_deletes += waiting.deletes;
    gauges.waiting_fetches += waiting.fetches;
    if (partition->log() != nullptr) gauges.producers += partition->log()->producers().size();
  }
  gauges.sessions = set.sessions().size();
  gauges.session_partitions = set.sessions().partitions();
  gauges.session_evictions = set.sessions().evictions();
  co_return gauges;
}

void add(ReplicaGauges& sum, ReplicaGauges part) {
  std::ranges::move(part.partitions, std::back_inserter(sum.partitions));
  sum.producers += part.producers;
  sum.waiting_produces += part.waiting_produces;
  sum.waiting_deletes += part.waiting_deletes;
  sum.waiting_fetches += part.waiting_fetches;
  sum.sessions += part.sessions;
  sum.session_partitions += part.session_partitions;
  sum.session_evictions += part.session_evictions;
}

}  // namespace

Task<ReplicaGauges> gauges_of(ReplicaManager& replicas, Process& process) {
  ReplicaGauges sum;
  ReplicaManager* const manager = &replicas;
  for (std::size_t each = 0; each < process.shard_count(); ++each) {
    Shard& shard = process.shard(ShardId(static_cast<std::uint32_t>(each)));
    add(sum, co_await on(shard, [manager] { return gauges_here(*manager); }));
  }
  std::ranges::sort(sum.partitions, {}, &PartitionGauges::name);
  co_return sum;
}

}  // namespace ottla::replica
