// DescribeDelegationToken: not over connections whose clients have not proved who they are.
#pragma once

#include "base/result.h"
#include "protocol/messages/describe_delegation_token.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_describe_delegation_token(RequestContext& context,
                                          const protocol::DescribeDelegationTokenRequest& request,
                                          protocol::DescribeDelegationTokenResponse& response);

}  // namespace ottla::server
