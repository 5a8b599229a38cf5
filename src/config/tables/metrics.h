// Keys of a broker or controller: metrics.
#pragma once

#include "config/key.h"

namespace ottla::config::tables {

inline constexpr Key kMetrics[] = {
    {"metrics.num.samples", Type::int32, "2", at_least(1), Importance::low, UpdateMode::read_only,
     "Samples kept for rates and averages.", Effect::none},
    {"metrics.sample.window.ms", Type::int64, "30000", at_least(1), Importance::low, UpdateMode::read_only,
     "Length of one sample.", Effect::none},
    {"metrics.recording.level", Type::string, "INFO", kAny, Importance::low, UpdateMode::read_only,
     "How much is measured.", Effect::none},
    {"metric.reporters", Type::list, "org.apache.kafka.common.metrics.JmxReporter", kList, Importance::low,
     UpdateMode::cluster_wide, "Classes that receive metrics; Ottla serves its own at /metrics.",
     Effect::none},
    {"kafka.metrics.reporters", Type::list, "", kList, Importance::low, UpdateMode::read_only,
     "Classes that receive metrics the older way.", Effect::none},
    {"kafka.metrics.polling.interval.secs", Type::int32, "10", at_least(1), Importance::low,
     UpdateMode::read_only, "How often they are asked to report.", Effect::none},
    {"telemetry.max.bytes", Type::int32, "1048576", at_least(1), Importance::low, UpdateMode::read_only,
     "Largest telemetry push of a client, after decompression.", Effect::not_yet},
};

}  // namespace ottla::config::tables
