#include "server/handlers/sasl.h"

#include <cstdint>

#include "protocol/error_code.h"

namespace ottla::server {
namespace {

constexpr auto kOutOfTurn = static_cast<std::int16_t>(protocol::ErrorCode::illegal_sasl_state);

}  // namespace

Result<> answer_sasl_handshake(RequestContext&, const protocol::SaslHandshakeRequest&,
                               protocol::SaslHandshakeResponse& response) {
  response.error_code = kOutOfTurn;
  return {};
}

Result<> answer_sasl_authenticate(RequestContext&, const protocol::SaslAuthenticateRequest&,
                                  protocol::SaslAuthenticateResponse& response) {
  response.error_code = kOutOfTurn;
  response.error_message = "SaslAuthenticate request received after successful authentication";
  return {};
}

}  // namespace ottla::server
