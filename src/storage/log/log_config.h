// How one log is to be kept: the topic's configuration as far as it concerns storage. Names and defaults are those
// of the reference's topic keys.
//
// Lifetime: a value; logs of one topic share it and get a new one when the configuration changes.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <limits>

#include "record/append_rules.h"

namespace ottla::storage {

struct LogConfig {
  using Millis = std::chrono::milliseconds;

  std::int32_t segment_bytes = 1 << 30;                                    // segment.bytes
  Millis segment_ms = std::chrono::hours(168);                             // segment.ms
  Millis segment_jitter_ms{0};                                             // segment.jitter.ms
  std::int32_t segment_index_bytes = 10 << 20;                             // segment.index.bytes
  std::int32_t index_interval_bytes = 4096;                                // index.interval.bytes
  std::int64_t flush_messages = std::numeric_limits<std::int64_t>::max();  // flush.messages
  Millis flush_ms = Millis::max();                                         // flush.ms
  std::int64_t retention_bytes = -1;                      // retention.bytes; negative: any number
  Millis retention_ms = std::chrono::hours(168);          // retention.ms; negative: for ever
  Millis file_delete_delay_ms = std::chrono::minutes(1);  // file.delete.delay.ms
  Millis max_compaction_lag_ms = Millis::max();           // max.compaction.lag.ms
  Millis min_compaction_lag_ms{0};                        // min.compaction.lag.ms
  double min_cleanable_dirty_ratio = 0.5;                 // min.cleanable.dirty.ratio
  Millis delete_retention_ms = std::chrono::hours(24);    // delete.retention.ms
  bool preallocate = false;                               // preallocate
  bool compacts = false;                                  // cleanup.policy has `compact`
  bool deletes = true;                                    // cleanup.policy has `delete`
  record::AppendRules append = {};                        // what appends have to keep to

  // A compacted segment must be left early enough to be compacted in time.
  Millis max_segment_ms() const {
    return compacts && max_compaction_lag_ms > Millis(0) ? std::min(max_compaction_lag_ms, segment_ms)
                                                         : segment_ms;
  }
};

}  // namespace ottla::storage
