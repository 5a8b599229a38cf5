// DescribeCluster: brokers on brokers' listeners, controllers on those of controllers.
#pragma once

#include "base/result.h"
#include "protocol/messages/describe_cluster.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_describe_cluster(RequestContext& context, const protocol::DescribeClusterRequest& request,
                                 protocol::DescribeClusterResponse& response);

}  // namespace ottla::server
