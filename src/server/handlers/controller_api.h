// All APIs of the active controller, by its own table: one handler for all of them.
#pragma once

#include "base/result.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> ask_controller(RequestContext& context);

constexpr Handler controlled(protocol::ApiKey key) {
  return {.key = key, .serve = ask_controller};
}

}  // namespace ottla::server
