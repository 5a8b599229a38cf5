// What serves on one shard of a node: its view, dispatcher and connections.
//
// Lifetime:    made and ended on its shard; stop() must have ended before that.
// Concurrency: confined to its shard.
#pragma once

#include <optional>
#include <utility>

#include "runtime/shard.h"
#include "runtime/task.h"
#include "server/connection_set.h"
#include "server/controller_door.h"
#include "server/dispatcher.h"
#include "server/memory_plan.h"
#include "server/node_view.h"
#include "server/producer_ids.h"
#include "server/quotas/quota_door.h"
#include "server/topic_creator.h"

namespace ottla::server {

inline constexpr LogModule kLogModule("server");

// The doors of a shard to what lives on the first one.
struct ShardDoors {
  ControllerDoor controller;
  QuotaDoor broker_quotas;
  QuotaDoor controller_quotas;
  std::optional<TopicCreatorDoor> topics;      // of a broker
  std::optional<ProducerIdDoor> producer_ids;  // of a broker
  replica::ReplicaManager* replicas = nullptr;
};

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

  void connect(ShardDoors doors) {
    doors_.emplace(std::move(doors));
    view_.controller = &doors_->controller;
    view_.broker_quotas = &doors_->broker_quotas;
    view_.controller_quotas = &doors_->controller_quotas;
    view_.topic_creator = doors_->topics ? &*doors_->topics : nullptr;
    view_.producer_ids = doors_->producer_ids ? &*doors_->producer_ids : nullptr;
    view_.replicas = doors_->replicas;
  }

  NodeView& view() { return view_; }
  Dispatcher& dispatcher() { return dispatcher_; }
  ConnectionSet& connections() { return connections_; }

 private:
  NodeView view_;
  std::optional<ShardDoors> doors_;
  Dispatcher dispatcher_;
  ConnectionSet connections_;
};

}  // namespace ottla::server
