// DeleteAcls, on controllers' listeners: without an authorizer there are no access rules.
#pragma once

#include "base/result.h"
#include "protocol/messages/delete_acls.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_delete_acls(RequestContext& context, const protocol::DeleteAclsRequest& request,
                            protocol::DeleteAclsResponse& response);

}  // namespace ottla::server
