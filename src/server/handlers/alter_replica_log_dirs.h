// AlterReplicaLogDirs: moves replicas of this broker to other log directories.
#pragma once

#include "base/result.h"
#include "protocol/messages/alter_replica_log_dirs.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> answer_alter_replica_log_dirs(RequestContext& context,
                                                    const protocol::AlterReplicaLogDirsRequest& request,
                                                    protocol::AlterReplicaLogDirsResponse& response);

}  // namespace ottla::server
