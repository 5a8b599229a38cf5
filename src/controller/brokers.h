// Brokers and controllers of the cluster: how they come and go. How they stay: heartbeats.h.
#pragma once

#include <cstdint>

#include "controller/call.h"
#include "controller/draft.h"
#include "controller/state.h"
#include "protocol/messages/broker_registration.h"
#include "protocol/messages/controller_registration.h"
#include "protocol/messages/unregister_broker.h"
#include "protocol/messages/unregister_controller.h"

namespace ottla::controller {

ApiError register_broker(const State& state, const protocol::BrokerRegistrationRequest& request, Call& call,
                         protocol::BrokerRegistrationResponse& response);
ApiError unregister_broker(const State& state, const protocol::UnregisterBrokerRequest& request, Call& call,
                           protocol::UnregisterBrokerResponse& response);
ApiError register_controller(const State& state, const protocol::ControllerRegistrationRequest& request,
                             Call& call, protocol::ControllerRegistrationResponse& response);
ApiError unregister_controller(const State& state, const protocol::UnregisterControllerRequest& request,
                               Call& call, protocol::UnregisterControllerResponse& response);
Result<> refuse_register_controller(const protocol::ControllerRegistrationRequest& request,
                                    const ApiError& error, Arena& arena,
                                    protocol::ControllerRegistrationResponse& response);

// Whether the broker is registered, and by this epoch.
ApiError check_broker_epoch(const metadata::MetadataImage& image, std::int32_t broker, std::int64_t epoch);

}  // namespace ottla::controller
