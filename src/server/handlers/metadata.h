// Metadata: from the image; topics that are missing are created, if the client and the node let it.
#pragma once

#include "base/result.h"
#include "protocol/messages/metadata.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> answer_metadata(RequestContext& context, const protocol::MetadataRequest& request,
                                      protocol::MetadataResponse& response);

}  // namespace ottla::server
