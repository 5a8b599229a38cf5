// CreateAcls, on controllers' listeners: without an authorizer there are no access rules.
#pragma once

#include "base/result.h"
#include "protocol/messages/create_acls.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_create_acls(RequestContext& context, const protocol::CreateAclsRequest& request,
                            protocol::CreateAclsResponse& response);

}  // namespace ottla::server
