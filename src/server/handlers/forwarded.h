// Requests that a broker passes on to the active controller, and whose answers it passes back.
#pragma once

#include "base/result.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> forward_to_controller(RequestContext& context);

constexpr Handler forwarded(protocol::ApiKey key) {
  return {.key = key, .serve = forward_to_controller};
}

}  // namespace ottla::server
