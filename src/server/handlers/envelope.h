// Envelope, on controllers' listeners: a client's request that a broker passes on.
#pragma once

#include "base/result.h"
#include "protocol/messages/envelope.h"
#include "runtime/task.h"
#include "server/handler.h"

namespace ottla::server {

Task<Result<Outcome>> open_envelope(RequestContext& context, const protocol::EnvelopeRequest& request,
                                    protocol::EnvelopeResponse& response);

}  // namespace ottla::server
