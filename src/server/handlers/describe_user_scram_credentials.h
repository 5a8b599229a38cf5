// DescribeUserScramCredentials: from the image.
#pragma once

#include "base/result.h"
#include "protocol/messages/describe_user_scram_credentials.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_describe_user_scram_credentials(RequestContext& context,
                                                const protocol::DescribeUserScramCredentialsRequest& request,
                                                protocol::DescribeUserScramCredentialsResponse& response);

}  // namespace ottla::server
