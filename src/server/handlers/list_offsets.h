// ListOffsets: offsets by time, and the ends of partitions.
#pragma once

#include "base/result.h"
#include "protocol/messages/list_offsets.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> answer_list_offsets(RequestContext& context,
                                          const protocol::ListOffsetsRequest& request,
                                          protocol::ListOffsetsResponse& response);

}  // namespace ottla::server
