#include "server/handlers/envelope.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>

#include "base/error.h"
#include "base/log.h"
#include "base/slice.h"
#include "protocol/error_code.h"
#include "runtime/address.h"
#include "server/dispatcher.h"
#include "server/envelope.h"

namespace ottla::server {
namespace {

using protocol::ErrorCode;

// An address as its bytes; its port is not known here.
std::optional<Address> address_of(std::span<const std::byte> bytes) {
  const auto take = [&bytes]<std::size_t kSize>(std::array<std::uint8_t, kSize>& into) {
    std::ranges::transform(bytes, into.begin(),
                           [](std::byte each) { return std::to_integer<std::uint8_t>(each); });
  };
  if (bytes.size() == 4) {
    std::array<std::uint8_t, 4> ip{};
    take(ip);
    return Address::ipv4(ip, 0);
  }
  if (bytes.size() == 16) {
    std::array<std::uint8_t, 16> ip{};
    take(ip);
    return Address::ipv6(ip, 0);
  }
  return std::nullopt;
}

ErrorCode code_of(const Error& error) {
  switch (error.code()) {
    case Errc::unsupported:
      return ErrorCode::unsupported_version;
    case Errc::invalid_argument:
    case Errc::malformed:
    case Errc::truncated:
      return ErrorCode::invalid_request;
    default:
      return ErrorCode::unknown_server_error;
  }
}

Outcome refuse(protocol::EnvelopeResponse& response, ErrorCode error) {
  response.error_code = static_cast<std::int16_t>(error);
  return Outcome::reply;
}

}  // namespace

Task<Result<Outcome>> open_envelope(RequestContext& context, const protocol::EnvelopeRequest& request,
                                    protocol::EnvelopeResponse& response) {
  context.exempt = true;  // what is in it is counted
  Result<Principal> principal = decode_principal(request.request_principal.as_span());
  if (!principal.ok()) co_return refuse(response, ErrorCode::principal_deserialization_failure);
  const std::optional<Address> peer = address_of(request.client_host_address.as_span());
  if (!peer) co_return refuse(response, ErrorCode::invalid_request);

  ClientInfo client = context.client;
  client.peer = *peer;
  client.principal = std::move(*principal);
  const auto offset = static_cast<std::size_t>(request.request_data.data() - context.incoming.frame.data());
  Slice frame = context.incoming.frame.subslice(offset, request.request_data.size());
  Result<Dispatcher::Answered> answered = co_await context.node.dispatcher->serve_frame(
      std::move(client), std::move(frame), Way::forwarded, context.cancel);
  if (!answered.ok()) {
    if (answered.error() == Errc::cancelled) co_return answered.error();
    context.node.log.info("an envelope holds no request that is served", field("peer", context.client.peer),
                          field("reason", answered.error()));
    co_return refuse(response, code_of(answered.error()));
  }
  if (answered->not_controller) co_return refuse(response, ErrorCode::not_controller);
  const Slice bytes = answered->answer.flatten();
  response.response_data = protocol::Bytes(bytes.as_span());
  context.kept.append(bytes);
  co_return Outcome::reply;
}

}  // namespace ottla::server
