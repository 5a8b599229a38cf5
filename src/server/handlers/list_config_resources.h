// ListConfigResources: from the image.
#pragma once

#include "base/result.h"
#include "protocol/messages/list_config_resources.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_list_config_resources(RequestContext& context,
                                      const protocol::ListConfigResourcesRequest& request,
                                      protocol::ListConfigResourcesResponse& response);

}  // namespace ottla::server
