// DescribeProducers: who wrote to partitions lately.
#pragma once

#include "base/result.h"
#include "protocol/messages/describe_producers.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> answer_describe_producers(RequestContext& context,
                                                const protocol::DescribeProducersRequest& request,
                                                protocol::DescribeProducersResponse& response);

}  // namespace ottla::server
