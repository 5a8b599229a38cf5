// DescribeLogDirs: which replicas lie in which log directory of this broker, and how much room there is.
#pragma once

#include "base/result.h"
#include "protocol/messages/describe_log_dirs.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> answer_describe_log_dirs(RequestContext& context,
                                               const protocol::DescribeLogDirsRequest& request,
                                               protocol::DescribeLogDirsResponse& response);

}  // namespace ottla::server
