// The servers of all shards of a node, made and ended where they belong.
//
// Use:         OTTLA_CO_TRY … co_await servers.start(process, facts, image, settings, memory);
//              co_await servers.each([](ShardServer& server) { … });
// Lifetime:    stop() must have ended before it is destroyed, if start() was called.
// Concurrency: confined to the first shard.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

#include "base/invariant.h"
#include "runtime/cross_shard.h"
#include "runtime/process.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "server/memory_plan.h"
#include "server/shard_server.h"

namespace ottla::server {

class ShardServers {
 public:
  struct One {
    Shard* shard;
    std::unique_ptr<ShardServer> server;
  };

  Task<void> start(Process& process, const NodeFacts* facts, metadata::SharedImage image,
                   SharedSettings settings, MemoryPlan memory) {
    for (std::size_t each = 0; each < process.shard_count(); ++each) {
      Shard& shard = process.shard(ShardId(static_cast<std::uint32_t>(each)));
      ShardServer* made = co_await on(shard, [facts, image, settings, memory] {
        return std::make_unique<ShardServer>(*facts, image, settings, memory).release();
      });
      all_.push_back({.shard = &shard, .server = std::unique_ptr<ShardServer>(made)});
    }
  }

  // Runs `work` on each shard, with its server; one after the other.
  template <typename F>
  Task<void> each(F work) {
    for (One& one : all_) {
      co_await on(*one.shard, [server = one.server.get(), work]() mutable { return work(*server); });
    }
  }

  // Ends all connections, those of other shards first: they may wait for this one.
  Task<void> stop_connections() {
    for (auto one = all_.rbegin(); one != all_.rend(); ++one) {
      co_await on(*one->shard, [server = one->server.get()] { return server->connections().stop(); });
    }
  }
  Task<void> stop() {
    for (One& one : all_) {
      ShardServer* server = one.server.release();
      co_await on(*one.shard, [server] { delete server; });
    }
    all_.clear();
  }

  std::vector<One>& all() { return all_; }
  // Of this shard, which is the first.
  ShardServer& here() {
    OTTLA_INVARIANT(!all_.empty() && all_.front().shard == &this_shard(), "not on the first shard");
    return *all_.front().server;
  }

 private:
  std::vector<One> all_;
};

}  // namespace ottla::server
