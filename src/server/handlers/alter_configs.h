// AlterConfigs and IncrementalAlterConfigs: what concerns this node (its loggers, and on brokers' listeners whether its
// keys may be altered) is looked at here; the rest is the controller's.
#pragma once

#include "base/result.h"
#include "protocol/messages/alter_configs.h"
#include "protocol/messages/incremental_alter_configs.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> answer_alter_configs(RequestContext& context,
                                           const protocol::AlterConfigsRequest& request,
                                           protocol::AlterConfigsResponse& response);
Task<Result<Outcome>> answer_incremental_alter_configs(
    RequestContext& context, const protocol::IncrementalAlterConfigsRequest& request,
    protocol::IncrementalAlterConfigsResponse& response);
// On controllers' listeners.
Task<Result<Outcome>> alter_configs_at_controller(RequestContext& context,
                                                  const protocol::IncrementalAlterConfigsRequest& request,
                                                  protocol::IncrementalAlterConfigsResponse& response);

}  // namespace ottla::server
