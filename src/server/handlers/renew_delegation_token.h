// RenewDelegationToken: not over connections whose clients have not proved who they are.
#pragma once

#include "base/result.h"
#include "protocol/messages/renew_delegation_token.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_renew_delegation_token(RequestContext& context,
                                       const protocol::RenewDelegationTokenRequest& request,
                                       protocol::RenewDelegationTokenResponse& response);

}  // namespace ottla::server
