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
    if (log->config().deletes) gauges.retention_bytes = log->config().retention_bytes;
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

Task<CleanerGauges> cleaner_gauges(storage::CleanerManager* cleaner) {
  if (cleaner == nullptr) co_return CleanerGauges();
  const storage::CleaningStats& last = cleaner->last_stats();
  CleanerGauges gauges{.runs = true,
                       .most_map_utilization = last.map_utilization,
                       .read_bytes = last.read_bytes,
                       .written_bytes = last.written_bytes,
                       .longest_cleaning = cleaner->last_took(),
                       .overdue = cleaner->overdue(),
                       .dirtiest_ratio = cleaner->dirtiest_ratio(),
                       .since_look = this_shard().now() - cleaner->last_look()};
  gauges.uncleanable = co_await cleaner->uncleanable_by_directory();
  co_return gauges;
}

void add(CleanerGauges& sum, const CleanerGauges& part) {
  if (!part.runs) return;
  sum.since_look = sum.runs ? std::min(sum.since_look, part.since_look) : part.since_look;
  sum.runs = true;
  sum.most_map_utilization = std::max(sum.most_map_utilization, part.most_map_utilization);
  sum.read_bytes += part.read_bytes;
  sum.written_bytes += part.written_bytes;
  sum.longest_cleaning = std::max(sum.longest_cleaning, part.longest_cleaning);
  sum.overdue = std::max(sum.overdue, part.overdue);
  sum.dirtiest_ratio = std::max(sum.dirtiest_ratio, part.dirtiest_ratio);
  for (const auto& [directory, each] : part.uncleanable) {
    auto& all = sum.uncleanable[directory];
    all.logs += each.logs;
    all.bytes += each.bytes;
  }
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
  gauges.cleaner = co_await cleaner_gauges(set.logs().cleaner());
  gauges.sessions = set.sessions().size();
  gauges.session_partitions = set.sessions().partitions();
  gauges.session_evictions = set.sessions().evictions();
  co_return gauges;
}

void add(ReplicaGauges& sum, ReplicaGauges part) {
  std::ranges::move(part.partitions, std::back_inserter(sum.partitions));
  add(sum.cleaner, part.cleaner);
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
