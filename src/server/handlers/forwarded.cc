#include "server/handlers/forwarded.h"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/arena.h"
#include "base/budget.h"
#include "base/chain.h"
#include "base/error.h"
#include "base/slice.h"
#include "protocol/codec.h"
#include "protocol/error_code.h"
#include "protocol/request_header.h"
#include "server/controller_door.h"
#include "server/error_reply.h"
#include "server/response_fields.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;

constexpr std::size_t kLargestHeader = std::size_t{64} << 10;

// The body of an answer, and how long its client is to be left waiting.
Result<> take(RequestContext& context, Chain answer) {
  const Slice bytes = answer.flatten();
  Budget budget("response header", kLargestHeader);
  Arena arena(budget);
  std::int32_t correlation = 0;
  OTTLA_TRY(const std::size_t head, protocol::read_response_head(bytes.as_span(), context.api(),
                                                                 context.version(), arena, correlation));
  if (correlation != context.incoming.head.correlation) {
    return Error(Errc::malformed, "the controller answered another request");
  }
  const Slice body = bytes.subslice(head, bytes.size() - head);
  OTTLA_CHECK(
      protocol::decode(*context.api().response,
                       {.bytes = body.as_span(), .version = context.version(), .rest = protocol::Rest::left},
                       &context.arena, context.response));
  context.mute = std::chrono::milliseconds(throttle_time(*context.api().response, context.response));
  context.body = Chain(body);
  return {};
}

}  // namespace

Task<Result<Outcome>> forward_to_controller(RequestContext& context) {
  Result<Chain> answer = co_await context.node.controller->forward(context.client, context.incoming.frame);
  if (answer.ok()) {
    OTTLA_CO_CHECK(take(context, std::move(*answer)));
    co_return Outcome::reply;
  }
  switch (answer.error().code()) {
    case Errc::cancelled:
    case Errc::closed:
    case Errc::unsupported:  // the client is to look again which versions there are
      co_return Outcome::hang_up;
    case Errc::timed_out:
      OTTLA_CO_CHECK(error_reply(context, ErrorCode::request_timed_out));
      co_return Outcome::reply;
    default:
      OTTLA_CO_CHECK(error_reply(context, ErrorCode::unknown_server_error));
      co_return Outcome::reply;
  }
}

}  // namespace ottla::server
