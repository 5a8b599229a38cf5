// CreateDelegationToken: not over connections whose clients have not proved who they are.
#pragma once

#include "base/result.h"
#include "protocol/messages/create_delegation_token.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_create_delegation_token(RequestContext& context,
                                        const protocol::CreateDelegationTokenRequest& request,
                                        protocol::CreateDelegationTokenResponse& response);

}  // namespace ottla::server
