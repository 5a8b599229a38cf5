// DescribeConfigs: from the image, and of this node from its settings.
#pragma once

#include "base/result.h"
#include "protocol/messages/describe_configs.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_describe_configs(RequestContext& context, const protocol::DescribeConfigsRequest& request,
                                 protocol::DescribeConfigsResponse& response);

}  // namespace ottla::server
