// How the memory of a node is dealt out: a part for requests that are being read, a part for those that are worked on
// and their answers, the rest for what partitions keep.
//
// Invariants: the parts of all shards together are no more than ottla.memory.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/result.h"
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

  // Of one shard: what each request takes at first has to fit into the quarter for requests. With an eighth of it a
  // node does not even come up.
  static constexpr std::int64_t kLeastOfShard = std::int64_t{64} << 10;

  // invalid_argument, with the least that would do.
  static Result<void> check(const config::NodeConfig& config, std::size_t shards) {
    const std::int64_t asked = config.get(config::node_key<"ottla.memory">);
    const std::int64_t least = kLeastOfShard * static_cast<std::int64_t>(shards);
    if (asked <= 0 || asked >= least) return {};
    return Error(Errc::invalid_argument,
                 "ottla.memory=" + std::to_string(asked) + ": so many bytes are too few; " +
                     std::to_string(shards) + " shards need " + std::to_string(least) +
                     " at least, and many times that for large requests. 0 takes a share of the machine's");
  }

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
