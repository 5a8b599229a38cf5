// DescribeAcls: without an authorizer there are no access rules.
#pragma once

#include "base/result.h"
#include "protocol/messages/describe_acls.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_describe_acls(RequestContext& context, const protocol::DescribeAclsRequest& request,
                              protocol::DescribeAclsResponse& response);

}  // namespace ottla::server
