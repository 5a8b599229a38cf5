// Brokers and controllers of the cluster: how they come, stay and go.
//
// Errors: as call.h.
#pragma once

#include "controller/call.h"
#include "controller/state.h"
#include "protocol/messages/unregister_broker.h"

namespace ottla::controller {

ApiError unregister_broker(const State& state, const protocol::UnregisterBrokerRequest& request, Call& call,
                           protocol::UnregisterBrokerResponse& response);

}  // namespace ottla::controller
