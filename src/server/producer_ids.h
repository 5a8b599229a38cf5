// Ids for producers: each is given out once, from blocks that the controller gives to this broker.
//
// Use:         one on the first shard, and a door to it on each: OTTLA_CO_TRY(std::int64_t id, co_await door.next());
// Lifetime:    the link is stopped, and nobody waits any longer, before it is destroyed.
// Concurrency: ProducerIds is confined to the first shard, a ProducerIdDoor to its own.
// Invariants:  1. one block is asked for at a time, and only when the one before it is used up
//              2. an id is given out at most once, whatever becomes of the rest of its block
// Errors:      those of ControllerLink, and unsupported when the controller gives none; who asks again may get one.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "base/node_id.h"
#include "base/result.h"
#include "runtime/semaphore.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "server/controller_link.h"

namespace ottla::server {

class ProducerIds {
 public:
  // `epoch`: the broker's, -1 as long as it has none.
  ProducerIds(ControllerLink& link, NodeId broker, std::function<std::int64_t()> epoch)
      : link_(link), broker_(broker), epoch_(std::move(epoch)) {}

  Task<Result<std::int64_t>> next();

 private:
  Task<Result<void>> take_block();

  ControllerLink& link_;
  const NodeId broker_;
  const std::function<std::int64_t()> epoch_;
  std::int64_t next_ = 0;
  std::int64_t end_ = 0;  // of the block
  Semaphore asking_{1};
};

class ProducerIdDoor {
 public:
  ProducerIdDoor(ProducerIds& ids, Shard& home) : ids_(ids), home_(home) {}

  Task<Result<std::int64_t>> next();

 private:
  ProducerIds& ids_;
  Shard& home_;
};

}  // namespace ottla::server
