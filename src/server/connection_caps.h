// The limits on connections that a node's configuration asks for.
#pragma once

#include "base/result.h"
#include "config/node_config.h"
#include "config/node_shape.h"
#include "runtime/cancel.h"
#include "runtime/task.h"
#include "server/connection_limits.h"

namespace ottla::server {

RateWindows quota_windows(const config::NodeConfig& config);
// Of quotas on changes of metadata.
RateWindows controller_quota_windows(const config::NodeConfig& config);
// Looks up host names of max.connections.per.ip.overrides; one that has no address limits nobody.
Task<ConnectionCaps> connection_caps(config::NodeConfig config, config::NodeShape shape, Cancel cancel);

}  // namespace ottla::server
