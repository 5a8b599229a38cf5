// Owns what the logs of one shard share.
//
// Use:         LogToolbox box(shard.files(), {});  opening.tools = box.tools();  …  co_await box.close();
// Lifetime:    outlives the logs; close() must have ended before it is destroyed, unless the shard was killed.
// Concurrency: confined to its shard.
#pragma once

#include <cstddef>

#include "base/metric_family.h"
#include "base/metric_registry.h"
#include "record/compression/codec_pool.h"
#include "record/validator.h"
#include "runtime/task.h"
#include "storage/index/index_pages.h"
#include "storage/log/batch_heads.h"
#include "storage/log/log_tools.h"
#include "storage/log/recent_appends.h"
#include "storage/log/segment_files.h"
#include "storage/log/turn_clock.h"
#include "storage/producer/producer_append.h"
#include "storage/producer/verification.h"

namespace ottla::storage {

// Under the reference's name.
inline constexpr HistogramFamily kFlushTimes("kafka_log_logflushstats_logflushrateandtimems", "microseconds",
                                             "Time that it took to make a segment durable", 60'000'000);

inline constexpr CounterFamily kRecentHits(
    "ottla_storage_recent_hits", "reads",
    "Reads that were answered from what was appended lately, in memory");
inline constexpr CounterFamily kRecentMisses("ottla_storage_recent_misses", "reads",
                                             "Reads that went to the files");
inline constexpr GaugeFamily kRecentBytes("ottla_storage_recent_bytes", "bytes",
                                          "Memory that is taken by what was appended lately");

class LogToolbox {
 public:
  struct Limits {
    std::size_t descriptors = 4096;
    std::size_t index_pages = 1024;
    std::size_t batch_heads = 32 * 1024;
    std::size_t recent_bytes = std::size_t{32} << 20;
  };
  // Nobody counts without `metrics`.
  LogToolbox(FileSystem& file_system, Limits limits, MetricRegistry* metrics = nullptr)
      : file_system_(file_system),
        files_(file_system, limits.descriptors),
        pages_(limits.index_pages),
        heads_(limits.batch_heads),
        metrics_(metrics),
        recent_(limits.recent_bytes, {.hits = metrics_.recent_hits.operator->(),
                                      .misses = metrics_.recent_misses.operator->(),
                                      .bytes = metrics_.recent_bytes.operator->()}),
        validator_(codecs_, heap_buffers()) {}
  LogToolbox(const LogToolbox&) = delete;
  LogToolbox& operator=(const LogToolbox&) = delete;

  LogTools tools() {
    return {.file_system = &file_system_,
            .files = &files_,
            .pages = &pages_,
            .heads = &heads_,
            .recent = &recent_,
            .validator = &validator_,
            .codecs = &codecs_,
            .guards = &guards_,
            .producer_append = &producer_append_,
            .clock = &clock_,
            .flush_times = metrics_.flush_times.operator->()};
  }
  SegmentFiles& files() { return files_; }
  RecentAppends& recent() { return recent_; }
  // All logs are closed.
  Task<void> close() { return files_.close(); }

 private:
  struct Metrics {
    explicit Metrics(MetricRegistry* registry) {
      if (registry == nullptr) return;
      flush_times = registry->histogram(kFlushTimes);
      recent_hits = registry->counter(kRecentHits);
      recent_misses = registry->counter(kRecentMisses);
      recent_bytes = registry->gauge(kRecentBytes);
    }

    Metric<Histogram> flush_times;
    Metric<Counter> recent_hits;
    Metric<Counter> recent_misses;
    Metric<Gauge> recent_bytes;
  };

  FileSystem& file_system_;
  SegmentFiles files_;
  IndexPages pages_;
  BatchHeads heads_;
  Metrics metrics_;
  RecentAppends recent_;
  record::CodecPool codecs_;
  record::Validator validator_;
  VerificationGuards guards_;
  ProducerAppend producer_append_;
  TurnClock clock_;
};

}  // namespace ottla::storage
