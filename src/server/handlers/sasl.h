// SaslHandshake and SaslAuthenticate where nobody has to authenticate: they come out of turn.
#pragma once

#include "base/result.h"
#include "protocol/messages/sasl_authenticate.h"
#include "protocol/messages/sasl_handshake.h"
#include "server/request_context.h"

namespace ottla::server {

Result<> answer_sasl_handshake(RequestContext& context, const protocol::SaslHandshakeRequest& request,
                               protocol::SaslHandshakeResponse& response);
Result<> answer_sasl_authenticate(RequestContext& context, const protocol::SaslAuthenticateRequest& request,
                                  protocol::SaslAuthenticateResponse& response);

}  // namespace ottla::server
