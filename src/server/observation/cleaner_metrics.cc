#include "server/observation/cleaner_metrics.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <string_view>

namespace ottla::server {
namespace {

using replica::CleanerGauges;
using Uncleanable = storage::CleanerManager::Uncleanable;
using std::chrono::duration;

// Of one, as the reference tells it: what is behind the point is left out.
double percent(double part) {
  return std::floor(100 * part);
}

template <typename Value>
void tell_directories(PrometheusText& text, std::string_view name, std::string_view help,
                      const CleanerGauges& cleaner, const std::vector<DirectoryState>& directories,
                      Value value) {
  std::vector<PrometheusSample> samples;
  for (const DirectoryState& each : directories) {
    const auto found = cleaner.uncleanable.find(each.path);
    const Uncleanable none;
    samples.push_back(
        {.labels = {{"logDirectory", each.path}},
         .value = static_cast<double>(value(found != cleaner.uncleanable.end() ? found->second : none))});
  }
  text.gauge(name, help, samples);
}

}  // namespace

void tell_cleaner(const CleanerGauges& cleaner, const std::vector<DirectoryState>& directories,
                  PrometheusText& text) {
  if (!cleaner.runs) return;
  text.gauge("kafka_log_logcleaner_deadthreadcount",
             "Cleaners that have ended for good: each is a task of its shard, and none does", 0);
  text.gauge("kafka_log_logcleaner_max_buffer_utilization_percent",
             "How full the map of keys was in the last cleaning of each shard, the fullest",
             percent(cleaner.most_map_utilization));
  text.gauge("kafka_log_logcleaner_cleaner_recopy_percent",
             "What was kept of the bytes of the last cleanings",
             percent(static_cast<double>(cleaner.written_bytes) /
                     static_cast<double>(std::max<std::uint64_t>(cleaner.read_bytes, 1))));
  text.gauge("kafka_log_logcleaner_max_clean_time_secs",
             "Seconds that the last cleaning of each shard took, the longest",
             std::floor(duration<double>(cleaner.longest_cleaning).count()));
  text.gauge("kafka_log_logcleaner_max_compaction_delay_secs",
             "Seconds for which data have waited beyond max.compaction.lag.ms",
             std::floor(duration<double>(cleaner.overdue).count()));
  text.gauge("kafka_log_logcleanermanager_max_dirty_percent",
             "How dirty the dirtiest log was when it was looked for", percent(cleaner.dirtiest_ratio));
  text.gauge("kafka_log_logcleanermanager_time_since_last_run_ms",
             "Milliseconds since a cleaner looked for a log to clean",
             std::floor(duration<double, std::milli>(cleaner.since_look).count()));
  tell_directories(text, "kafka_log_logcleanermanager_uncleanable_partitions_count",
                   "Partitions whose cleaning failed, and that are left alone since", cleaner, directories,
                   [](const Uncleanable& each) { return each.logs; });
  tell_directories(text, "kafka_log_logcleanermanager_uncleanable_bytes",
                   "Bytes of them that would be cleaned", cleaner, directories,
                   [](const Uncleanable& each) { return each.bytes; });
}

}  // namespace ottla::server
