#include "server/observation/replica_metrics.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <string_view>

#include "runtime/shard.h"
#include "runtime/sleep.h"
#include "server/observation/cleaner_metrics.h"

namespace ottla::server {
namespace {

using replica::PartitionGauges;
using replica::ReplicaGauges;

// What is told of each partition.
struct OfPartition {
  std::string_view name;
  std::string_view help;
  bool (*applies)(const PartitionGauges& partition);
  double (*value)(const PartitionGauges& partition);
};

constexpr auto kOnline = [](const PartitionGauges& partition) { return partition.online; };

bool is_under_replicated(const PartitionGauges& partition) {
  return partition.leads && partition.in_sync < partition.replicas;
}

constexpr OfPartition kOfPartition[] = {
    {"kafka_log_log_size", "Bytes of a log", kOnline,
     [](const PartitionGauges& partition) { return static_cast<double>(partition.size); }},
    {"kafka_log_log_retentionsizein_percent", "How much of its retention.bytes a log has; 0 without a limit",
     kOnline,
     [](const PartitionGauges& partition) {
       if (partition.retention_bytes <= 0) return 0.0;
       return std::floor(100 * static_cast<double>(partition.size) /
                         static_cast<double>(partition.retention_bytes));
     }},
    {"kafka_log_log_numlogsegments", "Segments of a log", kOnline,
     [](const PartitionGauges& partition) { return static_cast<double>(partition.segments); }},
    {"kafka_log_log_logstartoffset", "The first offset of a log", kOnline,
     [](const PartitionGauges& partition) { return static_cast<double>(partition.log_start.raw()); }},
    {"kafka_log_log_logendoffset", "The offset behind the last record of a log", kOnline,
     [](const PartitionGauges& partition) { return static_cast<double>(partition.log_end.raw()); }},
    {"kafka_cluster_partition_laststableoffsetlag", "Records of open transactions, and behind them", kOnline,
     [](const PartitionGauges& partition) { return static_cast<double>(partition.last_stable_lag); }},
    {"kafka_cluster_partition_replicascount", "Replicas of a partition that is led here; 0 elsewhere",
     [](const PartitionGauges&) { return true; },
     [](const PartitionGauges& partition) { return static_cast<double>(partition.replicas); }},
    {"kafka_cluster_partition_insyncreplicascount",
     "Those in sync of a partition that is led here; 0 elsewhere",
     [](const PartitionGauges&) { return true; },
     [](const PartitionGauges& partition) { return static_cast<double>(partition.in_sync); }},
    {"kafka_cluster_partition_underreplicated", "Whether a partition that is led here lacks replicas",
     [](const PartitionGauges&) { return true; },
     [](const PartitionGauges& partition) { return is_under_replicated(partition) ? 1.0 : 0.0; }},
    {"kafka_cluster_partition_underminisr", "Whether it has fewer in sync than min.insync.replicas",
     [](const PartitionGauges&) { return true; },
     [](const PartitionGauges& partition) { return partition.leads && partition.under_min_isr ? 1.0 : 0.0; }},
    {"kafka_cluster_partition_atminisr", "Whether it has as many in sync as min.insync.replicas",
     [](const PartitionGauges&) { return true; },
     [](const PartitionGauges& partition) { return partition.leads && partition.at_min_isr ? 1.0 : 0.0; }},
};

Task<void> tell_partitions(const ReplicaGauges& gauges, PrometheusText& text) {
  for (const OfPartition& each : kOfPartition) {
    if (gauges.partitions.empty()) co_return;
    text.begin(each.name, "gauge", each.help);
    for (const PartitionGauges& partition : gauges.partitions) {
      if (!each.applies(partition)) continue;
      text.sample(each.name,
                  {{"topic", partition.name.topic}, {"partition", partition.name.partition.to_string()}},
                  each.value(partition));
      if (this_shard().slice_spent()) co_await yield();
    }
  }
}

class Telling {
 public:
  explicit Telling(PrometheusText& text) : text_(text) {}

  void gauge(std::string_view name, std::string_view help, std::size_t value) {
    text_.gauge(name, help, value);
  }
  void purgatories(std::string_view name, std::string_view help, const ReplicaGauges& gauges) {
    const auto of = [](std::string_view operation, std::size_t count) {
      return PrometheusSample{.labels = {{"delayedOperation", std::string(operation)}},
                              .value = static_cast<double>(count)};
    };
    text_.gauge(name, help,
                {of("Produce", gauges.waiting_produces), of("Fetch", gauges.waiting_fetches),
                 of("DeleteRecords", gauges.waiting_deletes)});
  }
  void directories(const std::vector<DirectoryState>& directories) {
    std::vector<PrometheusSample> offline;
    std::vector<PrometheusSample> cordoned;
    for (const DirectoryState& each : directories) {
      offline.push_back({.labels = {{"logDirectory", each.path}}, .value = each.online ? 0.0 : 1.0});
      cordoned.push_back({.labels = {{"logDirectory", each.path}}, .value = each.cordoned ? 1.0 : 0.0});
    }
    text_.gauge("kafka_log_logmanager_logdirectoryoffline", "Whether a log directory has failed", offline);
    text_.gauge("kafka_log_logmanager_logdirectorycordoned", "Whether a log directory takes no new replicas",
                cordoned);
  }

 private:
  PrometheusText& text_;
};

}  // namespace

Task<void> tell_replicas(const ReplicaGauges& gauges, const std::vector<DirectoryState>& directories,
                         PrometheusText& text) {
  Telling telling(text);
  const auto count = [&](auto matches) {
    return static_cast<std::size_t>(std::ranges::count_if(gauges.partitions, matches));
  };
  telling.gauge("kafka_server_replicamanager_offlinereplicacount",
                "Replicas here whose log directory has failed",
                count([](const PartitionGauges& each) { return !each.online; }));
  telling.gauge("kafka_server_replicamanager_underminisrpartitioncount",
                "Partitions led here with fewer replicas in sync than min.insync.replicas",
                count([](const PartitionGauges& each) { return each.leads && each.under_min_isr; }));
  telling.gauge("kafka_server_replicamanager_atminisrpartitioncount",
                "Partitions led here with as many replicas in sync as min.insync.replicas",
                count([](const PartitionGauges& each) { return each.leads && each.at_min_isr; }));
  telling.gauge("kafka_server_replicamanager_produceridcount", "Producers that partitions know",
                gauges.producers);
  telling.purgatories("kafka_server_delayedoperationpurgatory_purgatorysize",
                      "Requests that wait, once for each partition in which they do", gauges);
  telling.purgatories("kafka_server_delayedoperationpurgatory_numdelayedoperations", "Requests that wait",
                      gauges);
  telling.gauge("kafka_server_fetchsessioncache_numincrementalfetchsessions", "Sessions of fetches",
                gauges.sessions);
  telling.gauge("kafka_server_fetchsessioncache_numincrementalfetchpartitionscached",
                "Partitions in sessions of fetches", gauges.session_partitions);
  text.counter("kafka_server_fetchsessioncache_incrementalfetchsessionevictions_total",
               "Sessions of fetches that made room for others",
               {{.labels = {}, .value = static_cast<double>(gauges.session_evictions)}});
  telling.gauge("kafka_log_logmanager_offlinelogdirectorycount", "Log directories that have failed",
                static_cast<std::size_t>(std::ranges::count(directories, false, &DirectoryState::online)));
  telling.gauge("kafka_log_logmanager_cordonedlogdirectorycount", "Log directories that take no new replicas",
                static_cast<std::size_t>(std::ranges::count(directories, true, &DirectoryState::cordoned)));
  telling.directories(directories);
  tell_cleaner(gauges.cleaner, directories, text);
  co_await tell_partitions(gauges, text);
}

}  // namespace ottla::server
