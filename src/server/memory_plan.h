// How the memory of a node is dealt out: a part for requests that are being read, a part for those that are worked on
// and their answers, the rest for what partitions keep.
//
// Invariants: the parts of all shards together are no more than ottla.memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "config/node_config.h"
#include "config/node_key.h"
#include "runtime/process.h"

namespace ottla::server {

struct MemoryPlan {
  std::uint64_t node = 0;
  // Of one shard each.
  std::int64_t frames = 0;   // large requests while they come in: queued.max.request.bytes, if that is less
  std::size_t requests = 0;  // decoded, and their answers
  // What partitions keep to be read again, and the keys of logs that are compacted.
  std::size_t partitions = 0;
  std::size_t cleaner = 0;

  static MemoryPlan of(const config::NodeConfig& config, const ResourceLimits& limits, std::size_t shards) {
    MemoryPlan plan;
    const std::int64_t asked = config.get(config::node_key<"ottla.memory">);
    plan.node = asked > 0 ? static_cast<std::uint64_t>(asked) : std::max(limits.memory_bytes / 2, kLeast);
    const std::uint64_t quarter = plan.node / 4 / shards;
    const std::int64_t queued = config.get(config::node_key<"queued.max.request.bytes">);
    const auto frames = static_cast<std::int64_t>(quarter);
    plan.frames =
        queued > 0 ? std::max<std::int64_t>(std::min(frames, queued / static_cast<std::int64_t>(shards)), 1)
                   : frames;
    plan.requests = static_cast<std::size_t>(quarter);
    plan.partitions = static_cast<std::size_t>(quarter);
    plan.cleaner = static_cast<std::size_t>(quarter);
    return plan;
  }

 private:
  static constexpr std::uint64_t kLeast = std::uint64_t{64} << 20;
};

}  // namespace ottla::server
