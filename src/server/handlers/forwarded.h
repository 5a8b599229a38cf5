// Requests that a broker passes on to the active controller, and whose answers it passes back.
#pragma once

#include "base/result.h"
#include "protocol/codec.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> forward_to_controller(RequestContext& context);

// Another body for the controller, under the header of the request: of that API and version. `response` is a structure
// of the API's response with all defaults; it gets what the controller answered, or that it could not be asked. What it
// points into lives as long as the context.
Task<Result<Outcome>> ask_controller_for(RequestContext& context, protocol::Encodable body, void* response);

constexpr Handler forwarded(protocol::ApiKey key) {
  return {.key = key, .serve = forward_to_controller};
}

}  // namespace ottla::server
