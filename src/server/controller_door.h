// The way to the active controller from any shard of a node.
//
// Use:         OTTLA_CO_TRY(Chain answer, co_await context.node.controller->forward(client, frame));
// Lifetime:    the link outlives it.
// Concurrency: confined to its shard.
// Errors:      those of ControllerLink. A call cannot be given up from another shard; it ends when the link is stopped.
#pragma once

#include "base/chain.h"
#include "base/result.h"
#include "base/slice.h"
#include "runtime/clock.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "server/client_info.h"
#include "server/controller_link.h"

namespace ottla::server {

class ControllerDoor {
 public:
  ControllerDoor(ControllerLink& link, Shard& home) : link_(link), home_(home) {}

  // A client's request, header and body as it sent them; gives header and body of the answer.
  Task<Result<Chain>> forward(ClientInfo client, Slice frame);

 private:
  ControllerLink& link_;
  Shard& home_;
};

}  // namespace ottla::server
