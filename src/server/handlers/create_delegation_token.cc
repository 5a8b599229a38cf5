#include "server/handlers/create_delegation_token.h"

#include <cstdint>

#include "protocol/error_code.h"

namespace ottla::server {

Result<> answer_create_delegation_token(RequestContext& context,
                                        const protocol::CreateDelegationTokenRequest& request,
                                        protocol::CreateDelegationTokenResponse& response) {
  const Principal& requester = context.client.principal;
  const bool has_owner = !request.owner_principal_name.value_or("").empty();
  response.error_code = static_cast<std::int16_t>(protocol::ErrorCode::delegation_token_request_not_allowed);
  response.principal_type = has_owner ? request.owner_principal_type.value_or("") : requester.type;
  response.principal_name = has_owner ? *request.owner_principal_name : requester.name;
  if (context.version() > 2) {
    response.token_requester_principal_type = requester.type;
    response.token_requester_principal_name = requester.name;
  }
  response.issue_timestamp_ms = -1;
  response.expiry_timestamp_ms = -1;
  response.max_timestamp_ms = -1;
  return {};
}

}  // namespace ottla::server
