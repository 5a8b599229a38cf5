// IncrementalAlterConfigs on controllers' listeners: the levels of this node's loggers are altered here; the rest is the
// controller's.
#pragma once

#include "base/result.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> alter_configs_at_controller(RequestContext& context,
                                                  const protocol::IncrementalAlterConfigsRequest& request,
                                                  protocol::IncrementalAlterConfigsResponse& response);

}  // namespace ottla::server
