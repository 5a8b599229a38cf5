// ApiVersions: which APIs and versions this listener serves, and which features the node supports and the cluster has.
#pragma once

#include "base/result.h"
#include "protocol/messages/api_versions.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_api_versions(RequestContext& context, const protocol::ApiVersionsRequest& request,
                             protocol::ApiVersionsResponse& response);

}  // namespace ottla::server
