// The quorum's own APIs, on controllers' listeners: one handler for all of them.
#pragma once

#include "base/result.h"
#include "runtime/task.h"
#include "server/handler.h"
#include "server/request_context.h"

namespace ottla::server {

Task<Result<Outcome>> ask_quorum(RequestContext& context);

constexpr Handler quorum_served(protocol::ApiKey key) {
  return {.key = key, .serve = ask_quorum};
}

}  // namespace ottla::server
