// Brokers that stay: heartbeats fence and unfence them, let them shut down, tell of their directories; and what happens
// when they stay away.
//
//   fenced ──caught up──▶ unfenced ──wants to shut down, leads──▶ in controlled shutdown ──leads nothing, all know──▶ may go
#pragma once

#include "controller/call.h"
#include "controller/state.h"
#include "protocol/messages/broker_heartbeat.h"

namespace ottla::controller {

ApiError broker_heartbeat(const State& state, const protocol::BrokerHeartbeatRequest& request, Call& call,
                          protocol::BrokerHeartbeatResponse& response);

// Fences one broker whose session has ended. Whether there may be another one.
bool fence_silent_broker(const State& state, Call& call);

}  // namespace ottla::controller
