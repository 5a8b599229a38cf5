// What serves on one shard of a node: its view, dispatcher and connections.
//
// Lifetime:    made and ended on its shard; stop() must have ended before that.
// Concurrency: confined to its shard.
#pragma once

#include <utility>

#include "runtime/shard.h"
#include "runtime/task.h"
#include "server/connection_set.h"
#include "server/dispatcher.h"
#include "server/memory_plan.h"
#include "server/node_view.h"

namespace ottla::server {

inline constexpr LogModule kLogModule("server");

class ShardServer {
 public:
  // On its shard.
  ShardServer(const NodeFacts& facts, metadata::SharedImage image, const SharedSettings& settings,
              const MemoryPlan& memory)
      : view_{.facts = facts,
              .image = std::move(image),
              .settings = settings,
              .log = this_shard().log().logger(kLogModule)},
        dispatcher_(view_, memory.requests),
        connections_(dispatcher_, settings->config, memory.frames) {
    view_.dispatcher = &dispatcher_;
  }

  NodeView& view() { return view_; }
  Dispatcher& dispatcher() { return dispatcher_; }
  ConnectionSet& connections() { return connections_; }

 private:
  NodeView view_;
  Dispatcher dispatcher_;
  ConnectionSet connections_;
};

}  // namespace ottla::server
