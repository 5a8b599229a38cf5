// How an API is served: one entry of a listener's table.
//
// Use:         Result<> describe_x(RequestContext&, const protocol::XRequest&, protocol::XResponse&);
//              constexpr Handler kX = handler<&describe_x>(protocol::ApiKey::x);
//              A handler that waits is a Task<Result<Outcome>> of the same parameters.
// Errors:      a handler's error is for what ought not to be: it is logged, and the client is told that the server
//              failed. What a client may expect to go wrong stands in the response.
#pragma once

#include <cstdint>
#include <type_traits>
#include <utility>

#include "base/invariant.h"
#include "base/result.h"
#include "protocol/api_key.h"
#include "protocol/message.h"
#include "runtime/clock.h"
#include "runtime/shard.h"
#include "runtime/task.h"
#include "server/request_context.h"

namespace ottla::server {

enum class Outcome : std::uint8_t {
  reply,
  silence,  // the client expects no answer
  hang_up,
};

struct Handler {
  protocol::ApiKey key;
  Task<Result<Outcome>> (*serve)(RequestContext& context);
  // May begin before a request of the same kind in front of it has been answered.
  bool overlaps = false;
  // Reads its body by itself: context.request is null.
  bool decodes = false;
};

namespace handler_internal {

template <typename F>
struct Parts;
template <typename R, typename Request, typename Response>
struct Parts<R (*)(RequestContext&, const Request&, Response&)> {
  using Returned = R;
  using RequestType = Request;
  using ResponseType = Response;
};

template <auto kFunction>
Task<Result<Outcome>> serve(RequestContext& context) {
  using P = Parts<decltype(kFunction)>;
  const auto& request = context.request_as<typename P::RequestType>();
  auto& response = context.response_as<typename P::ResponseType>();
  if constexpr (std::is_same_v<typename P::Returned, Result<>>) {
    const Instant begun = this_shard().exact_now();
    Result<> answered = kFunction(context, request, response);
    context.busy += this_shard().exact_now() - begun;
    OTTLA_CO_CHECK(std::move(answered));
    co_return Outcome::reply;
  } else {
    co_return co_await kFunction(context, request, response);
  }
}

}  // namespace handler_internal

template <auto kFunction>
constexpr Handler handler(protocol::ApiKey key) {
  return {.key = key, .serve = handler_internal::serve<kFunction>};
}

constexpr Handler overlapping(Handler handler) {
  handler.overlaps = true;
  return handler;
}

}  // namespace ottla::server
