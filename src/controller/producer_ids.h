// Numbers for idempotent and transactional producers: brokers get them in blocks.
//
// Errors: as call.h.
#pragma once

#include "controller/call.h"
#include "controller/state.h"
#include "protocol/messages/allocate_producer_ids.h"

namespace ottla::controller {

ApiError allocate_producer_ids(const State& state, const protocol::AllocateProducerIdsRequest& request,
                               Call& call, protocol::AllocateProducerIdsResponse& response);

}  // namespace ottla::controller
