#include "server/handlers/forwarded.h"

#include <algorithm>
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
#include "protocol/frame_splitter.h"
#include "protocol/request_header.h"
#include "server/controller_door.h"
#include "server/error_reply.h"
#include "server/response_fields.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;

constexpr std::size_t kLargestHeader = std::size_t{64} << 10;

// Reads an answer into the response; gives its body.
Result<Slice> take(RequestContext& context, Chain answer, void* response) {
  const Slice bytes = answer.flatten();
  Budget budget("response header", kLargestHeader);
  Arena arena(budget);
  std::int32_t correlation = 0;
  OTTLA_TRY(const std::size_t head, protocol::read_response_head(bytes.as_span(), context.api(),
                                                                 context.version(), arena, correlation));
  if (correlation != context.incoming.head.correlation) {
    return Error(Errc::malformed, "the controller answered another request");
  }
  Slice body = bytes.subslice(head, bytes.size() - head);
  OTTLA_CHECK(
      protocol::decode(*context.api().response,
                       {.bytes = body.as_span(), .version = context.version(), .rest = protocol::Rest::left},
                       &context.arena, response));
  context.kept.append(body);
  context.mute = std::max(
      context.mute, Duration(std::chrono::milliseconds(throttle_time(*context.api().response, response))));
  return body;
}

// What a client is told when the controller could not be asked.
Result<Outcome> refuse(RequestContext& context, const Error& error, const void* request, void* response) {
  ErrorCode code = ErrorCode::unknown_server_error;
  switch (error.code()) {
    case Errc::cancelled:
    case Errc::closed:
    case Errc::unsupported:  // the client is to look again which versions there are
      return Outcome::hang_up;
    case Errc::timed_out:
      code = ErrorCode::request_timed_out;
      break;
    default:
      break;
  }
  OTTLA_CHECK(error_reply({.api = context.api(), .version = context.version(), .request = request}, code,
                          nullptr, context.arena, response));
  return Outcome::reply;
}

}  // namespace

Task<Result<Outcome>> forward_to_controller(RequestContext& context) {
  Result<Chain> answer = co_await context.node.controller->forward(context.client, context.incoming.frame);
  if (!answer.ok()) co_return refuse(context, answer.error(), context.request, context.response);
  OTTLA_CO_TRY(Slice body, take(context, std::move(*answer), context.response));
  context.body = Chain(std::move(body));
  co_return Outcome::reply;
}

Task<Result<Outcome>> ask_controller_for(RequestContext& context, protocol::Encodable body, void* response) {
  OTTLA_CO_TRY(Chain frame, protocol::encode_request(body, {.correlation = context.incoming.head.correlation,
                                                            .client_id = context.incoming.head.client_id}));
  frame.consume(protocol::FrameSplitter::kSizeBytes);
  Result<Chain> answer = co_await context.node.controller->forward(context.client, frame.flatten());
  if (!answer.ok()) co_return refuse(context, answer.error(), body.data, response);
  OTTLA_CO_CHECK(take(context, std::move(*answer), response));
  co_return Outcome::reply;
}

}  // namespace ottla::server
