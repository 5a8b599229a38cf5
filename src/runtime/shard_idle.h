// For how long a shard has had nothing to do and slept: counted by whoever drives it, read by whoever wants to give it more
// to do.
#pragma once

#include <string>

#include "base/metric.h"
#include "base/metric_family.h"
#include "base/metric_registry.h"
#include "runtime/shard.h"

namespace ottla {

inline constexpr CounterFamily kShardIdle("ottla_shard_idle", "nanoseconds",
                                          "Time in which a shard had nothing to do and slept");

// Of the registry's own shard, up to its last turn.
inline Metric<Counter> shard_idle(MetricRegistry& registry, ShardId shard) {
  return registry.counter(kShardIdle, {{"shard", std::to_string(shard.raw())}});
}

}  // namespace ottla
