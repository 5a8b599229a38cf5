// Fetch: of a session or without one, at once or when there is enough.
#pragma once

#include "base/result.h"
#include "protocol/messages/fetch.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> answer_fetch(RequestContext& context, const protocol::FetchRequest& request,
                                   protocol::FetchResponse& response);

}  // namespace ottla::server
