// ExpireDelegationToken: not over connections whose clients have not proved who they are.
#pragma once

#include "base/result.h"
#include "protocol/messages/expire_delegation_token.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_expire_delegation_token(RequestContext& context,
                                        const protocol::ExpireDelegationTokenRequest& request,
                                        protocol::ExpireDelegationTokenResponse& response);

}  // namespace ottla::server
