// OffsetForLeaderEpoch: where an epoch ends in a leader's log.
#pragma once

#include "base/result.h"
#include "protocol/messages/offset_for_leader_epoch.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> answer_offset_for_leader_epoch(RequestContext& context,
                                                     const protocol::OffsetForLeaderEpochRequest& request,
                                                     protocol::OffsetForLeaderEpochResponse& response);

}  // namespace ottla::server
