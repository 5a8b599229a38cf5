// DescribeClientQuotas: from the image.
#pragma once

#include "base/result.h"
#include "protocol/messages/describe_client_quotas.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_describe_client_quotas(RequestContext& context,
                                       const protocol::DescribeClientQuotasRequest& request,
                                       protocol::DescribeClientQuotasResponse& response);

}  // namespace ottla::server
