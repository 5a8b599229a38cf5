// Produce: batches go to their partitions as they lie in the frame.
//
// Order: what comes before the appends does not wait, so that requests that were begun in their order append in it.
#pragma once

#include "base/result.h"
#include "protocol/messages/produce.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> answer_produce(RequestContext& context, const protocol::ProduceRequest& request,
                                     protocol::ProduceResponse& response);

}  // namespace ottla::server
