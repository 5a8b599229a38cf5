// The answer of every API to a request that failed as a whole: the error at the top where the response has a place for
// it, and for each thing that was asked for where it has one there. What is mirrored of which API stands in a table.
//
// Use:         OTTLA_CHECK(error_reply(context, ErrorCode::request_timed_out));
// Concurrency: pure.
// Errors:      out_of_budget.
#pragma once

#include <cstdint>

#include "base/arena.h"
#include "base/result.h"
#include "protocol/api.h"
#include "protocol/error_code.h"
#include "protocol/fields.h"
#include "server/request_context.h"

namespace ottla::server {

struct FailedRequest {
  const protocol::ApiInfo& api;
  std::int16_t version;
  const void* request;  // a structure of api.request
};

// `response` is a structure of api.response with all defaults.
Result<> error_reply(const FailedRequest& failed, protocol::ErrorCode error, protocol::NullableText message,
                     Arena& arena, void* response);

inline Result<> error_reply(RequestContext& context, protocol::ErrorCode error,
                            protocol::NullableText message = nullptr) {
  return error_reply({.api = context.api(), .version = context.version(), .request = context.request}, error,
                     message, context.arena, context.response);
}

}  // namespace ottla::server
