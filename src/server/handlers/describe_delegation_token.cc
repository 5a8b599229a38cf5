#include "server/handlers/describe_delegation_token.h"

#include <cstdint>

#include "protocol/error_code.h"

namespace ottla::server {

Result<> answer_describe_delegation_token(RequestContext&, const protocol::DescribeDelegationTokenRequest&,
                                          protocol::DescribeDelegationTokenResponse& response) {
  response.error_code = static_cast<std::int16_t>(protocol::ErrorCode::delegation_token_request_not_allowed);
  return {};
}

}  // namespace ottla::server
