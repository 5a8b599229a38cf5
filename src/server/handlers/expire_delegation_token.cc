#include "server/handlers/expire_delegation_token.h"

#include <cstdint>

#include "protocol/error_code.h"

namespace ottla::server {

Result<> answer_expire_delegation_token(RequestContext&, const protocol::ExpireDelegationTokenRequest&,
                                        protocol::ExpireDelegationTokenResponse& response) {
  response.error_code = static_cast<std::int16_t>(protocol::ErrorCode::delegation_token_request_not_allowed);
  response.expiry_timestamp_ms = -1;
  return {};
}

}  // namespace ottla::server
